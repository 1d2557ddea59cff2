//! Single values, and requests made of them.

use std::time::Duration;

use proptest::prelude::*;

use super::text::any_text;
use crate::charge::Charges;
use crate::domain::{
    CalendarDate, Expiry, ForgeryLabel, IdvCode, ImageLink, ImageType, Nik, OcrCode, QualityLabel, Reading,
    Region, RtRw, SignatureId, TransactionId, UserId,
};
use crate::secret::{AccessKey, AccessToken, Credentials, SecretKey};
use crate::session::RetryAfter;
use crate::time::{Lifetime, Now, UnixMillis};
use crate::url::{BaseUrl, ReturnUrl, ReturnedUrl};
use crate::wire::{Code, GenerateToken, GenerateUrl, GetResult, Period, PricingStrategy, Timestamp};

/// Documented words, and sometimes one that is not.
fn open<T: Clone + std::fmt::Debug + for<'a> From<&'a str> + 'static>(
    all: &'static [T],
) -> impl Strategy<Value = T> + Clone {
    prop_oneof![
        6 => prop::sample::select(all),
        1 => any_text().prop_map(|text| T::from(text.as_str())),
    ]
}

/// Any code, documented or not.
pub fn code() -> impl Strategy<Value = Code> + Clone {
    open(Code::ALL)
}

/// Any pricing strategy, documented or not.
pub fn pricing_strategy() -> impl Strategy<Value = PricingStrategy> + Clone {
    open(PricingStrategy::ALL)
}

/// Any idvCode, documented or not.
pub fn idv_code() -> impl Strategy<Value = IdvCode> + Clone {
    open(IdvCode::ALL)
}

/// Any ocrCode, documented or not.
pub fn ocr_code() -> impl Strategy<Value = OcrCode> + Clone {
    open(OcrCode::ALL)
}

/// Any image type, documented or not.
pub fn image_type() -> impl Strategy<Value = ImageType> + Clone {
    open(ImageType::ALL)
}

/// Any forgery label, documented or not.
pub fn forgery_label() -> impl Strategy<Value = ForgeryLabel> + Clone {
    open(ForgeryLabel::ALL)
}

/// Any quality label, documented or not.
pub fn quality_label() -> impl Strategy<Value = QualityLabel> + Clone {
    open(QualityLabel::ALL)
}

/// Any time, the ends of the range and today's neighbourhood more often.
pub fn unix_millis() -> impl Strategy<Value = UnixMillis> + Clone {
    prop_oneof![
        3 => 1_500_000_000_000..2_000_000_000_000_u64,
        1 => any::<u64>(),
        1 => prop::sample::select(vec![0, 1, 253_402_300_800_000, u64::MAX - 1, u64::MAX]),
    ]
    .prop_map(UnixMillis::new)
}

pub(super) fn duration() -> impl Strategy<Value = Duration> + Clone {
    prop_oneof![
        4 => (0..10_000_000_u64).prop_map(Duration::from_millis),
        1 => any::<Duration>(),
    ]
}

/// Any reading of the two clocks.
pub fn now() -> impl Strategy<Value = Now> + Clone {
    (unix_millis(), duration()).prop_map(|(wall, mono)| Now { wall, mono })
}

/// Any stretch of monotonic time.
pub fn lifetime() -> impl Strategy<Value = Lifetime> + Clone {
    (duration(), duration()).prop_map(|(start, length)| Lifetime::new(start, length))
}

/// Any time that can be signed.
pub fn timestamp() -> impl Strategy<Value = Timestamp> + Clone {
    (1_000_000_000_000..=9_999_999_999_999_u64)
        .prop_filter_map("13 digits", |millis| Timestamp::new(UnixMillis::new(millis)).ok())
}

/// Any period a token may be asked for.
pub fn period() -> impl Strategy<Value = Period> + Clone {
    (60..=86_400_u64).prop_filter_map("in bounds", |seconds| Period::from_secs(seconds).ok())
}

/// Any access key.
pub fn access_key() -> impl Strategy<Value = AccessKey> + Clone {
    "[!-~]{1,64}".prop_filter_map("sendable", |text| AccessKey::new(text).ok())
}

/// Any secret key.
pub fn secret_key() -> impl Strategy<Value = SecretKey> + Clone {
    "[!-~]{1,64}".prop_filter_map("sendable", |text| SecretKey::new(text).ok())
}

