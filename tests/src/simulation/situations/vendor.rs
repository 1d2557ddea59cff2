//! A vendor with a whim: nothing of the sandbox's model is in it, and nothing of the machine's rules.

use std::collections::HashMap;
use std::time::{Duration, UNIX_EPOCH};

use advance_core::transport::{Failure, FailureKind, Sent};
use http::{Request, Response};

use super::super::dice::Dice;
use super::table::{Asks, Event, Fate, Refusal, Situation};

/// The vendor's time when a situation begins.
pub(super) const BEGIN: u64 = 1_700_000_000_000;

/// How far a signature's time may be off, in milliseconds.
const TOLERATED: u64 = 300_000;

pub(super) type Outcome = Result<Response<Vec<u8>>, Failure>;

/// A token that was issued.
struct Issued {
    number: u64,
    at: Duration,
    ends: Duration,
    /// The same, as it was told.
    told_ends: Duration,
    revoked: bool,
}

pub(super) struct Vendor<'a> {
    situation: &'a Situation,
    tokens: HashMap<String, Issued>,
    issued: u64,
    replies: u64,
    disabled: Option<bool>,
    down: bool,
}

/// What a request was answered with.
pub(super) struct Answer {
    /// Nothing, if no reply comes.
    pub(super) outcome: Option<Outcome>,
    /// The number that its words and ids carry.
    pub(super) number: u64,
}

impl<'a> Vendor<'a> {
    pub(super) fn new(situation: &'a Situation) -> Self {
        Self {
            situation,
            tokens: HashMap::new(),
            issued: 0,
            replies: 0,
            disabled: None,
            down: false,
        }
    }

    pub(super) fn happens(&mut self, event: Event) {
        match event {
            Event::Revoke => self.tokens.values_mut().for_each(|token| token.revoked = true),
            Event::Disable { told } => self.disabled = Some(told),
            Event::Enable { alive } => {
                self.disabled = None;
                if !alive {
                    self.happens(Event::Revoke);
                }
            }
            Event::TokensDown => self.down = true,
            Event::TokensUp => self.down = false,
            Event::Jump(_) | Event::Sleep(_) | Event::Keep | Event::Adopt => {}
        }
    }

    /// Whether a token is past the end that was told with it.
    pub(super) fn is_over(&self, text: &str, at: Duration) -> bool {
        self.tokens.get(text).is_some_and(|token| at >= token.told_ends)
    }

    pub(super) const fn is_disabled(&self) -> bool {
        self.disabled.is_some()
    }

    pub(super) fn answers(
        &mut self,
        request: &Request<Vec<u8>>,
        (asks, fate): (Asks, Fate),
        at: Duration,
        dice: &mut Dice,
    ) -> Answer {
        self.replies += 1;
        let number = self.replies;
        let reply = Reply { number, at };
        let outcome = if request.uri().path().ends_with("/generate-token") {
            Some(self.issues(request, &reply))
        } else {
            let text = request
                .headers()
                .get("x-access-token")
                .and_then(|text| text.to_str().ok());
            if self.knows(text.unwrap_or_default(), at, dice) {
                serves(asks, fate, self.situation.refusal, &reply, dice)
            } else {
                Some(reply.refuses(self.situation.refusal))
            }
        };
        Answer { outcome, number }
    }

    /// Whether the node that the request meets takes this token.
    fn knows(&self, text: &str, at: Duration, dice: &mut Dice) -> bool {
        let bad = dice.per_mille(self.situation.bad_nodes);
        let (from, nodes) = self.situation.lag;
        let lag = if nodes.is_empty() {
            Duration::ZERO
        } else {
            dice.pick(nodes)
        };
        let Some(token) = self.tokens.get(text) else {
            return false;
        };
        let known = token.number < from || at >= token.at + lag;
        !bad && known && !token.revoked && at < token.ends && self.disabled.is_none()
    }

