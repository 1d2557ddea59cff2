//! Control calls: what tests do through a method, over HTTP, below `/__sandbox/`.

use std::time::Duration;

use http::header::ALLOW;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use serde_json::value::RawValue;

use super::config::{Charging, RegionRefusal, Unfinished};
use super::ending::{Ending, Ready};
use super::endpoint::Endpoint;
use super::failure::Failure;
use super::outcome::Outcome;
use super::{MAX_BODY, Vendor, reply};

type Refused = (StatusCode, String);

/// Either one of the outcomes, or data to deliver as it is.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Ended {
    Outcome(Outcome),
    Data(Box<RawValue>),
}

/// All of it is optional, and what is not known is refused, so that a typing error does not pass for a fault that
/// the client survived.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Faults {
    busy: Option<Planned>,
    error: Option<Planned>,
    retry_later: Option<Planned>,
    fail: Option<Planned>,
    #[serde(default)]
    revoke_tokens: bool,
    disable_account: Option<String>,
    enable_account: Option<String>,
    charging: Option<Charging>,
    region: Option<RegionRefusal>,
    unfinished: Option<Unfinished>,
    expired_time_offset_ms: Option<i64>,
    date_offset_ms: Option<i64>,
    delay_ms: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Planned {
    endpoint: Endpoint,
    #[serde(default = "once")]
    times: u32,
    retry_after: Option<String>,
    status: Option<u16>,
    code: Option<String>,
    message: Option<String>,
}

const fn once() -> u32 {
    1
}

impl Planned {
    /// `base` with what was said otherwise.
    fn failure(&self, base: Failure) -> Result<Failure, Refused> {
        let code = self.code.clone().map_or(base.code, Into::into);
        let message = self.message.clone().map_or(base.message, Into::into);
        let mut failure = Failure::new(code, message);
        if let Some(text) = &self.retry_after {
            let text = HeaderValue::from_str(text)
                .map_err(|_| malformed("retryAfter is not the text of a header"))?;
            failure = failure.retry_after(text);
        }
        if let Some(status) = self.status {
            let status = StatusCode::from_u16(status)
                .ok()
                .filter(|status| status.as_u16() >= 200)
                .ok_or_else(|| malformed("status is not an HTTP status from 200 to 999"))?;
            failure = failure.status(status);
        }
        Ok(failure)
    }
}

impl Vendor {
    pub(super) fn control(&mut self, request: &Request<Vec<u8>>, path: &str) -> Response<Vec<u8>> {
        let body = request.body();
        let is = |method: &Method| request.method() == method;
        let done = match path {
            "journal" | "ledger" if !is(&Method::GET) => return not_allowed("GET"),
            "journal" => return reply::json(StatusCode::OK, &self.journal),
            "ledger" => return reply::json(StatusCode::OK, &self.ledger),
            "reset" | "faults" if !is(&Method::POST) => return not_allowed("POST"),
            "reset" => {
                self.reset();
                Ok(())
            }
            "faults" => parse(body).and_then(|faults| self.apply(faults)),
            _ => match path.strip_prefix("verifications/") {
                Some(_) if !is(&Method::POST) => return not_allowed("POST"),
                Some(id) => parse(body).and_then(|ended| self.end_by_control(id, ended)),
                None => Err((StatusCode::NOT_FOUND, "no such control call".to_owned())),
            },
        };
        match done {
            Ok(()) => reply::json(StatusCode::OK, &json!({"ok": true})),
            Err((status, text)) => reply::json(status, &json!({"error": text})),
        }
    }

    fn end_by_control(&mut self, signature_id: &str, ended: Ended) -> Result<(), Refused> {
        let ending: Ending = match ended {
            Ended::Outcome(outcome) => outcome.into(),
            Ended::Data(data) => Ending::exactly(data),
        };
        if self.finish_when(signature_id, ending, Ready::Now) {
            Ok(())
        } else {
            Err((StatusCode::NOT_FOUND, "no such signatureId".to_owned()))
        }
    }

    /// All of it or nothing.
    fn apply(&mut self, faults: Faults) -> Result<(), Refused> {
        for account in [&faults.disable_account, &faults.enable_account]
            .into_iter()
            .flatten()
        {
            if !self.accounts.exists(account) {
                return Err((StatusCode::NOT_FOUND, "no such account".to_owned()));
            }
        }
        let mut planned = Vec::new();
        for (plan, base) in [
            (&faults.busy, Failure::busy()),
            (&faults.error, Failure::error()),
            (&faults.retry_later, Failure::retry_later()),
            (&faults.fail, Failure::error()),
        ] {
            if let Some(plan) = plan {
                planned.push((plan.endpoint, plan.times, plan.failure(base)?));
            }
        }
        for (endpoint, times, failure) in planned {
            self.fail_next(endpoint, times, failure);
        }
        if faults.revoke_tokens {
            self.revoke_all_tokens();
        }
        for (account, enabled) in [(faults.disable_account, false), (faults.enable_account, true)] {
            if let Some(account) = account {
                self.set_account_enabled(&account, enabled);
            }
        }
        let now = &mut self.behaviour;
        set(&mut now.charging, faults.charging);
        set(&mut now.region_refusal, faults.region);
        set(&mut now.unfinished, faults.unfinished);
        set(&mut now.expired_time_offset_ms, faults.expired_time_offset_ms);
        set(&mut now.date_offset_ms, faults.date_offset_ms);
        set(&mut now.delay, faults.delay_ms.map(Duration::from_millis));
        Ok(())
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    if body.len() > MAX_BODY {
        return Err((
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("more than {MAX_BODY} bytes"),
        ));
    }
    serde_json::from_slice(body).map_err(|error| malformed(&error.to_string()))
}

fn malformed(text: &str) -> Refused {
    (StatusCode::BAD_REQUEST, text.to_owned())
}

fn not_allowed(method: &'static str) -> Response<Vec<u8>> {
    let error = json!({"error": format!("only {method} is allowed here")});
    let mut response = reply::json(StatusCode::METHOD_NOT_ALLOWED, &error);
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(method));
    response
}
