//! What kinds of failure there are.

use crate::transport::FailureKind;
use crate::wire::CodeClass;

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Refused here, before anything was sent: a value breaks a rule that the text names.
    Invalid,
    /// No reply came: the network, TLS, a proxy or a time limit.
    Transport(FailureKind),
    /// A reply came that is no envelope of this API.
    Protocol(ProtocolFault),
    /// A reply came that is nearly an envelope: the text names the place in the JSON that does not fit.
    Decode,
    /// The code is `SUCCESS` and `data` is missing or null.
    MissingData,
    /// The vendor answered with a failure code; [`Error::code`](crate::Error::code) has it.
    Api(CodeClass),
    /// The server issues tokens that are expired on arrival by its own clock.
    DeadToken,
    /// The call's total time ran out while it waited for its turn.
    Deadline,
    /// The link ended before the person had finished.
    LinkExpired,
    /// As many polls were charged as the wait's policy allows, and the person had not finished.
    ChargeLimit,
    /// The link to a picture has ended, or its host refuses it. Ask get-result again for a new one.
    ImageExpired,
    /// What came instead of a picture is neither a PNG nor a JPEG.
    NotAPicture,
    /// The time to wait for the person ran out.
    NotFinished,
}

impl ErrorKind {
    /// A stable name in snake case, one of a few: for a metric's label or OpenTelemetry's `error.type`. What varies without
    /// end, such as a status, is not in it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Transport(kind) => kind.name(),
            Self::Protocol(fault) => fault.name(),
            Self::Decode => "decode",
            Self::MissingData => "missing_data",
            Self::Api(class) => class.name(),
            Self::DeadToken => "dead_token",
            Self::Deadline => "deadline",
            Self::LinkExpired => "link_expired",
            Self::ChargeLimit => "charge_limit",
            Self::ImageExpired => "image_expired",
            Self::NotAPicture => "not_a_picture",
            Self::NotFinished => "not_finished",
        }
    }
}

impl ProtocolFault {
    const fn name(self) -> &'static str {
        match self {
            Self::Redirect => "redirect",
            Self::Status(_) => "status",
            Self::NotJson => "not_json",
            Self::Empty => "empty",
            Self::Encoding => "encoding",
        }
    }
}

/// How a reply failed to be an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProtocolFault {
    /// A redirect, which this SDK never follows: it would carry the token to another origin.
    Redirect,
    /// A status that is not a success, with a body that is no envelope.
    Status(u16),
    /// A success status with a page or other text instead of JSON.
    NotJson,
    /// A success status with no body.
    Empty,
    /// A compressed body that was not asked for.
    Encoding,
}
