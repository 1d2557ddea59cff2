//! Scenarios that a client asks for by a magic `userId` or a magic access key: the one table of them, which feeds the
//! vendor, `GET /__sandbox/scenarios`, the command's help and the dashboard. A new scenario is a row here.

use std::fmt::Write as _;
use std::time::Duration;

use http::HeaderValue;
use serde::Serialize;

use super::ending::Ready;
use super::endpoint::Endpoint;
use super::failure::Failure;
use super::outcome::Outcome;
use super::refusal::{self, Refusal};
use super::source::Source;
use super::time::UnixMs;
use super::when::When;

/// What every magic name begins with.
const PREFIX: &str = "sbx-";
/// The secret key of every magic access key.
pub(super) const SECRET_KEY: &str = "samplesecretkey";
/// How far ahead the date of `busy-date` is.
const BUSY_DATE: Duration = Duration::from_secs(10);

const GET_RESULT: &[Endpoint] = &[Endpoint::GetResult];
const GENERATE_URL: &[Endpoint] = &[Endpoint::GenerateUrl];
const GENERATE_TOKEN: &[Endpoint] = &[Endpoint::GenerateToken];
const INSIDE: &[Endpoint] = &[Endpoint::GenerateUrl, Endpoint::GetResult];

/// Where the name of a scenario is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// As the `userId` of generate-url. It concerns this verification alone.
    UserId,
    /// As the access key, with the secret key `samplesecretkey`. It concerns all calls of this account.
    AccessKey,
}

/// One scenario.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Scenario {
    /// The name without `sbx-`. What is written in capitals stands for a value: `pending-N`, `after-TIME`.
    #[serde(skip)]
    pattern: &'static str,
    /// Where the name is given.
    pub place: Place,
    /// What happens, in Markdown.
    pub help: &'static str,
    /// Where it is known from.
    pub source: Source,
    /// The outcome, if that is all that the scenario decides.
    pub outcome: Option<Outcome>,
    #[serde(skip)]
    script: fn(&str, UnixMs) -> Option<Script>,
}

/// What a scenario makes the vendor do.
#[derive(Clone, Debug)]
pub(super) enum Script {
    /// The verification ends by itself.
    Ends(Outcome, Ready),
    /// What the person does is heard only later.
    Late(Duration),
    /// The link is over when it is given out.
    LinkExpired,
    /// Calls fail; of those of a verification, the first few.
    Fails(&'static [Endpoint], When, Failure),
    /// A token is unknown for a while after it was issued.
    TokenLate(Duration),
    /// Replies look otherwise than the examples.
    Odd(Oddity),
}

/// How a reply looks otherwise than the documented examples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Oddity {
    /// `extra` is an object.
    Extra,
    /// There is no `transactionId`.
    NoTransactionId,
    /// Messages are spelled as in the document's tables.
    TableSpelling,
}

const fn row(
    pattern: &'static str,
    place: Place,
    source: Source,
    help: &'static str,
    script: fn(&str, UnixMs) -> Option<Script>,
) -> Scenario {
    Scenario {
        pattern,
        place,
        help,
        source,
        outcome: None,
        script,
    }
}

use Place::{AccessKey, UserId};
use Source::{Guess, Sibling};

