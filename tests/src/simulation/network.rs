//! The way between the machine and the vendor: what becomes of a request, and of its reply.

use std::time::{Duration, UNIX_EPOCH};

use advance_core::transport::{Failure, FailureKind, Phase, Sent};
use advance_sandbox::model::{Endpoint, Failure as Planned, Price};
use advance_sandbox::{UnixMs, Vendor};
use http::header::{AGE, CONTENT_ENCODING, CONTENT_TYPE, DATE, LOCATION, RETRY_AFTER};
use http::{HeaderValue, Request, Response, StatusCode};

use super::dice::Dice;
use super::fault::Fault;
use super::retry_after::{Asked, retry_after};
use super::tokens::token_in;
use super::truth::{Meaning, Resend, Target, Told, Truth};

/// What the client is told in the end, and what is true.
pub(super) struct Reply {
    pub(super) outcome: Result<Response<Vec<u8>>, Failure>,
    pub(super) truth: Truth,
}

/// What becomes of a request.
pub(super) enum Way {
    /// It never arrives, and this comes back.
    Back(Reply),
    /// It arrives.
    There,
    /// It vanishes.
    Nowhere,
}

impl Reply {
    fn failed(kind: FailureKind, sent: Sent, truth: Truth) -> Self {
        Self {
            outcome: Err(Failure::new(kind, sent)),
            truth,
        }
    }

    /// The limit ran out; the request may have arrived.
    pub(super) fn timeout(target: Target) -> Self {
        let kind = FailureKind::Timeout(Phase::Exchange);
        Self::failed(kind, Sent::Maybe, Truth::lost(target, Meaning::Passing))
    }
}

/// What happens to a request before it arrives.
pub(super) fn before(
    fault: Option<Fault>,
    target: Target,
    request: &Request<Vec<u8>>,
    date: u64,
    dice: &mut Dice,
) -> Way {
    let unsent = |kind, meaning| Way::Back(Reply::failed(kind, Sent::No, Truth::unsent(meaning)));
    match fault {
        Some(Fault::Unreachable) => unsent(FailureKind::Connect, Meaning::Passing),
        Some(Fault::ConnectTimeout) => unsent(FailureKind::Timeout(Phase::Connect), Meaning::Passing),
        Some(Fault::ResetUnsent) => unsent(FailureKind::Reset, Meaning::Passing),
        Some(Fault::TlsBroken) => unsent(FailureKind::Tls, Meaning::Final),
        Some(Fault::ProxyBroken) => unsent(FailureKind::Proxy, Meaning::Final),
        Some(Fault::RequestLost) => Way::Nowhere,
        Some(Fault::ResetBefore) => {
            let truth = Truth::lost(target, Meaning::Passing);
            Way::Back(Reply::failed(FailureKind::Reset, Sent::Maybe, truth))
        }
        Some(Fault::TurnedAway) => {
            let status = dice.pick(&[StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE]);
            let truth = Truth::new(Told::Unknown, Resend::Free, Meaning::Passing);
            Way::Back(page(status, "try later", truth, date, dice))
        }
        Some(Fault::Forbidden) => {
            let status = dice.pick(&[StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN]);
            let truth = if status == StatusCode::UNAUTHORIZED && target != Target::Token {
                // It turns the request away for its token.
                Truth::new(Told::Unknown, Resend::Free, Meaning::Rejected)
            } else {
                Truth::new(Told::Unknown, Resend::Never, Meaning::Final)
            };
            Way::Back(page(status, "who are you?", truth, date, dice))
        }
        Some(Fault::CaptivePage) => {
            let truth = Truth::new(Told::Unknown, Resend::Never, Meaning::Final);
            Way::Back(page(StatusCode::OK, "log in to the hotel", truth, date, dice))
        }
        Some(Fault::ErrorPage) if dice.one_in(2) => Way::Back(error_page(target, date, dice)),
        Some(Fault::Redirected) if dice.one_in(2) => Way::Back(redirect(dice)),
        Some(Fault::Echo) if dice.one_in(4) => {
            let truth = Truth::new(Told::Unknown, Resend::Free, Meaning::Passing);
            let status = StatusCode::SERVICE_UNAVAILABLE;
            Way::Back(page(status, &echo_of(request), truth, date, dice))
        }
        _ => Way::There,
    }
}

