//! Links to the photographs.

use std::fmt;
use std::time::Duration;

use super::CalendarDate;
use super::date::number;
use crate::time::UnixMillis;
use crate::url;
use crate::wipe::Wiped;

/// How long a link lives by the document ("24 hours"), where the link itself does not say.
const LIFE: Duration = Duration::from_secs(24 * 3_600);

/// A presigned link to a photograph of somebody's card. Any holder can fetch the picture for a day, so `Debug`
/// shows its origin only, and the text is wiped when dropped.
///
/// It leads to another host than the API: never send the token there, and check [`is_https`](Self::is_https) and
/// [`host`](Self::host) before fetching it yourself. An expired one is replaced by asking for the result again.
#[derive(Clone, PartialEq, Eq)]
pub struct ImageLink(Wiped<String>);

impl ImageLink {
    /// The link exactly as it came; the percent-encoding in its query is part of the signature.
    pub fn expose_url(&self) -> &str {
        &self.0
    }

    /// Scheme, host and port, as in `https://bucket.oss-ap-southeast-5.aliyuncs.com`; none if it is no URL with a
    /// sound host part. A user name or password in it is not sound.
    pub fn origin(&self) -> Option<String> {
        url::origin(&self.0)
    }

    /// The host, in lower case; none where there is no [`origin`](Self::origin).
    pub fn host(&self) -> Option<String> {
        url::host(&self.0)
    }

    /// Whether it is an `https` URL with a sound host part.
    pub fn is_https(&self) -> bool {
        url::sound(&self.0).is_some_and(|uri| uri.scheme_str() == Some("https"))
    }

    /// When it ends by the storage's clock, as the link itself says, else 24 hours after the reply that brought it was
    /// `received`.
    ///
    /// The document says a day for one picture and 24 hours for the other, and its samples, whose `Expires=` is in
    /// seconds since 1970, live for longer. What newer signatures have instead is in no document of the vendor's: it
    /// is the storages' own notation, `x-oss-date` and `x-oss-expires` of Alibaba's or `X-Amz-Date` and
    /// `X-Amz-Expires` of a server that speaks S3.
    pub fn expires_at(&self, received: UnixMillis) -> UnixMillis {
        match self.expires().or_else(|| self.signed_and_good_for()) {
            Some(seconds) => UnixMillis::new(seconds.saturating_mul(1_000)),
            None => received.saturating_add(LIFE),
        }
    }

    /// How long it still lives; zero once it has ended.
    pub fn remaining(&self, received: UnixMillis, now: UnixMillis) -> Duration {
        self.expires_at(received).saturating_since(now)
    }

    fn expires(&self) -> Option<u64> {
        whole(self.parameter(|name| name == "Expires")?)
    }

    /// The end of a signature of the fourth version: its date, and so many seconds.
    fn signed_and_good_for(&self) -> Option<u64> {
        [["x-oss-date", "x-oss-expires"], ["x-amz-date", "x-amz-expires"]]
            .into_iter()
            .find_map(|names| {
                let [date, life] = names.map(|known| self.parameter(|name| name.eq_ignore_ascii_case(known)));
                Some(timestamp(date?)?.saturating_add(whole(life?)?))
            })
    }

    /// The value of a parameter of the presigned query, if it stands there once.
    fn parameter(&self, is_it: impl Fn(&str) -> bool) -> Option<&str> {
        let address = self.0.split('#').next()?;
        let (_, query) = address.split_once('?')?;
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let mut found = pairs.filter(|(name, _)| is_it(name));
        let (_, value) = found.next()?;
        found.next().is_none().then_some(value)
    }
}

fn whole(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

/// Reads `YYYYMMDDTHHMMSSZ` as seconds since 1970.
fn timestamp(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let two = |text: &str, at: usize| number(text.get(at..at + 2)?, 2..=2);
    let narrow = |number: Option<u16>| u8::try_from(number?).ok();
    if (date.len(), time.len()) != (8, 6) {
        return None;
    }
    let year = number(date.get(..4)?, 4..=4)?;
    let day = CalendarDate::new(year, narrow(two(date, 4))?, narrow(two(date, 6))?)?;
    let [hour, minute, second] = [two(time, 0)?, two(time, 2)?, two(time, 4)?].map(u64::from);
    let real = hour < 24 && minute < 60 && second < 60;
    real.then(|| Some(day.unix_days()? * 86_400 + hour * 3_600 + minute * 60 + second))?
}

impl From<&str> for ImageLink {
    fn from(text: &str) -> Self {
        Self(Wiped::new(text.to_owned()))
    }
}

impl fmt::Debug for ImageLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ImageLink({})", url::Origin(&self.0))
    }
}

#[cfg(feature = "serialize")]
impl serde::Serialize for ImageLink {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECEIVED: UnixMillis = UnixMillis::new(1_700_000_000_000);

