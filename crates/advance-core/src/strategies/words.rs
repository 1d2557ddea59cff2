//! Enumerations of this crate's own, each drawn from all it has.

use proptest::prelude::*;
use proptest::sample::select;

use super::text::any_text;
use crate::advice::Advice;
use crate::charge::Charge;
use crate::domain::{CheckReason, Finding, MissingCheck, Outcome, PictureFormat, Sex};
use crate::error::{ErrorKind, ProtocolFault};
use crate::session::{Purpose, WaitReason};
use crate::suites::parser::Ask;
use crate::transport::{FailureKind, Phase, Sent};
use crate::url::ReturnMismatch;
use crate::wire::{Auth, Code, CodeClass, DecodeFault, Replay, UnknownWord};

macro_rules! any_of {
    ($($name:ident = $type:ident { $($variant:ident)+ })+) => {$(
        #[doc = concat!("Any [`", stringify!($type), "`].")]
        pub fn $name() -> impl Strategy<Value = $type> + Clone {
            // Does not compile when a variant is missing.
            const fn listed(word: $type) -> $type {
                match word {
                    $($type::$variant => word,)+
                }
            }
            select(vec![$(listed($type::$variant)),+])
        }
    )+};
}

any_of! {
    advice = Advice {
        FixRequest CheckSignatureId CheckCredentials CheckAccount TopUp NewLink AskAgain AskWhenBack TryLater
        CheckNetwork ContactSupport
    }
    ask = Ask { GenerateToken GenerateUrl GetResult }
    auth = Auth { None AccessToken }
    charge = Charge { Free Pay Unknown }
    check_reason = CheckReason {
        SameDate DifferentDate NikHasNoRealDate UnbelievableDate SameSex DifferentSex NikTellsNoSex NotRead Masked Unreadable
    }
    code_class = CodeClass {
        Success Request NotFound Auth Credentials Account Balance Throttle Server Unknown
    }
    decode_fault = DecodeFault { Utf8 Syntax Truncated Shape }
    finding = Finding { Agree Differ NotComparable }
    missing_check = MissingCheck { IsLowQuality ForgeryLabels }
    outcome = Outcome { Passed Failed NeedsReview NotFinished }
    phase = Phase { Connect Exchange }
    picture_format = PictureFormat { Png Jpeg }
    purpose = Purpose { Call Token Renewal Replacement Download }
    replay = Replay { Free MayCharge }
    return_mismatch = ReturnMismatch { Address Query SignatureId Ambiguous }
    sent = Sent { No Maybe }
    sex = Sex { Male Female }
    wait_reason = WaitReason { Retry Token HeldOff Poll }
}

/// Any kind of failure of a transport.
pub fn failure_kind() -> impl Strategy<Value = FailureKind> + Clone {
    use FailureKind as Kind;
    prop_oneof![
        8 => select(vec![
            Kind::Connect, Kind::Tls, Kind::Proxy, Kind::Reset, Kind::Body, Kind::TooLarge, Kind::Http, Kind::Refused,
            Kind::Other,
        ]),
        1 => phase().prop_map(Kind::Timeout),
    ]
}

/// Any way of a reply to be no envelope.
pub fn protocol_fault() -> impl Strategy<Value = ProtocolFault> + Clone {
    use ProtocolFault as Fault;
    prop_oneof![
        4 => select(vec![Fault::Redirect, Fault::NotJson, Fault::Empty, Fault::Encoding]),
        1 => (100..1_000_u16).prop_map(Fault::Status),
    ]
}

/// Any kind of error.
pub fn error_kind() -> impl Strategy<Value = ErrorKind> + Clone {
    use ErrorKind as Kind;
    prop_oneof![
        8 => select(vec![
            Kind::Invalid, Kind::Decode, Kind::MissingData, Kind::DeadToken, Kind::Deadline, Kind::LinkExpired,
            Kind::ImageExpired, Kind::NotAPicture, Kind::NotFinished, Kind::ChargeLimit,
        ]),
        1 => failure_kind().prop_map(Kind::Transport),
        1 => protocol_fault().prop_map(Kind::Protocol),
        1 => code_class().prop_map(Kind::Api),
    ]
}

/// Any word that no variant of [`Code`] has.
pub fn unknown_word() -> impl Strategy<Value = UnknownWord> + Clone {
    any_text().prop_filter_map("of no document", |text| match Code::from(text.as_str()) {
        Code::Unknown(word) => Some(word),
        _ => None,
    })
}