/// Those that are more than an outcome.
const MORE: &[Scenario] = &[
    row(
        "pending-N",
        UserId,
        Guess,
        "As `ok`, from the N-th poll on.",
        |n, _| Some(Script::Ends(Outcome::Ok, Ready::Poll(n.parse().ok()?))),
    ),
    row(
        "after-TIME",
        UserId,
        Guess,
        "As `ok`, once TIME has passed: `90s`, `300ms`, `5m`, `2h`; a bare number is seconds.",
        |time, now| Some(Script::Ends(Outcome::Ok, Ready::At(now.after(duration(time)?)))),
    ),
    row(
        "never",
        UserId,
        Guess,
        "Never ends, even if the person finishes at the page.",
        |_, _| Some(Script::Ends(Outcome::Ok, Ready::Never)),
    ),
    row(
        "late-TIME",
        UserId,
        Guess,
        "The person decides at the page; get-result tells it TIME later.",
        |time, _| Some(Script::Late(duration(time)?)),
    ),
    row(
        "link-expired",
        UserId,
        Guess,
        "The link has expired when it is given out.",
        |_, _| Some(Script::LinkExpired),
    ),
    row(
        "result-busy-TEXT",
        UserId,
        Sibling,
        "As `ok`, but the first two get-results are `SERVICE_BUSY` with `Retry-After: TEXT`, such as `1`, `10s` or `30.5`; `none` sends no header, `date` a date ten seconds ahead.",
        |text, now| Some(Script::Fails(GET_RESULT, When::First(2), busy(text, now)?)),
    ),
    row(
        "result-retry-later-TEXT",
        UserId,
        Sibling,
        "As `ok`, but the first two get-results are `RETRY_LATER` with `Retry-After: TEXT`.",
        |text, now| {
            let failure = with_retry_after(Failure::retry_later(), text, now)?;
            Some(Script::Fails(GET_RESULT, When::First(2), failure))
        },
    ),
    row(
        "result-error",
        UserId,
        Source::Documented,
        "As `ok`, but the first two get-results are `ERROR`.",
        |_, _| Some(Script::Fails(GET_RESULT, When::First(2), Failure::error())),
    ),
    row(
        "result-out-of-balance",
        UserId,
        Sibling,
        "get-result is refused: `INSUFFICIENT_BALANCE`.",
        |_, _| Some(Script::Fails(GET_RESULT, When::Always, balance())),
    ),
    row(
        "extra",
        UserId,
        Sibling,
        "As `ok`; in replies about this verification `extra` is an object.",
        |_, _| Some(Script::Odd(Oddity::Extra)),
    ),
    row(
        "no-transaction-id",
        UserId,
        Sibling,
        "As `ok`; replies about this verification have no `transactionId`.",
        |_, _| Some(Script::Odd(Oddity::NoTransactionId)),
    ),
    row(
        "out-of-balance",
        AccessKey,
        Sibling,
        "generate-url and get-result are refused: `INSUFFICIENT_BALANCE`.",
        |_, _| Some(Script::Fails(INSIDE, When::Always, balance())),
    ),
    row(
        "over-query-limit",
        AccessKey,
        Sibling,
        "generate-url and get-result are refused: `OVER_QUERY_LIMIT`.",
        |_, _| {
            let failure = Failure::new("OVER_QUERY_LIMIT", "Free query quota is used up");
            Some(Script::Fails(INSIDE, When::Always, failure))
        },
    ),
    row(
        "access-denied",
        AccessKey,
        Sibling,
        "generate-url and get-result are refused: `ACCESS_DENIED`.",
        |_, _| {
            let failure = Failure::new("ACCESS_DENIED", "Access denied");
            Some(Script::Fails(INSIDE, When::Always, failure))
        },
    ),
    row(
        "service-disabled",
        AccessKey,
        Sibling,
        "generate-url and get-result are refused: `SERVICE_DISABLED`.",
        |_, _| {
            let failure = Failure::new("SERVICE_DISABLED", "Service is disabled");
            Some(Script::Fails(INSIDE, When::Always, failure))
        },
    ),
    row(
        "busy-TEXT",
        AccessKey,
        Sibling,
        "Every second call after generate-token, beginning with the second, is `SERVICE_BUSY` with `Retry-After: TEXT`; see `result-busy-TEXT`.",
        |text, now| Some(Script::Fails(INSIDE, When::Every(2), busy(text, now)?)),
    ),
    row(
        "account-disabled",
        AccessKey,
        Source::Documented,
        "generate-token is refused: `ACCOUNT_DISABLED`.",
        |_, _| {
            Some(Script::Fails(
                GENERATE_TOKEN,
                When::Always,
                refusal::ACCOUNT_DISABLED.into(),
            ))
        },
    ),
    row(
        "account-disabled-inside",
        AccessKey,
        Sibling,
        "There are tokens, but generate-url and get-result are `IAM_FAILED`, `Account is disabled`.",
        |_, _| {
            Some(Script::Fails(
                INSIDE,
                When::Always,
                refusal::DISABLED_TOKEN.into(),
            ))
        },
    ),
    row(
        "country-denied",
        AccessKey,
        Sibling,
        "generate-url is `IAM_FAILED`: not authorised for this country. get-result works.",
        |_, _| {
            let failure = Failure::new("IAM_FAILED", "Not authorized by IAM for this country");
            Some(Script::Fails(GENERATE_URL, When::Always, failure))
        },
    ),
    row(
        "token-rejected-every-N",
        AccessKey,
        Sibling,
        "Every N-th call after generate-token is `IAM_FAILED`, `Token not found or expired`, with any token.",
        |n, _| {
            Some(Script::Fails(
                INSIDE,
                When::every(n.parse().ok()?)?,
                refusal::BAD_TOKEN.into(),
            ))
        },
    ),
    row(
        "bad-node-N",
        AccessKey,
        Guess,
        "One call in N, drawn from the seed, meets a node that knows no token: `IAM_FAILED`.",
        |n, _| {
            Some(Script::Fails(
                INSIDE,
                When::one_in(n.parse().ok()?)?,
                refusal::BAD_TOKEN.into(),
            ))
        },
    ),
    row(
        "token-late-TIME",
        AccessKey,
        Guess,
        "A token is unknown (`IAM_FAILED`) until TIME after it was issued.",
        |time, _| Some(Script::TokenLate(duration(time)?)),
    ),
    row(
        "table-spelling",
        AccessKey,
        Source::Documented,
        "Messages are spelled as in the document's tables, not as in its examples: `Invalid returnUrl, please check your returnUrl`, `This signatureId is not exist.`, `Server error.`",
        |_, _| Some(Script::Odd(Oddity::TableSpelling)),
    ),
];

