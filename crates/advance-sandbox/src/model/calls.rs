//! The three documented calls.

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::Duration;

use http::{HeaderMap, Request};

use super::config::{Charging, RegionRefusal, Unfinished};
use super::ending::{Ending, Kind};
use super::endpoint::Endpoint;
use super::failure::Failure;
use super::hint;
use super::ids;
use super::journal::{self, Price};
use super::params::Params;
use super::person;
use super::redirect;
use super::refusal::{self, Refusal};
use super::reply::{Answer, Data};
use super::result::{self, ResultData};
use super::scenario::{self, Oddity, Place, Script};
use super::time::UnixMs;
use super::verification::{Poll, Verification};
use super::{Asked, Vendor};

/// How far a timestamp may be off, in milliseconds either way.
const SKEW_MS: u64 = 300_000;
const DEFAULT_PERIOD_S: u64 = 3600;

/// What is learned of a call besides its answer.
#[derive(Default)]
pub(super) struct Trace {
    pub(super) user_id: Option<String>,
    pub(super) signature_id: Option<String>,
    /// How the reply looks otherwise than the examples.
    pub(super) oddity: Option<Oddity>,
    /// What probably went wrong.
    pub(super) hint: Option<Cow<'static, str>>,
}

impl Vendor {
    pub(super) fn generate_token(
        &mut self,
        params: &Params,
        peer: IpAddr,
        now: UnixMs,
        trace: &mut Trace,
    ) -> Result<Answer, Failure> {
        let access_key = params.text("accessKey")?;
        let signature = params.text("signature")?;
        let timestamp = params.digits("timestamp")?.ok_or(refusal::EMPTY)?;
        let period = period(params.digits("periodSecond")?.as_deref())?;
        self.accounts.meet(access_key, now)?;
        check_timestamp(&timestamp, now).inspect_err(|_| {
            trace.hint = Some(hint::timestamp(&timestamp, now.as_millis()).into());
        })?;
        let customer = self.accounts.sign_in(access_key, |secret_key| {
            let right = ids::signed(signature, access_key, secret_key, &timestamp);
            if !right {
                trace.hint = Some(hint::signature(signature, access_key, secret_key, &timestamp).into());
            }
            right
        })?;
        self.play(access_key, Endpoint::GenerateToken, trace)?;
        let uuid = self.ids.long();
        let token = self
            .accounts
            .issue(customer, (&uuid, peer), now, period)
            .ok_or(refusal::SERVER_ERROR)?;
        let stated = now.after(period).shifted(self.behaviour.expired_time_offset_ms);
        Ok(Answer::free(Data::Token {
            token,
            expired_time: stated.as_millis(),
        }))
    }

    pub(super) fn generate_url(
        &mut self,
        request: &Request<Vec<u8>>,
        params: &Params,
        now: UnixMs,
        trace: &mut Trace,
    ) -> Result<Answer, Failure> {
        let owner = self.enter(request.headers(), Endpoint::GenerateUrl, now, trace)?;
        let return_url = params.text("returnUrl")?;
        let fail_return_url = params.text("failReturnUrl")?;
        let region = params.text("region")?;
        let user_id = params.optional_text("userId")?;
        trace.user_id = user_id.map(journal::clipped);
        // One message for both (a guess): the document has none for failReturnUrl.
        if !redirect::allowed(return_url) || !redirect::allowed(fail_return_url) {
            return Err(refusal::RETURN_URL.into());
        }
        if region != "IDN" {
            return Err(match self.behaviour.region_refusal {
                RegionRefusal::RegionWrong => refusal::REGION_WRONG.into(),
                RegionRefusal::ParameterError => refusal::REGION_PARAMETER.into(),
            });
        }
        let script = match user_id {
            Some(name) => scenario::asked(name, Place::UserId, now)?,
            None => None,
        };
        let life = self.behaviour.link_life;
        let customer = self.accounts.customer(&owner).ok_or(refusal::SERVER_ERROR)?;
        let signature_id = self.ids.short();
        let uuid = self.link_uuid(&signature_id);
        let token = self
            .accounts
            .link_token(customer, &uuid, now, life)
            .ok_or(refusal::SERVER_ERROR)?;
        trace.signature_id = Some(signature_id.clone());
        let mut verification = Verification::new(owner, (return_url, fail_return_url), now);
        verification.user_id.clone_from(&trace.user_id);
        verification.link_expires = now.after(life);
        if let Some(script) = script {
            verification.follow(script);
        }
        trace.oddity = trace.oddity.or(verification.oddity());
        let expires = verification.link_expires;
        self.verifications.insert(signature_id.clone(), verification);
        let base = asked(request).map_or(self.public_base.as_str(), |asked| &asked.page);
        let url = format!("{base}/h5-idv/?token={token}&signatureId={signature_id}");
        Ok(Answer::free(Data::Link {
            signature_id,
            url,
            expired_time: expires.as_millis(),
        }))
    }

