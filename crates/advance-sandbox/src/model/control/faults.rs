//! Faults over HTTP.

use std::time::Duration;

use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Done, Refused, json_reply, malformed};
use crate::model::Vendor;
use crate::model::config::{Charging, RegionRefusal, Unfinished};
use crate::model::delivery::SocketFault;
use crate::model::endpoint::Endpoint;
use crate::model::failure::Failure;
use crate::model::faults::{Effect, Fault, Standing};
use crate::model::shape::Shape;
use crate::model::time::UnixMs;
use crate::model::when::When;

/// The longest code, message or header of a planned failure, in bytes.
const LONGEST: usize = 4096;
/// The longest that a reply is kept back.
const LONGEST_DELAY_MS: u64 = 3_600_000;

/// All of it is optional, and what is not known is refused, so that a typing error does not pass for a fault that
/// the client survived.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Faults {
    busy: Option<Planned>,
    error: Option<Planned>,
    retry_later: Option<Planned>,
    fail: Option<Planned>,
    #[serde(default)]
    plan: Vec<PlannedFault>,
    #[serde(default)]
    revoke_tokens: bool,
    disable_account: Option<String>,
    enable_account: Option<String>,
    charging: Option<Charging>,
    region: Option<RegionRefusal>,
    unfinished: Option<Unfinished>,
    strict: Option<bool>,
    expired_time_offset_ms: Option<i64>,
    date_offset_ms: Option<i64>,
    delay_ms: Option<u64>,
}

/// A failure of the next calls.
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

impl Planned {
    fn failure(&self, base: Failure) -> Result<Failure, Refused> {
        let said = Said {
            retry_after: self.retry_after.clone(),
            status: self.status,
            code: self.code.clone(),
            message: self.message.clone(),
        };
        said.failure(base)
    }
}

const fn once() -> u32 {
    1
}

/// What a failure says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Said {
    retry_after: Option<String>,
    status: Option<u16>,
    code: Option<String>,
    message: Option<String>,
}

/// A fault that stands until it is over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PlannedFault {
    endpoint: Option<Endpoint>,
    nth: Option<u64>,
    every: Option<u64>,
    first: Option<u64>,
    chance: Option<f64>,
    times: Option<u32>,
    for_ms: Option<u64>,
    fail: Option<Said>,
    delay_ms: Option<u64>,
    dribble: Option<Dribble>,
    shape: Option<Shape>,
    socket: Option<SocketFault>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Dribble {
    bytes: usize,
    every_ms: u64,
}

