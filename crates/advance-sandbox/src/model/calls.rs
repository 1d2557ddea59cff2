//! The three documented calls.

use std::time::Duration;

use http::HeaderMap;

use super::Vendor;
use super::config::{Charging, RegionRefusal, Unfinished};
use super::ids;
use super::journal::{self, Price};
use super::outcome::{Ending, ResultData};
use super::params::Params;
use super::redirect;
use super::refusal::{self, Refusal};
use super::reply::{Answer, Data};
use super::time::UnixMs;
use super::verification::{Poll, Verification};

/// How far a timestamp may be off, in milliseconds either way.
const SKEW_MS: u64 = 300_000;
const DEFAULT_PERIOD_S: u64 = 3600;

/// What the journal learns of a call.
#[derive(Default)]
pub(super) struct Trace {
    pub(super) user_id: Option<String>,
    pub(super) signature_id: Option<String>,
}

impl Vendor {
    pub(super) fn generate_token(&mut self, params: &Params, now: UnixMs) -> Result<Answer, Refusal> {
        let access_key = params.text("accessKey")?;
        let signature = params.text("signature")?;
        let timestamp = params.digits("timestamp")?.ok_or(refusal::EMPTY)?;
        let period = period(params.digits("periodSecond")?.as_deref())?;
        check_timestamp(&timestamp, now)?;
        let customer = self.accounts.sign_in(access_key, |secret_key| {
            ids::signed(signature, access_key, secret_key, &timestamp)
        })?;
        let uuid = self.ids.long();
        let token = self
            .mint
            .token(customer, &uuid, now, period)
            .ok_or(refusal::SERVER_ERROR)?;
        let expires = now.after(period);
        self.accounts.issue(token.clone(), access_key, expires);
        let stated = expires.shifted(self.behaviour.expired_time_offset_ms);
        Ok(Answer::free(Data::Token {
            token,
            expired_time: stated.as_millis(),
        }))
    }

    pub(super) fn generate_url(
        &mut self,
        headers: &HeaderMap,
        params: &Params,
        now: UnixMs,
        trace: &mut Trace,
    ) -> Result<Answer, Refusal> {
        let owner = self.accounts.owner(access_token(headers), now)?.to_owned();
        let return_url = params.text("returnUrl")?;
        let fail_return_url = params.text("failReturnUrl")?;
        let region = params.text("region")?;
        let user_id = params.optional_text("userId")?;
        trace.user_id = user_id.map(journal::clipped);
        // One message for both (a guess): the document has none for failReturnUrl.
        if !redirect::allowed(return_url) || !redirect::allowed(fail_return_url) {
            return Err(refusal::RETURN_URL);
        }
        if region != "IDN" {
            return Err(match self.behaviour.region_refusal {
                RegionRefusal::RegionWrong => refusal::REGION_WRONG,
                RegionRefusal::ParameterError => refusal::REGION_PARAMETER,
            });
        }
        let life = self.behaviour.link_life;
        let customer = self.accounts.customer(&owner).ok_or(refusal::SERVER_ERROR)?;
        let uuid = self.ids.long();
        let token = self
            .mint
            .token(customer, &uuid, now, life)
            .ok_or(refusal::SERVER_ERROR)?;
        let signature_id = self.ids.short();
        trace.signature_id = Some(signature_id.clone());
        let expires = now.after(life);
        let url = format!(
            "{}/h5-idv/?token={token}&signatureId={signature_id}",
            self.public_base
        );
        let verification = Verification::new(owner, (return_url, fail_return_url), (token, expires), user_id);
        self.verifications.insert(signature_id.clone(), verification);
        Ok(Answer::free(Data::Link {
            signature_id,
            url,
            expired_time: expires.as_millis(),
        }))
    }

    pub(super) fn get_result(
        &mut self,
        headers: &HeaderMap,
        params: &Params,
        now: UnixMs,
        trace: &mut Trace,
    ) -> Result<Answer, Refusal> {
        let owner = self.accounts.owner(access_token(headers), now)?;
        let signature_id = params.text("signatureId")?;
        trace.signature_id = Some(journal::clipped(signature_id));
        // What belongs to somebody else does not exist (a guess).
        let verification = self
            .verifications
            .get_mut(signature_id)
            .filter(|verification| verification.owner == owner)
            .ok_or(refusal::NO_SUCH_SIGNATURE)?;
        let (data, first) = match verification.poll() {
            Poll::Unfinished => (self.unfinished()?, false),
            Poll::Finished { ending, first } => {
                let data = match ending {
                    Ending::Custom(data) => Data::Custom(data),
                    Ending::Outcome(outcome) => {
                        let (image, cropped_image) = self.image_links(signature_id, now);
                        let result = outcome.result();
                        Data::Result(Box::new(ResultData {
                            image,
                            cropped_image,
                            ..result
                        }))
                    }
                };
                (Some(data), first)
            }
        };
        Ok(Answer {
            data,
            price: self.price(first),
        })
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
