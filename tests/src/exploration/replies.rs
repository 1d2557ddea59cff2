//! The alphabet: what may come back to a request. A new kind of reply is a line here.

use std::time::Duration;

use advance_core::transport::{FailureKind, Sent};

/// What may come back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reply {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Envelope(Envelope),
    /// No envelope: a status and a body.
    Page(u16, &'static str, Option<&'static str>),
    Lost(FailureKind, Sent),
    /// A picture.
    Picture,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Envelope {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) price: Option<&'static str>,
    pub(super) data: Data,
    pub(super) retry_after: Option<&'static str>,
    /// The message repeats the keys and the token.
    pub(super) echoes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Data {
    None,
    /// What was asked for. A token lives so long by the server's `Date`.
    Asked(Duration),
    /// A verification that has not finished.
    Unfinished,
}

const HOUR: Duration = Duration::from_secs(3_600);

const fn envelope(name: &'static str, code: &'static str, price: Option<&'static str>, data: Data) -> Reply {
    Reply {
        name,
        kind: Kind::Envelope(Envelope {
            status: 200,
            code,
            price,
            data,
            retry_after: None,
            echoes: false,
        }),
    }
}

const fn free(name: &'static str, code: &'static str) -> Reply {
    envelope(name, code, Some("FREE"), Data::None)
}

const fn told(name: &'static str, code: &'static str, status: u16, wait: &'static str) -> Reply {
    Reply {
        name,
        kind: Kind::Envelope(Envelope {
            status,
            code,
            price: Some("FREE"),
            data: Data::None,
            retry_after: Some(wait),
            echoes: false,
        }),
    }
}

const fn page(name: &'static str, status: u16, body: &'static str) -> Reply {
    Reply {
        name,
        kind: Kind::Page(status, body, None),
    }
}

const fn lost(name: &'static str, kind: FailureKind, sent: Sent) -> Reply {
    Reply {
        name,
        kind: Kind::Lost(kind, sent),
    }
}

pub(super) const OK: Reply = envelope("answer", "SUCCESS", Some("FREE"), Data::Asked(HOUR));
pub(super) const PAID: Reply = envelope("answer, PAY", "SUCCESS", Some("PAY"), Data::Asked(HOUR));
pub(super) const UNPRICED: Reply = envelope("answer, no price", "SUCCESS", None, Data::Asked(HOUR));
pub(super) const BRIEF: Reply = envelope(
    "token for two seconds",
    "SUCCESS",
    Some("FREE"),
    Data::Asked(Duration::from_secs(2)),
);
pub(super) const DEAD: Reply = envelope("dead token", "SUCCESS", Some("FREE"), Data::Asked(Duration::ZERO));
pub(super) const UNFINISHED: Reply = envelope("unfinished", "SUCCESS", Some("FREE"), Data::Unfinished);
pub(super) const UNFINISHED_PAID: Reply =
    envelope("unfinished, PAY", "SUCCESS", Some("PAY"), Data::Unfinished);
pub(super) const NO_DATA: Reply = envelope("no data", "SUCCESS", Some("FREE"), Data::None);
pub(super) const NO_DATA_PAID: Reply = envelope("no data, PAY", "SUCCESS", Some("PAY"), Data::None);
pub(super) const IAM: Reply = free("IAM_FAILED", "IAM_FAILED");
pub(super) const IAM_PAID: Reply = envelope("IAM_FAILED, PAY", "IAM_FAILED", Some("PAY"), Data::None);
pub(super) const IAM_TOLD: Reply = told("IAM_FAILED, Retry-After: 3", "IAM_FAILED", 200, "3");
pub(super) const UNKNOWN_ID: Reply = free("SIGNATURE_NOT_EXIST", "SIGNATURE_NOT_EXIST");
pub(super) const ERROR: Reply = free("ERROR", "ERROR");
pub(super) const ERROR_PAID: Reply = envelope("ERROR, PAY", "ERROR", Some("PAY"), Data::None);
pub(super) const BUSY: Reply = free("SERVICE_BUSY", "SERVICE_BUSY");
pub(super) const BUSY_TOLD: Reply = told("SERVICE_BUSY, Retry-After: 2s", "SERVICE_BUSY", 200, "2s");
pub(super) const LATER_LONG: Reply = told("RETRY_LATER, Retry-After: 90", "RETRY_LATER", 200, "90");
pub(super) const PARAMETER: Reply = free("PARAMETER_ERROR", "PARAMETER_ERROR");
pub(super) const DISABLED: Reply = free("ACCOUNT_DISABLED", "ACCOUNT_DISABLED");
pub(super) const BALANCE: Reply = free("INSUFFICIENT_BALANCE", "INSUFFICIENT_BALANCE");
pub(super) const UNDOCUMENTED: Reply =
    envelope("undocumented code, no price", "LUNCH_BREAK", None, Data::None);
pub(super) const TOO_MANY: Reply = told("429, Retry-After: 3", "SERVICE_BUSY", 429, "3");
pub(super) const SORRY: Reply = page("503 page", 503, "<html>Sorry</html>");
pub(super) const SORRY_TOLD: Reply = Reply {
    name: "503 page, Retry-After: 4",
    kind: Kind::Page(503, "<html>Sorry</html>", Some("4")),
};
pub(super) const BROKEN: Reply = page("500 page", 500, "<html>Oops</html>");
pub(super) const FORBIDDEN: Reply = page("401 page", 401, "<html>Who are you?</html>");
pub(super) const EXPIRED: Reply = page("403", 403, "<Error>AccessDenied</Error>");
pub(super) const REDIRECT: Reply = page("redirect", 302, "");
pub(super) const CUT: Reply = page("cut envelope", 200, r#"{"code":"SUCC"#);
pub(super) const EMPTY: Reply = page("empty", 200, "");
pub(super) const UNREACHED: Reply = lost("not connected", FailureKind::Connect, Sent::No);
pub(super) const RESET: Reply = lost("reset", FailureKind::Reset, Sent::Maybe);
pub(super) const HALF: Reply = lost("half a body", FailureKind::Body, Sent::Maybe);
pub(super) const UNTRUSTED: Reply = lost("TLS refused", FailureKind::Tls, Sent::No);
pub(super) const PICTURE: Reply = Reply {
    name: "picture",
    kind: Kind::Picture,
};
pub(super) const ECHO: Reply = Reply {
    name: "PARAMETER_ERROR that repeats the keys",
    kind: Kind::Envelope(Envelope {
        status: 200,
        code: "PARAMETER_ERROR",
        price: Some("FREE"),
        data: Data::None,
        retry_after: None,
        echoes: true,
    }),
};