/// Any account.
pub fn credentials() -> impl Strategy<Value = Credentials> + Clone {
    ("[!-~]{1,64}", "[!-~]{1,64}").prop_filter_map("sendable", |(access, secret)| {
        Credentials::new(access, secret).ok()
    })
}

/// Any access token, shaped like a JWT more often than not.
pub fn access_token() -> impl Strategy<Value = AccessToken> + Clone {
    prop_oneof![
        3 => "[A-Za-z0-9_-]{10,40}\\.[A-Za-z0-9_-]{10,80}\\.[A-Za-z0-9_-]{10,80}",
        1 => "[!-~]{1,200}",
    ]
    .prop_filter_map("sendable", |text| AccessToken::new(text).ok())
}

/// Any base URL, `http` on loopback included.
pub fn base_url() -> impl Strategy<Value = BaseUrl> + Clone {
    let place = prop_oneof![
        "https://[a-z]{1,10}\\.example",
        "https://[a-z]{1,10}\\.example:[1-9][0-9]{0,3}",
        "https://\\[2001:db8::[1-9]\\]",
        "http://127\\.0\\.0\\.1:[1-9][0-9]{3}",
    ];
    (place, "(/[a-z0-9._~-]{1,8}){0,3}/{0,2}").prop_filter_map("a base URL", |(place, prefix)| {
        BaseUrl::with_loopback(&format!("{place}{prefix}")).ok()
    })
}

/// Any signatureId: as documented, or anything else that may be sent.
pub fn signature_id() -> impl Strategy<Value = SignatureId> + Clone {
    prop_oneof![3 => "[0-9a-f]{16}", 1 => "\\PC{1,60}"]
        .prop_filter_map("sendable", |text| SignatureId::new(text).ok())
}

/// Any userId.
pub fn user_id() -> impl Strategy<Value = UserId> + Clone {
    prop_oneof![3 => "[0-9a-f]{32}", 1 => "\\PC{1,60}"]
        .prop_filter_map("sendable", |text| UserId::new(text).ok())
}

/// Any transactionId, hostile ones included.
pub fn transaction_id() -> impl Strategy<Value = TransactionId> + Clone {
    prop_oneof![3 => "[0-9a-f]{16}".boxed(), 1 => any_text().boxed()]
        .prop_map(|text| TransactionId::from(text.as_str()))
}

/// Any region.
pub fn region() -> impl Strategy<Value = Region> + Clone {
    prop_oneof![Just("IDN".to_owned()), "[A-Z]{3}"]
        .prop_filter_map("capitals", |text| Region::new(&text).ok())
}

/// The text of a sound web address, with a query more often than not.
pub fn web_url() -> impl Strategy<Value = String> + Clone {
    (
        prop::sample::select(vec!["https", "http"]),
        "[a-z]{1,12}(\\.[a-z]{2,8}){1,2}(:[1-9][0-9]{0,3})?",
        "(/[A-Za-z0-9._~%-]{0,12}){0,4}",
        prop_oneof![
            1 => Just(String::new()),
            2 => "\\?[A-Za-z0-9]{1,8}=[A-Za-z0-9%+._-]{0,30}(&[A-Za-z0-9]{1,8}=[A-Za-z0-9%+._-]{0,30}){0,3}",
            2 => "\\?Expires=[0-9]{1,12}&OSSAccessKeyId=[A-Za-z0-9]{20}&Signature=[A-Za-z0-9%]{20}",
        ],
    )
        .prop_map(|(scheme, host, path, query)| format!("{scheme}://{host}{path}{query}"))
}

/// Any return URL: `https`, this machine, or an app's own scheme.
pub fn return_url() -> impl Strategy<Value = ReturnUrl> + Clone {
    let place = prop_oneof![
        "https://[a-z]{1,12}\\.example(:[1-9][0-9]{0,3})?",
        "http://localhost:[1-9][0-9]{3}",
        "[a-z][a-z0-9]{0,8}app://[a-z]{1,8}",
    ];
    (
        place,
        "(/[A-Za-z0-9._~-]{1,8}){0,3}",
        "(\\?[a-z]{1,5}=[A-Za-z0-9%+]{0,8})?",
        "(#[a-z/]{0,8})?",
    )
        .prop_filter_map("a return URL", |(place, path, query, fragment)| {
            ReturnUrl::new(format!("{place}{path}{query}{fragment}")).ok()
        })
}