impl Scenario {
    /// All of them: first each [`Outcome`] as a `userId`, then the rest.
    pub fn all() -> impl Iterator<Item = Self> {
        let outcomes = Outcome::ALL.iter().map(|outcome| Self {
            pattern: outcome.name(),
            place: UserId,
            help: outcome.help(),
            source: outcome.source(),
            outcome: Some(*outcome),
            script: |_, _| None,
        });
        outcomes.chain(MORE.iter().copied())
    }

    /// What to send, such as `sbx-ok` or `sbx-pending-N`. What is written in capitals stands for a value.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{PREFIX}{}", self.pattern)
    }

    /// What the scenario does if `name`, without its prefix, names it.
    fn read(&self, name: &str, now: UnixMs) -> Option<Script> {
        let value = self.pattern.find(|letter: char| letter.is_ascii_uppercase());
        let value = match value {
            None if name == self.pattern => "",
            None => return None,
            Some(at) => name.strip_prefix(self.pattern.get(..at)?)?,
        };
        match self.outcome {
            Some(outcome) => Some(Script::Ends(outcome, Ready::Now)),
            None => (self.script)(value, now),
        }
    }
}

/// What a name asks for: nothing if it is not magic.
///
/// # Errors
/// A name that begins as a magic one and is none: a refusal that lists those that there are.
pub(super) fn asked(name: &str, place: Place, now: UnixMs) -> Result<Option<Script>, Refusal> {
    let Some(rest) = name.strip_prefix(PREFIX) else {
        return Ok(None);
    };
    let here = || Scenario::all().filter(|scenario| scenario.place == place);
    if let Some(script) = here().find_map(|scenario| scenario.read(rest, now)) {
        return Ok(Some(script));
    }
    let mut message = format!("Sandbox: {PREFIX}{} is no scenario. There are", clipped(rest));
    for scenario in here() {
        // Writing to a String does not fail.
        let _ = write!(message, " {}", scenario.name());
    }
    Err(refusal::no_scenario(message))
}