/// Lets the vendor answer at `at`, and does to the answer what the fault says.
pub(super) fn after(
    fault: Option<Fault>,
    target: Target,
    request: &Request<Vec<u8>>,
    vendor: &mut Vendor,
    at: UnixMs,
    dice: &mut Dice,
) -> Option<Reply> {
    let date = at.shifted(vendor.behaviour().date_offset_ms).as_millis();
    let mut asked = None;
    if let Some(planned) = plan(fault, target, request, date, &mut asked, dice) {
        let endpoint = match target {
            Target::Token => Endpoint::GenerateToken,
            Target::Url => Endpoint::GenerateUrl,
            Target::Result => Endpoint::GetResult,
        };
        vendor.fail_next(endpoint, 1, planned);
    }
    let mut response = vendor.handle(request, at);
    let (code, price) = {
        let entry = vendor.journal().entries().next_back();
        let code = entry.and_then(|entry| entry.code.clone()).unwrap_or_default();
        (code, entry.and_then(|entry| entry.pricing_strategy))
    };
    let mut truth = Truth::envelope(
        target,
        &code,
        price,
        response.status().as_u16(),
        fault != Some(Fault::NoData),
    );
    if let Some(asked) = asked {
        truth.wait = asked.wait;
    }
    let lost = Truth::lost(target, Meaning::Passing);
    let cut = |kind, meaning| {
        let truth = Truth { meaning, ..lost };
        Some(Reply::failed(kind, Sent::Maybe, truth))
    };
    match fault {
        Some(Fault::ReplyLost) => return None,
        Some(Fault::ResetAfter) => return cut(FailureKind::Reset, Meaning::Passing),
        Some(Fault::BodyCut) => return cut(FailureKind::Body, Meaning::Passing),
        Some(Fault::ReplyTooLarge) => return cut(FailureKind::TooLarge, Meaning::Final),
        Some(Fault::NotHttp) => return cut(FailureKind::Http, Meaning::Final),
        Some(Fault::ErrorPage) => return Some(error_page(target, date, dice)),
        Some(Fault::Redirected) => return Some(redirect(dice)),
        Some(Fault::EmptyReply) => {
            *response.body_mut() = Vec::new();
            truth = Truth::new(Told::Unknown, Resend::Never, Meaning::Final).replied();
        }
        Some(Fault::Compressed) => {
            let gzip = HeaderValue::from_static("gzip");
            response.headers_mut().insert(CONTENT_ENCODING, gzip);
            truth = Truth::new(Told::Unknown, Resend::Never, Meaning::Final).replied();
        }
        Some(Fault::Corrupted) => {
            let body = response.body_mut();
            let place = index(dice, body.len());
            body[place] ^= 1 << dice.below(8);
            truth = blurred(price, Meaning::Unclear);
        }
        Some(Fault::Truncated) => {
            let place = index(dice, response.body().len());
            response.body_mut().truncate(place);
            truth = blurred(price, Meaning::Final);
        }
        Some(Fault::DateLost) => {
            response.headers_mut().remove(DATE);
        }
        Some(Fault::Aged) => {
            response.headers_mut().insert(AGE, HeaderValue::from_static("17"));
        }
        Some(Fault::Echo) if code == "SUCCESS" || truth.meaning == Meaning::Rejected => {
            let issued = token_in(response.body()).filter(|_| dice.one_in(2));
            let echo = issued.map_or_else(|| echo_of(request), str::to_owned);
            echo_as_id(&mut response, &echo);
        }
        _ => {}
    }
    Some(Reply {
        outcome: Ok(response),
        truth,
    })
}

/// What is left of a price when the reply is damaged. Only a certain `PAY` is more than the client may guess at.
fn blurred(price: Option<Price>, meaning: Meaning) -> Truth {
    let resend = if price == Some(Price::Pay) {
        Resend::Risky
    } else {
        Resend::Free
    };
    Truth::new(Told::Blurred(price), resend, meaning).replied()
}

