//! One token and one link: what the vendor says of the keys, the clock, the path and the account.

use advance_core::error::ProtocolFault;
use advance_core::wire::CodeClass;
use advance_core::{BaseUrl, Code, Credentials, Error, ErrorKind, GenerateUrl, Period, Region, ReturnUrl};

use super::report::Report;
use crate::net::api::{Api, Parts};
use crate::net::clock;
use crate::net::transport::Wiring;
use crate::out::Out;
use crate::stop::Stop;

pub(super) fn check(
    blocking: bool,
    base_url: BaseUrl,
    credentials: Credentials,
    wiring: &Wiring,
    report: &mut Report<'_>,
    out: &Out,
) -> Result<(), Stop> {
    let parts = Parts {
        base_url,
        insecure_host: None,
        credentials,
        wiring: wiring.clone(),
        period: Period::default(),
        blocking,
        curl: false,
        kept: false,
    };
    let api = Api::new(parts, out)?;
    let token = api.ask_token();
    if let Some(offset) = api.clock() {
        clock_line(offset, report)?;
    }
    match token {
        Ok(_) => report.ok("token", "host, path, keys and signature are right")?,
        Err(error) => return token_failure(&error, api.clock(), report),
    }
    let url = ReturnUrl::new("https://example.com/advance-doctor")?;
    match api.ask_url(GenerateUrl::new(url.clone(), url, Region::IDN)) {
        Ok(_) => report.ok("account", "may make links (one was made, and sent to no one)"),
        Err(error) => {
            let (message, remedy) = (said(&error), error.hint());
            let what = match error.kind() {
                ErrorKind::Api(CodeClass::Balance) => "the balance is used up",
                ErrorKind::Api(CodeClass::Account | CodeClass::Auth) => {
                    "the account may not use this product or country"
                }
                _ => "a link could not be had",
            };
            report.failure("account", &format!("{what}: {message}"), remedy)
        }
    }
}

fn clock_line(offset: clock::Offset, report: &mut Report<'_>) -> Result<(), Stop> {
    let remedy = clock_remedy(Some(offset));
    match offset.millis.unsigned_abs() {
        0..=5_000 => report.ok("clock", "agrees with the server's"),
        5_001..=120_000 => report.warning("clock", &format!("it is {offset}"), remedy),
        _ => {
            let message = format!("it is {offset}; the vendor refuses more than 300 s");
            report.failure("clock", &message, remedy)
        }
    }
}

fn clock_remedy(offset: Option<clock::Offset>) -> &'static str {
    match offset {
        Some(offset) if offset.is_beyond_repair() => clock::BEYOND_REPAIR,
        Some(offset) if offset.millis.unsigned_abs() > 120_000 => {
            "set it, and turn on NTP (this program works around it, others do not)"
        }
        _ => "turn on NTP; more than 300 s are refused",
    }
}

fn said(error: &Error) -> String {
    let code = error.code().map(ToString::to_string).unwrap_or_default();
    let message = error
        .message()
        .map(|message| format!(" ({message})"))
        .unwrap_or_default();
    let id = error
        .transaction_id()
        .map(|id| format!(", transactionId {id}"))
        .unwrap_or_default();
    if code.is_empty() {
        crate::problem::what(error)
    } else {
        format!("{code}{message}{id}")
    }
}

fn token_failure(error: &Error, offset: Option<clock::Offset>, report: &mut Report<'_>) -> Result<(), Stop> {
    let said = said(error);
    let message = error.message().unwrap_or_default().to_ascii_lowercase();
    let (what, remedy) = match (error.kind(), error.code()) {
        (_, Some(Code::ParameterError)) if message.contains("signature") => (
            "the secretKey is not the one of this accessKey",
            "copy both again, from one account; mind blanks and line breaks",
        ),
        (_, Some(Code::ParameterError)) if message.contains("timestamp") => {
            ("the clock is too far off", clock_remedy(offset))
        }
        (_, Some(Code::IamFailed)) => (
            "the accessKey is not known here",
            "check that host and account belong together, that it is not the secretKey, and that the account is alive",
        ),
        (_, Some(Code::AccountDisabled)) => ("the account is disabled", "ask the vendor's support"),
        (_, Some(Code::ClientError)) | (ErrorKind::Protocol(ProtocolFault::Status(404)), _) => (
            "the path is wrong",
            "check the base URL: what comes before /openapi belongs to it, and nothing else",
        ),
        (ErrorKind::Protocol(ProtocolFault::NotJson | ProtocolFault::Redirect), _) => (
            "something else than the API answers",
            "check the base URL; a portal or a proxy may have answered",
        ),
        _ => ("no token could be had", error.hint()),
    };
    report.failure("token", &format!("{what}: {said}"), remedy)
}
