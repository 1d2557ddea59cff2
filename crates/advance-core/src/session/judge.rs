//! What a reply means for the call: an answer, or a refusal and whether to send again.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode};

use super::echo;
use super::headers::{is_encoded, is_html, retry_after, server_time};
use super::passing::{self, Passing};
use super::response::Meta;
use super::skew::Skew;
use crate::charge::Charge;
use crate::error::{Error, ErrorKind, ProtocolFault};
use crate::redact::Redaction;
use crate::secret::Credentials;
use crate::time::{Now, UnixMillis};
use crate::transport::{Failure, Sent};
use crate::wipe::Wiped;
use crate::wire::{Code, CodeClass, Endpoint, Envelope, ParseError, PricingStrategy, Replay, parse};

/// An attempt, judged.
#[expect(unnameable_types, reason = "it passes between the methods of a sealed trait")]
pub struct Judged<T> {
    pub(super) result: Result<(T, Meta), Refusal>,
    pub(super) charge: Charge,
    /// The server's clock, if the reply told it.
    pub(super) date: Option<UnixMillis>,
    pub(super) status: Option<StatusCode>,
}

/// Why an attempt did not bring what was asked for.
pub(super) struct Refusal {
    pub(super) error: Error,
    /// Whether the same request may simply be sent again.
    pub(super) resend: Resend,
    /// Whether its price would allow that, if nothing else speaks against it.
    pub(super) price: Resend,
    pub(super) retry_after: Option<Duration>,
}

/// Whether the same request may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resend {
    /// It would fail the same way, or was charged.
    Never,
    /// Nothing speaks against it.
    Allowed,
    /// Only if the caller takes the risk of a second charge.
    MaybeCharged,
}

impl<T> Judged<T> {
    /// Of a request that is not one to the vendor's API.
    pub(super) const fn free(result: Result<(T, Meta), Refusal>, status: Option<StatusCode>) -> Self {
        Self {
            result,
            charge: Charge::Free,
            date: None,
            status,
        }
    }
}

impl Refusal {
    pub(super) fn never(error: Error) -> Self {
        Self {
            error,
            resend: Resend::Never,
            price: Resend::Never,
            retry_after: None,
        }
    }

    /// Whether the request was refused for its token, or its call for its right: the vendor says the same of both.
    pub(super) fn rejects_the_token(&self) -> bool {
        matches!(
            self.error.kind(),
            ErrorKind::Api(CodeClass::Auth) | ErrorKind::Protocol(ProtocolFault::Status(401))
        )
    }

    /// Whether the server itself said no, in a way that holds for everybody who waits for the same answer. A lost
    /// connection or a busy server is the asker's own bad luck.
    pub(super) fn is_verdict(&self) -> bool {
        self.resend == Resend::Never
            && !matches!(self.error.kind(), ErrorKind::Transport(_) | ErrorKind::Invalid)
    }
}

/// What a reply is judged by, as it was when its request went out.
#[expect(unnameable_types, reason = "it passes between the methods of a sealed trait")]
pub struct Known {
    /// None if the rule is broken that keeps them secret.
    pub(super) keys: Option<Credentials>,
    /// What the headers hold that the caller adds to every request.
    pub(super) headers: Box<[HeaderValue]>,
    /// For a `Retry-After` date when the server does not tell its own.
    pub(super) skew: Skew,
}

/// What a request had in it that no judgement of its reply repeats.
#[expect(unnameable_types, reason = "it passes between the methods of a sealed trait")]
#[derive(Clone, Copy)]
pub struct Carried<'a> {
    pub(super) body: &'a [u8],
    /// The values in the query.
    pub(super) asked: &'a [Wiped<String>],
    /// Empty if it carried none.
    pub(super) token: &'a str,
}