/// The failure that the vendor is told to answer with, if the fault is one of its own.
fn plan(
    fault: Option<Fault>,
    target: Target,
    request: &Request<Vec<u8>>,
    date: u64,
    asked: &mut Option<Asked>,
    dice: &mut Dice,
) -> Option<Planned> {
    let mut waits = |planned: Planned, dice: &mut Dice| {
        *asked = retry_after(dice, date);
        match asked {
            Some(asked) => planned.retry_after(asked.header.clone()),
            None => planned,
        }
    };
    Some(match fault? {
        Fault::Busy => {
            let planned = waits(Planned::busy(), dice);
            if dice.one_in(3) {
                planned.status(StatusCode::TOO_MANY_REQUESTS)
            } else {
                planned
            }
        }
        Fault::RetryLater => waits(Planned::retry_later(), dice),
        Fault::ServerError => Planned::error(),
        Fault::IamFailed | Fault::Denied | Fault::KnownLate => {
            let planned = Planned::new("IAM_FAILED", "Token not found or expired");
            if fault != Some(Fault::KnownLate) && dice.one_in(4) {
                waits(planned, dice)
            } else {
                planned
            }
        }
        Fault::ParameterError => Planned::new("PARAMETER_ERROR", "Timestamp error"),
        Fault::AccountCode => {
            let code = dice.pick(&[
                "ACCOUNT_DISABLED",
                "ACCESS_DENIED",
                "SERVICE_DISABLED",
                "OVER_QUERY_LIMIT",
                "INSUFFICIENT_BALANCE",
            ]);
            Planned::new(code, "ask sales")
        }
        Fault::UnknownCode => {
            let planned = Planned::new("MOON_FULL", "wait for the new moon");
            if dice.one_in(2) {
                return Some(planned);
            }
            let planned = waits(planned.status(StatusCode::TOO_MANY_REQUESTS), dice);
            planned.priced(dice.pick(&[None, Some(Price::Free), Some(Price::Pay)]))
        }
        Fault::ChargedFailure => {
            let planned = dice.pick(&[0, 1, 2]);
            let planned = match planned {
                0 => Planned::error(),
                1 => Planned::busy(),
                _ => Planned::new("IAM_FAILED", "Token not found or expired"),
            };
            planned.priced(Some(Price::Pay))
        }
        Fault::UnpricedFailure => Planned::error().priced(None),
        Fault::NoData => Planned::new("SUCCESS", "OK"),
        Fault::Echo => match dice.below(4) {
            0 => Planned::new("SERVICE_BUSY", format!("busy, you sent {}", echo_of(request))),
            1 => Planned::new("PARAMETER_ERROR", format!("wrong: {}", echo_of(request))),
            2 => Planned::new(format!("E_{}", echo_word(request)), "a code of its own"),
            // The vendor knows the secret key as well as its owner does.
            _ if target == Target::Token => Planned::new(
                "ERROR",
                format!("expected sha256({}{}…)", super::ACCESS_KEY, super::SECRET_KEY),
            ),
            _ => return None,
        },
        _ => return None,
    })
}

fn index(dice: &mut Dice, length: usize) -> usize {
    usize::try_from(dice.below(length.max(1) as u64)).unwrap_or(0)
}

fn page(status: StatusCode, text: &str, truth: Truth, date: u64, dice: &mut Dice) -> Reply {
    let mut truth = truth.replied();
    let mut response = Response::new(format!("<html><h1>{}</h1>{text}</html>", status.as_u16()).into_bytes());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    let dated = !dice.one_in(4);
    if dated {
        let then = UNIX_EPOCH + Duration::from_secs(date / 1_000);
        if let Ok(value) = HeaderValue::try_from(httpdate::fmt_http_date(then)) {
            headers.insert(DATE, value);
        }
    }
    if let Some(asked) = retry_after(dice, date) {
        headers.insert(RETRY_AFTER, asked.header);
        truth.wait_unclear = asked.dated && !dated;
        truth.wait = asked.wait.filter(|_| !truth.wait_unclear);
    }
    Reply {
        outcome: Ok(response),
        truth,
    }
}

fn error_page(target: Target, date: u64, dice: &mut Dice) -> Reply {
    let status = dice.pick(&[
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::INTERNAL_SERVER_ERROR,
        StatusCode::BAD_GATEWAY,
        StatusCode::GATEWAY_TIMEOUT,
    ]);
    page(status, "oops", Truth::lost(target, Meaning::Passing), date, dice)
}

fn redirect(dice: &mut Dice) -> Reply {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = dice.pick(&[
        StatusCode::MOVED_PERMANENTLY,
        StatusCode::FOUND,
        StatusCode::SEE_OTHER,
        StatusCode::TEMPORARY_REDIRECT,
        StatusCode::PERMANENT_REDIRECT,
    ]);
    let elsewhere = HeaderValue::from_static("https://elsewhere.example/");
    response.headers_mut().insert(LOCATION, elsewhere);
    Reply {
        outcome: Ok(response),
        truth: Truth::new(Told::Unknown, Resend::Never, Meaning::Final).replied(),
    }
}

/// What a server that repeats what it got would repeat.
fn echo_of(request: &Request<Vec<u8>>) -> String {
    match request.headers().get("x-access-token") {
        Some(token) => format!("X-ACCESS-TOKEN: {}", token.to_str().unwrap_or_default()),
        None => String::from_utf8_lossy(request.body()).into_owned(),
    }
}

/// The same, short enough to pass for a word.
fn echo_word(request: &Request<Vec<u8>>) -> String {
    match request.headers().get("x-access-token") {
        Some(token) => token.to_str().unwrap_or_default().to_owned(),
        None => super::ACCESS_KEY.to_owned(),
    }
}

/// Puts a text where the reply's transaction id is.
fn echo_as_id(response: &mut Response<Vec<u8>>, text: &str) {
    let body = String::from_utf8_lossy(response.body());
    let Some((head, tail)) = body.split_once("\"transactionId\":\"") else {
        return;
    };
    let Some((_, tail)) = tail.split_once('"') else {
        return;
    };
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    let body = format!("{head}\"transactionId\":\"{text}\"{tail}");
    *response.body_mut() = body.into_bytes();
}