impl Said {
    /// `base` with what was said otherwise.
    fn failure(&self, base: Failure) -> Result<Failure, Refused> {
        let texts = [&self.code, &self.message, &self.retry_after];
        if texts.into_iter().flatten().any(|text| text.len() > LONGEST) {
            return Err(malformed(&format!(
                "code, message and retryAfter have at most {LONGEST} bytes"
            )));
        }
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

impl PlannedFault {
    fn fault(&self, now: UnixMs) -> Result<Fault, Refused> {
        let mut fault = Fault::new(self.effect()?).when(self.when()?);
        fault.call = self.endpoint;
        fault.times = self.times;
        fault.until = self.for_ms.map(|life| now.after(Duration::from_millis(life)));
        Ok(fault)
    }

    fn when(&self) -> Result<When, Refused> {
        let chosen = [
            self.nth.map(When::Nth),
            self.every.map(When::Every),
            self.first.map(When::First),
            self.chance.map(When::Chance),
        ];
        let mut chosen = chosen.into_iter().flatten();
        let when = chosen.next().unwrap_or(When::Always);
        let sensible = match when {
            When::Nth(0) | When::Every(0) | When::First(0) => false,
            When::Chance(chance) => (0.0..=1.0).contains(&chance),
            _ => true,
        };
        if !sensible || chosen.next().is_some() {
            return Err(malformed(
                "at most one of nth, every, first, from 1, and chance, from 0 to 1",
            ));
        }
        Ok(when)
    }

    fn effect(&self) -> Result<Effect, Refused> {
        let fail = self
            .fail
            .as_ref()
            .map(|said| said.failure(Failure::error()))
            .transpose()?;
        let dribble = self
            .dribble
            .as_ref()
            .map(|dribble| Effect::Dribble(dribble.bytes.max(1), milliseconds(dribble.every_ms)));
        let chosen = [
            fail.map(Effect::Fail),
            self.delay_ms.map(|delay| Effect::Delay(milliseconds(delay))),
            dribble,
            self.shape.map(Effect::Shape),
            self.socket.map(Effect::Socket),
        ];
        let mut chosen = chosen.into_iter().flatten();
        match (chosen.next(), chosen.next()) {
            (Some(effect), None) => Ok(effect),
            _ => Err(malformed(
                "a fault has one of fail, delayMs, dribble, shape, socket",
            )),
        }
    }
}

fn milliseconds(text: u64) -> Duration {
    Duration::from_millis(text.min(LONGEST_DELAY_MS))
}

impl Vendor {
    /// All of it or nothing.
    pub(super) fn apply(&mut self, faults: Faults, now: UnixMs) -> Result<(), Refused> {
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
        let standing: Result<Vec<_>, _> = faults.plan.iter().map(|plan| plan.fault(now)).collect();
        let standing = standing?;
        let full = || {
            (
                StatusCode::CONFLICT,
                "too much is planned already; DELETE clears it".to_owned(),
            )
        };
        if !self.plan.has_room_for(planned.len()) || !self.faults.has_room_for(standing.len(), now) {
            return Err(full());
        }
        for (endpoint, times, failure) in planned {
            self.fail_next(endpoint, times, failure);
        }
        for fault in standing {
            self.faults.add(fault, now);
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
        set(&mut now.strict, faults.strict);
        set(&mut now.expired_time_offset_ms, faults.expired_time_offset_ms);
        set(&mut now.date_offset_ms, faults.date_offset_ms);
        set(&mut now.delay, faults.delay_ms.map(milliseconds));
        Ok(())
    }

    pub(super) fn show_faults(&self, now: UnixMs) -> Done {
        let standing: Vec<_> = self.faults.standing(now).map(shown).collect();
        json_reply(&json!({
            "planned": self.plan.waiting().map(|(endpoint, times, code)| json!({
                "endpoint": endpoint, "times": times, "code": code,
            })).collect::<Vec<_>>(),
            "standing": standing,
            "behaviour": {
                "charging": self.behaviour.charging,
                "region": self.behaviour.region_refusal,
                "unfinished": self.behaviour.unfinished,
                "strict": self.behaviour.strict,
                "expiredTimeOffsetMs": self.behaviour.expired_time_offset_ms,
                "dateOffsetMs": self.behaviour.date_offset_ms,
                "delayMs": u64::try_from(self.behaviour.delay.as_millis()).unwrap_or(u64::MAX),
            },
            "accounts": self.accounts.list().map(|(key, enabled)| json!({
                "accessKey": clue(key), "enabled": enabled,
            })).collect::<Vec<_>>(),
        }))
    }
}

/// An access key as the documents show one: the first and the last characters.
fn clue(access_key: &str) -> String {
    if access_key.starts_with("sbx-") || access_key == "sampleaccesskey" {
        return access_key.to_owned();
    }
    let letters: Vec<char> = access_key.chars().collect();
    match &letters[..] {
        [first, second, .., last] if letters.len() > 6 => format!("{first}{second}**{last}"),
        _ => "**".to_owned(),
    }
}

fn shown(standing: &Standing) -> Value {
    let fault = &standing.fault;
    let effect = match &fault.effect {
        Effect::Fail(failure) => json!({"fail": {"code": failure.code, "message": failure.message}}),
        Effect::Delay(delay) => json!({"delayMs": delay.as_secs_f64() * 1000.0}),
        Effect::Dribble(bytes, every) => {
            json!({"dribble": {"bytes": bytes, "everyMs": every.as_secs_f64() * 1000.0}})
        }
        Effect::Shape(shape) => json!({"shape": shape}),
        Effect::Socket(socket) => json!({"socket": socket}),
    };
    let when = match fault.when {
        When::Always => json!("always"),
        When::First(count) => json!({"first": count}),
        When::Nth(n) => json!({"nth": n}),
        When::Every(n) => json!({"every": n}),
        When::Chance(chance) => json!({"chance": chance}),
    };
    json!({
        "endpoint": fault.call,
        "when": when,
        "times": fault.times,
        "untilMs": fault.until.map(UnixMs::as_millis),
        "effect": effect,
        "seen": standing.seen,
        "hit": standing.hit,
    })
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}