    #[test]
    fn the_link_itself_says_when_it_ends() {
        for (query, seconds) in [
            (
                "?Expires=1708657481&OSSAccessKeyId=k&Signature=s%3D",
                1_708_657_481,
            ),
            ("?Signature=s&Expires=1", 1),
            ("?Expires=0", 0),
            // What does not say so plainly does not say so.
            ("", 1_700_086_400),
            ("?", 1_700_086_400),
            ("?expires=1708657481", 1_700_086_400),
            ("?XExpires=1708657481", 1_700_086_400),
            ("?Expires=", 1_700_086_400),
            ("?Expires=-5", 1_700_086_400),
            ("?Expires=+5", 1_700_086_400),
            ("?Expires=soon", 1_700_086_400),
            ("?Expires=99999999999999999999", 1_700_086_400),
            ("?Expires=1&Expires=2", 1_700_086_400),
            ("#?Expires=1708657481", 1_700_086_400),
        ] {
            let link = ImageLink::from(format!("https://i.example/a.png{query}").as_str());
            assert_eq!(
                link.expires_at(RECEIVED),
                UnixMillis::new(seconds * 1_000),
                "{query}"
            );
        }
        let far = ImageLink::from("https://i.example/?Expires=18446744073709551615");
        assert_eq!(far.expires_at(RECEIVED), UnixMillis::new(u64::MAX));
        assert_eq!(far.remaining(RECEIVED, UnixMillis::new(u64::MAX)), Duration::ZERO);
    }

    #[test]
    fn newer_signatures_say_when_they_were_made_and_for_how_long_they_are_good() {
        for (query, seconds) in [
            ("?x-oss-date=20240221T102130Z&x-oss-expires=3600", 1_708_514_490),
            (
                "?X-Amz-Expires=86400&X-Amz-Date=20240221T102130Z&X-Amz-Signature=s",
                1_708_597_290,
            ),
            ("?X-OSS-Date=19700101T000000Z&X-Oss-Expires=0", 0),
            (
                "?Expires=1708657481&x-oss-date=20240221T102130Z&x-oss-expires=3600",
                1_708_657_481,
            ),
            // What does not say so plainly does not say so.
            ("?x-oss-date=20240221T102130Z", 1_700_086_400),
            ("?x-oss-expires=3600", 1_700_086_400),
            ("?x-oss-date=20240221T102130Z&x-amz-expires=3600", 1_700_086_400),
            ("?x-oss-date=20240230T102130Z&x-oss-expires=3600", 1_700_086_400),
            ("?x-oss-date=20240221T242130Z&x-oss-expires=3600", 1_700_086_400),
            ("?x-oss-date=20240221T106030Z&x-oss-expires=3600", 1_700_086_400),
            ("?x-oss-date=20240221T102160Z&x-oss-expires=3600", 1_700_086_400),
            ("?x-oss-date=20240221T1021300Z&x-oss-expires=3600", 1_700_086_400),
            ("?x-oss-date=202402210T102130Z&x-oss-expires=3600", 1_700_086_400),
            ("?x-oss-date=20240221T1021é0Z&x-oss-expires=3600", 1_700_086_400),
            ("?x-oss-date=20240221102130&x-oss-expires=3600", 1_700_086_400),
            ("?x-oss-date=19691231T235959Z&x-oss-expires=3600", 1_700_086_400),
            ("?x-oss-date=20240221T102130Z&x-oss-expires=-1", 1_700_086_400),
            ("?x-oss-date=20240221T102130Z&x-oss-expires=", 1_700_086_400),
            (
                "?x-oss-date=20240221T102130Z&x-oss-expires=1&X-Oss-Expires=2",
                1_700_086_400,
            ),
        ] {
            let link = ImageLink::from(format!("https://i.example/a.png{query}").as_str());
            assert_eq!(
                link.expires_at(RECEIVED),
                UnixMillis::new(seconds * 1_000),
                "{query}"
            );
        }
    }

    #[test]
    fn remaining_counts_down_to_nothing() {
        let link = ImageLink::from("https://i.example/a.png");
        let day = Duration::from_secs(86_400);
        assert_eq!(link.remaining(RECEIVED, RECEIVED), day);
        let last = RECEIVED.saturating_add(day);
        assert_eq!(link.remaining(RECEIVED, last), Duration::ZERO);
        assert_eq!(link.remaining(RECEIVED, last.saturating_add(day)), Duration::ZERO);
    }

    #[test]
    fn fault_57_what_is_no_https_link_says_so() {
        for (url, https, host) in [
            ("https://i.example/a.png", true, Some("i.example")),
            ("HTTPS://I.example:8443/a.png", true, Some("i.example")),
            ("http://i.example/a.png", false, Some("i.example")),
            ("https://169.254.169.254/latest", true, Some("169.254.169.254")),
            ("https://user:pass@i.example/", false, None),
            ("javascript:alert(1)", false, None),
            ("file:///etc/passwd", false, None),
            ("not a URL", false, None),
            ("", false, None),
        ] {
            let link = ImageLink::from(url);
            assert_eq!(link.is_https(), https, "{url}");
            assert_eq!(link.host().as_deref(), host, "{url}");
            assert_eq!(link.origin().is_some(), host.is_some(), "{url}");
        }
    }

    #[test]
    fn debug_shows_the_origin_alone() {
        let link = ImageLink::from("https://i.example/hidden.png?Signature=hidden");
        assert_eq!(format!("{link:?}"), "ImageLink(https://i.example/…)");
    }
}