/// Judges what came back, or what kept it from coming.
///
/// The keys, the token, what the endpoint calls secret and what the caller put into the request never appear in what the
/// judgement repeats, even if the server echoes them.
pub(super) fn judge<E: Endpoint>(
    endpoint: &E,
    outcome: Result<http::Response<Vec<u8>>, Failure>,
    now: Now,
    known: &Known,
    carried: Carried<'_>,
) -> Judged<E::Output> {
    let response = match outcome {
        Ok(response) => response,
        Err(failure) => return judge_failure::<E>(failure),
    };
    let (parts, body) = response.into_parts();
    // It may be somebody's data, in any case.
    let body = Wiped::new(body);
    let (status, headers) = (parts.status, parts.headers);
    let date = server_time(&headers);
    let told = retry_after(&headers).map(|after| {
        let here = known.skew.corrected(now.wall);
        after.wait(date.unwrap_or(here))
    });
    let judged = |result, charge| Judged {
        result,
        charge,
        date,
        status: Some(status),
    };

    if status.is_redirection() {
        let error = Error::protocol(
            ProtocolFault::Redirect,
            status,
            "the server answered with a redirect, which is not followed because it would carry the token along",
        );
        return judged(Err(Refusal::never(error)), Charge::Unknown);
    }
    if is_encoded(&headers) {
        let error = Error::protocol(
            ProtocolFault::Encoding,
            status,
            "the reply is compressed although nobody asked for that; a proxy on the way may do it",
        );
        return judged(Err(Refusal::never(error)), Charge::Unknown);
    }
    let own = echo::strings_of(carried.body);
    let mut redaction = Redaction::new();
    redaction.own(own.iter().map(echo::Text::as_str));
    redaction.own(carried.asked.iter().map(|text| text.as_str()));
    redaction.secrets([carried.token]);
    redaction.secrets(known.headers.iter().filter_map(|value| value.to_str().ok()));
    redaction.secrets(known.keys.iter().flat_map(Credentials::expose));
    match parse(endpoint, &body) {
        Ok(mut envelope) => {
            let charge = Charge::of(envelope.pricing_strategy.as_ref());
            redaction.secrets(endpoint.secrets(envelope.data.as_ref()));
            (envelope.code, envelope.message, envelope.transaction_id) = (
                echo::code(envelope.code, &redaction),
                envelope.message.map(|message| echo::message(message, &redaction)),
                echo::transaction_id(envelope.transaction_id, &redaction),
            );
            judged(judge_envelope(envelope, body, (status, headers), told), charge)
        }
        Err(problem) => {
            let charge = Charge::of(problem.pricing_strategy.as_ref());
            redaction.secrets(endpoint.secrets(None));
            let page = is_html(&headers);
            let refusal = judge_no_envelope::<E>(problem, body, status, page, told, &redaction);
            judged(Err(refusal), charge)
        }
    }
}

/// What a body that is no envelope means, with all that could be read of it.
fn judge_no_envelope<E: Endpoint>(
    problem: ParseError,
    body: Wiped<Vec<u8>>,
    status: StatusCode,
    page: bool,
    told: Option<Duration>,
    redaction: &Redaction<'_>,
) -> Refusal {
    let charge = Charge::of(problem.pricing_strategy.as_ref());
    let shown = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body).trim_ascii();
    let no_json = page || shown.starts_with(b"<");
    let (error, resend) = if !status.is_success() {
        let error = Error::protocol(
            ProtocolFault::Status(status.as_u16()),
            status,
            format!(
                "the server answered with no envelope{}",
                echo::excerpt::<E>(shown, redaction)
            ),
        );
        (error, resend_by_status::<E>(status))
    } else if shown.is_empty() {
        let error = Error::protocol(ProtocolFault::Empty, status, "the reply is empty");
        (error, Resend::Never)
    } else if no_json {
        let error = Error::protocol(
            ProtocolFault::NotJson,
            status,
            format!(
                "the reply is a page and not JSON: a login page, a captive portal or a wrong base URL?{}",
                echo::excerpt::<E>(shown, redaction)
            ),
        );
        (error, Resend::Never)
    } else {
        let error = Error::decode(problem.error, status).with_reply(body, None);
        (error, Resend::Never)
    };
    let error = error
        .with_code(problem.code.map(|code| echo::code(code, redaction)))
        .with_envelope(
            echo::transaction_id(problem.transaction_id, redaction),
            charge,
            status,
        )
        .with_retry_after(told);
    // 401 turns the request away for its token. That does not pass, but another token may help.
    let price = if status == StatusCode::UNAUTHORIZED {
        Resend::Allowed
    } else {
        resend
    };
    let unless_charged = |resend| match charge {
        Charge::Pay => Resend::Never,
        _ => resend,
    };
    Refusal {
        error,
        resend: unless_charged(resend),
        price: unless_charged(price),
        retry_after: told,
    }
}