    fn issues(&mut self, request: &Request<Vec<u8>>, reply: &Reply) -> Outcome {
        if self.down {
            return page(503);
        }
        let body = String::from_utf8_lossy(request.body());
        let signed = member(&body, "\"timestamp\":").unwrap_or_default();
        if signed.abs_diff(reply.wall()) > TOLERATED {
            return reply.fails("PARAMETER_ERROR");
        }
        if self.disabled == Some(true) {
            return reply.fails("ACCOUNT_DISABLED");
        }
        self.issued += 1;
        if self.situation.exclusive {
            self.happens(Event::Revoke);
        }
        let text = format!("header.token{}.sign", self.issued);
        let told = Duration::from_secs(self.situation.period);
        let issued = Issued {
            number: self.issued,
            at: reply.at,
            ends: reply.at + self.situation.dies_after.unwrap_or(told).min(told),
            told_ends: reply.at + told,
            revoked: false,
        };
        self.tokens.insert(text.clone(), issued);
        let ends = reply.wall() + u64::try_from(told.as_millis()).unwrap_or(0);
        reply.succeeds(&format!(r#"{{"token":"{text}","expiredTime":{ends}}}"#), "FREE")
    }
}

fn serves(asks: Asks, fate: Fate, refusal: Refusal, reply: &Reply, dice: &mut Dice) -> Option<Outcome> {
    Some(match fate {
        Fate::Denied => reply.refuses(refusal),
        Fate::Dead => reply.fails("ERROR"),
        Fate::Silent => return None,
        Fate::Shaky(often) if dice.per_mille(often) => reply.fails("SERVICE_BUSY"),
        Fate::Served | Fate::Shaky(_) => match asks {
            Asks::Result => reply.succeeds(r#"{"idvCode":"SUCCESS"}"#, "PAY"),
            Asks::Link | Asks::LinkElsewhere => reply.succeeds(
                r#"{"signatureId":"ed8b21c0c87ad617","url":"https://h5.advance.ai/h5-idv/?x=1","expiredTime":1}"#,
                "FREE",
            ),
        },
    })
}

/// Each failure has words of its own, and each reply an id of its own, by which what one call heard is known in another.
pub(super) const WORDS: &str = "said in reply ";
/// The first half of each transactionId. The other half is the number of the reply.
pub(super) const ID: &str = "1d0f4e91";

/// What is said in reply to one request.
struct Reply {
    number: u64,
    at: Duration,
}

impl Reply {
    fn wall(&self) -> u64 {
        BEGIN + u64::try_from(self.at.as_millis()).unwrap_or(0)
    }

    fn succeeds(&self, data: &str, price: &str) -> Outcome {
        self.says(200, "SUCCESS", data, price, None)
    }

    fn fails(&self, code: &str) -> Outcome {
        self.says(200, code, "null", "FREE", None)
    }

    fn refuses(&self, refusal: Refusal) -> Outcome {
        let code = "IAM_FAILED";
        match refusal {
            Refusal::Envelope => self.fails(code),
            Refusal::Status(status) => self.says(status, code, "null", "FREE", None),
            Refusal::Page(status) => page(status),
            Refusal::RetryAfter(seconds) => self.says(200, code, "null", "FREE", Some(seconds)),
            Refusal::Price(price) => self.says(200, code, "null", price, None),
        }
    }

    fn says(&self, status: u16, code: &str, data: &str, price: &str, after: Option<u64>) -> Outcome {
        let number = self.number;
        let message = match code {
            "SUCCESS" => "OK".to_owned(),
            _ => format!("{WORDS}{number}."),
        };
        let body = format!(
            r#"{{"code":"{code}","message":"{message}","data":{data},"extra":null,"transactionId":"{ID}{number:08x}","pricingStrategy":"{price}"}}"#,
        );
        let now = UNIX_EPOCH + Duration::from_millis(self.wall());
        let mut response = Response::builder()
            .status(status)
            .header("date", httpdate::fmt_http_date(now));
        if let Some(after) = after {
            response = response.header("retry-after", after);
        }
        response.body(body.into_bytes()).map_err(|_| broken())
    }
}

fn page(status: u16) -> Outcome {
    let page = b"<html>Sorry</html>".to_vec();
    Response::builder()
        .status(status)
        .body(page)
        .map_err(|_| broken())
}

fn broken() -> Failure {
    Failure::new(FailureKind::Other, Sent::Maybe)
}

/// The number that follows the first such name in a flat JSON object.
fn member(body: &str, name: &str) -> Option<u64> {
    let (_, rest) = body.split_once(name)?;
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    rest[..end].parse().ok()
}