/// A URL a browser may come back with, what the page appends included.
pub fn returned_url() -> impl Strategy<Value = ReturnedUrl> + Clone {
    (return_url(), signature_id(), prop::option::of("[A-Z_]{1,20}")).prop_filter_map(
        "a URL",
        |(sent, id, code)| {
            let (address, fragment) = sent.as_str().split_once('#').unwrap_or((sent.as_str(), ""));
            let joint = if address.contains('?') { '&' } else { '?' };
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("signatureId", id.as_str());
            if let Some(code) = &code {
                query.append_pair("errorCode", code);
            }
            ReturnedUrl::parse(&format!("{address}{joint}{}#{fragment}", query.finish())).ok()
        },
    )
}

/// Any day of the calendar.
pub fn calendar_date() -> impl Strategy<Value = CalendarDate> + Clone {
    prop_oneof![
        4 => (1920..2030_u16, 1..=12_u8, 1..=31_u8),
        1 => (1..=9_999_u16, 1..=12_u8, 1..=31_u8),
    ]
    .prop_filter_map("a day that exists", |(year, month, day)| {
        CalendarDate::new(year, month, day)
    })
}

/// Any NIK, with a real date of birth more often than not.
pub fn nik() -> impl Strategy<Value = Nik> + Clone {
    let born = (calendar_date(), any::<bool>(), "[1-9][0-9]{5}", "[0-9]{4}").prop_map(
        |(born, woman, place, serial)| {
            let day = born.day() + if woman { 40 } else { 0 };
            format!(
                "{place}{day:02}{:02}{:02}{serial}",
                born.month(),
                born.year() % 100
            )
        },
    );
    prop_oneof![3 => born, 1 => "[0-9]{16}"].prop_filter_map("16 digits", |text| Nik::new(&text))
}

/// Any neighbourhood.
pub fn rt_rw() -> impl Strategy<Value = RtRw> + Clone {
    (0..=999_u16, 0..=999_u16).prop_map(|(rt, rw)| RtRw { rt, rw })
}

/// Any expiry.
pub fn expiry() -> impl Strategy<Value = Expiry> + Clone {
    prop_oneof![Just(Expiry::ForLife), calendar_date().prop_map(Expiry::On)]
}

/// What may come of reading a field that says such a value.
pub fn reading<T: Clone + std::fmt::Debug>(
    value: impl Strategy<Value = T> + Clone,
) -> impl Strategy<Value = Reading<T>> {
    prop_oneof![
        Just(()).prop_map(|()| Reading::NotRead),
        Just(()).prop_map(|()| Reading::Masked),
        Just(()).prop_map(|()| Reading::Unreadable),
        value.prop_map(Reading::Read),
    ]
}

/// Any link to a photograph, odd ones included.
pub fn image_link() -> impl Strategy<Value = ImageLink> + Clone {
    prop_oneof![3 => web_url().boxed(), 1 => any_text().boxed()]
        .prop_map(|text| ImageLink::from(text.as_str()))
}

/// Any sum of charges.
pub fn charges() -> impl Strategy<Value = Charges> + Clone {
    (any::<u64>(), any::<u64>(), any::<u64>()).prop_map(|(free, pay, unknown)| Charges { free, pay, unknown })
}

/// What a server may ask to wait.
pub fn retry_after() -> impl Strategy<Value = RetryAfter> + Clone {
    prop_oneof![
        duration().prop_map(RetryAfter::Delay),
        unix_millis().prop_map(RetryAfter::At),
    ]
}

/// Any request for a token.
pub fn generate_token() -> impl Strategy<Value = GenerateToken> + Clone {
    (credentials(), timestamp(), prop::option::of(period())).prop_filter_map(
        "13 digits",
        |(keys, time, period)| {
            let request = GenerateToken::sign(&keys, UnixMillis::new(time.get())).ok()?;
            Some(match period {
                Some(period) => request.period(period),
                None => request,
            })
        },
    )
}

/// Any request for a link.
pub fn generate_url() -> impl Strategy<Value = GenerateUrl> + Clone {
    (return_url(), return_url(), region(), prop::option::of(user_id())).prop_map(
        |(done, failed, region, user)| {
            let request = GenerateUrl::new(done, failed, region);
            match user {
                Some(user) => request.user_id(user),
                None => request,
            }
        },
    )
}

/// Any request for a result.
pub fn get_result() -> impl Strategy<Value = GetResult> + Clone {
    signature_id().prop_map(GetResult::new)
}