    pub(super) fn get_result(
        &mut self,
        request: &Request<Vec<u8>>,
        params: &Params,
        now: UnixMs,
        trace: &mut Trace,
    ) -> Result<Answer, Failure> {
        let owner = self.enter(request.headers(), Endpoint::GetResult, now, trace)?;
        let signature_id = params.text("signatureId")?;
        trace.signature_id = Some(journal::clipped(signature_id));
        // What belongs to somebody else does not exist (a guess).
        let known = self
            .verifications
            .get(signature_id)
            .filter(|verification| verification.owner == owner)
            .ok_or(refusal::NO_SUCH_SIGNATURE)?;
        trace.oddity = trace.oddity.or(known.oddity());
        let poll = self
            .verifications
            .change(signature_id, |verification| verification.poll(now));
        let (data, first) = match poll.ok_or(refusal::NO_SUCH_SIGNATURE)? {
            Poll::Fails(failure) => return Err(failure),
            Poll::Unfinished => (self.unfinished()?, false),
            Poll::Finished { ending, first } => {
                let base = asked(request).map_or(self.image_base(), |asked| &asked.images);
                (self.data(signature_id, &ending, base, now), first)
            }
        };
        Ok(Answer::new(data, self.price(first)))
    }

    /// The account that a call is made for, unless its token is no good or its scenario has something else in mind.
    fn enter(
        &mut self,
        headers: &HeaderMap,
        endpoint: Endpoint,
        now: UnixMs,
        trace: &mut Trace,
    ) -> Result<String, Failure> {
        let owner = self
            .accounts
            .owner(access_token(headers), &self.ids, now)?
            .to_owned();
        self.play(&owner, endpoint, trace)?;
        Ok(owner)
    }

    /// Plays the scenario of an account.
    fn play(&mut self, access_key: &str, endpoint: Endpoint, trace: &mut Trace) -> Result<(), Failure> {
        match self.accounts.script(access_key, endpoint) {
            Some((Script::Odd(oddity), _)) => trace.oddity = Some(*oddity),
            Some((Script::Fails(_, when, failure), number)) if when.hits(number, || self.ids.dice()) => {
                return Err(failure.clone());
            }
            _ => {}
        }
        Ok(())
    }

    /// What tells the token of this link from that of another one.
    pub(super) fn link_uuid(&self, signature_id: &str) -> String {
        hex::encode(&ids::keyed(&self.link_key, signature_id)[..16])
    }

    /// What get-result delivers of a verification that came to `ending`; none if `data` is null.
    fn data(&self, signature_id: &str, ending: &Ending, base: &str, now: UnixMs) -> Option<Data> {
        let outcome = match &ending.0 {
            Kind::Exact(data) => return Some(Data::Exact(data.clone())),
            Kind::Outcome(outcome) | Kind::Changed(outcome, _) => *outcome,
        };
        let found = outcome.findings();
        let links = self.image_links(signature_id, base, found.cropped, now);
        let result = ResultData::new(found, &person::SYNTHETIC, links);
        match ending.changes() {
            None if found.null_data => None,
            None if found.absent => Some(Data::Changed(result.with_absent_members())),
            None => Some(Data::Result(Box::new(result))),
            Some(changes) => {
                let mut data = if found.absent {
                    result.with_absent_members()
                } else {
                    serde_json::to_value(&result).unwrap_or_default()
                };
                result::merge(&mut data, changes);
                Some(Data::Changed(data))
            }
        }
    }

    fn unfinished(&self) -> Result<Option<Data>, Refusal> {
        match self.behaviour.unfinished {
            Unfinished::NullFields => Ok(Some(Data::Result(Box::default()))),
            Unfinished::NullData => Ok(None),
            Unfinished::SignatureNotExist => Err(refusal::NO_SUCH_SIGNATURE),
        }
    }

    fn price(&self, first_delivery: bool) -> Option<Price> {
        match self.behaviour.charging {
            Charging::PayPerResult if first_delivery => Some(Price::Pay),
            Charging::Documented | Charging::PayPerResult => Some(Price::Free),
            Charging::PayPerPoll => Some(Price::Pay),
            Charging::Omit => None,
        }
    }
}

/// By which address the sandbox was asked, if its server found that out.
fn asked(request: &Request<Vec<u8>>) -> Option<&Asked> {
    request.extensions().get()
}

fn access_token(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-access-token")?.to_str().ok()
}

/// Thirteen digits, at most 300 s off. Only the 300 s come from a document, of a sibling product.
fn check_timestamp(digits: &str, now: UnixMs) -> Result<(), Refusal> {
    let thirteen = digits.len() == 13 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let stamp: Option<u64> = digits.parse().ok().filter(|_| thirteen);
    match stamp {
        Some(stamp) if stamp.abs_diff(now.as_millis()) <= SKEW_MS => Ok(()),
        _ => Err(refusal::TIMESTAMP),
    }
}

/// What is out of the documented range is refused, which is a guess; the vendor may as well clamp it.
fn period(digits: Option<&str>) -> Result<Duration, Refusal> {
    let seconds = match digits {
        None => DEFAULT_PERIOD_S,
        Some(digits) => digits.parse().map_err(|_| refusal::WRONG_TYPE)?,
    };
    if (60..=86_400).contains(&seconds) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err(refusal::WRONG_TYPE)
    }
}