fn judge_failure<E: Endpoint>(failure: Failure) -> Judged<E::Output> {
    let charge = failure.sent().charge();
    let resend = match failure.sent() {
        _ if !passing::failure(failure.kind()) => Resend::Never,
        Sent::No => Resend::Allowed,
        Sent::Maybe => after_loss::<E>(),
    };
    Judged {
        result: Err(Refusal {
            error: Error::transport(failure),
            resend,
            price: resend,
            retry_after: None,
        }),
        charge,
        date: None,
        status: None,
    }
}

/// Whether a request that may have been carried out may be sent again.
const fn after_loss<E: Endpoint>() -> Resend {
    match E::REPLAY {
        Replay::Free => Resend::Allowed,
        Replay::MayCharge => Resend::MaybeCharged,
    }
}

fn resend_by_status<E: Endpoint>(status: StatusCode) -> Resend {
    match passing::status(status.as_u16()) {
        Passing::No => Resend::Never,
        Passing::TurnedAway => Resend::Allowed,
        Passing::PerhapsDone => after_loss::<E>(),
    }
}

fn judge_envelope<T>(
    envelope: Envelope<T>,
    body: Wiped<Vec<u8>>,
    (status, headers): (StatusCode, HeaderMap),
    told: Option<Duration>,
) -> Result<(T, Meta), Refusal> {
    let charge = Charge::of(envelope.pricing_strategy.as_ref());
    if envelope.code != Code::Success {
        let price = resend_by_price(envelope.pricing_strategy.as_ref(), &envelope.code, status);
        let resend = if passing::code(&envelope.code, status) {
            price
        } else {
            Resend::Never
        };
        let error = Error::api(envelope.code, envelope.message)
            .with_envelope(envelope.transaction_id, charge, status)
            .with_reply(body, envelope.extra)
            .with_retry_after(told);
        return Err(Refusal {
            error,
            resend,
            price,
            retry_after: told,
        });
    }
    let Some(data) = envelope.data else {
        let error = Error::missing_data()
            .with_code(Some(Code::Success))
            .with_envelope(envelope.transaction_id, charge, status)
            .with_reply(body, envelope.extra)
            .with_retry_after(told);
        return Err(Refusal::never(error));
    };
    let meta = Meta {
        message: envelope.message,
        extra: envelope.extra,
        transaction_id: envelope.transaction_id,
        pricing_strategy: envelope.pricing_strategy,
        raw: body,
        head: Some(Box::new((status, headers))),
    };
    Ok((data, meta))
}

/// Whether the price of a refusal allows another attempt. Without a price, its code may be documented as free, or its
/// status may say that it was turned away.
fn resend_by_price(pricing: Option<&PricingStrategy>, code: &Code, status: StatusCode) -> Resend {
    match pricing {
        Some(PricingStrategy::Free) => Resend::Allowed,
        Some(PricingStrategy::Pay) => Resend::Never,
        None if code.is_documented_free() => Resend::Allowed,
        None if passing::status(status.as_u16()) == Passing::TurnedAway => Resend::Allowed,
        Some(PricingStrategy::Unknown(_)) | None => Resend::MaybeCharged,
    }
}