fn clipped(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(48)
        .collect()
}

fn balance() -> Failure {
    Failure::new("INSUFFICIENT_BALANCE", "Account balance is insufficient")
}

fn busy(text: &str, now: UnixMs) -> Option<Failure> {
    with_retry_after(Failure::busy(), text, now)
}

fn with_retry_after(failure: Failure, text: &str, now: UnixMs) -> Option<Failure> {
    let value = match text {
        "none" => return Some(failure),
        "date" => HeaderValue::try_from(now.after(BUSY_DATE).http_date()).ok()?,
        "" => return None,
        other => HeaderValue::from_str(other).ok()?,
    };
    Some(failure.retry_after(value))
}

/// `300ms`, `2s`, `5m`, `25h`, or seconds.
fn duration(text: &str) -> Option<Duration> {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let number: u64 = digits.parse().ok()?;
    let unit = match unit {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    Some(Duration::from_millis(number.checked_mul(unit)?))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const NOW: UnixMs = UnixMs(784_111_777_000);

    fn user(name: &str) -> Option<Script> {
        asked(name, UserId, NOW).unwrap()
    }

    #[test]
    fn no_name_comes_twice_and_each_says_what_it_does() {
        let mut names = BTreeSet::new();
        for scenario in Scenario::all() {
            assert!(
                names.insert((scenario.place, scenario.name())),
                "{}",
                scenario.name()
            );
            assert!(scenario.help.len() > 10, "{}", scenario.name());
        }
    }

    #[test]
    fn every_scenario_can_be_asked_for_by_its_name() {
        for scenario in Scenario::all() {
            let name = scenario
                .name()
                .replace("TIME", "3s")
                .replace("TEXT", "10s")
                .replace('N', "3");
            assert!(asked(&name, scenario.place, NOW).unwrap().is_some(), "{name}");
        }
    }

    #[test]
    fn values_are_read() {
        assert!(matches!(
            user("sbx-pending-3"),
            Some(Script::Ends(Outcome::Ok, Ready::Poll(3)))
        ));
        let after = user("sbx-after-300ms");
        assert!(matches!(
            after,
            Some(Script::Ends(_, Ready::At(UnixMs(784_111_777_300))))
        ));
        for (text, millis) in [
            ("0", 0),
            ("2", 2_000),
            ("2s", 2_000),
            ("5m", 300_000),
            ("25h", 90_000_000),
        ] {
            assert_eq!(duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in [
            "",
            "s",
            "1d",
            "-1",
            "1.5s",
            "99999999999999999999",
            "18446744073709551615h",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
        let Some(Script::Fails(_, _, failure)) = user("sbx-result-busy-date") else {
            panic!("no failure")
        };
        let date = failure.retry_after.unwrap();
        assert_eq!(date, "Sun, 06 Nov 1994 08:49:47 GMT");
    }

    #[test]
    fn a_mistyped_name_is_refused_with_the_names() {
        for name in [
            "sbx-",
            "sbx-OK",
            "sbx-ok ",
            "sbx-pending-",
            "sbx-pending-x",
            "sbx-after-",
            "sbx-nope",
            "sbx-out-of-balance",
            "sbx-result-busy-",
        ] {
            let refusal = asked(name, UserId, NOW).unwrap_err();
            assert!(
                refusal.message.contains(" sbx-ok ") && refusal.message.contains("sbx-pending-N"),
                "{name}"
            );
        }
        let keys = asked("sbx-ok", AccessKey, NOW).unwrap_err();
        assert!(keys.message.contains("sbx-token-late-TIME"));
        for name in ["", "ok", "a-sbx-ok", "SBX-ok"] {
            assert!(user(name).is_none(), "{name}");
        }
    }
}
