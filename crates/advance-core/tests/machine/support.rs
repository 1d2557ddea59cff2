//! A session, two clocks that only move when told to, and replies in the vendor's format.

use std::time::Duration;

use advance_core::session::{Awaiting, Call, Job, Pause, Session, Step, Until};
use advance_core::transport::{Failure, FailureKind, Limits, Sent};
use advance_core::{
    Config, Credentials, Error, GenerateUrl, GetResult, Now, Region, RetryPolicy, ReturnUrl, SignatureId,
    UnixMillis,
};
use http::header::{DATE, HeaderName};

pub(crate) const START: u64 = 1_700_000_000_000;

pub(crate) type Reply = Result<http::Response<Vec<u8>>, Failure>;

pub(crate) struct Bench {
    pub(crate) session: Session,
    /// What has passed on the monotonic clock.
    pub(crate) mono: Duration,
    /// By how much the wall clock is wrong, in milliseconds.
    pub(crate) wall_error: i64,
    /// What passed while the machine slept, by the server's clock.
    pub(crate) slept: Duration,
}

/// What a step asks for, with its kind known.
pub(crate) enum Asked<J: Job> {
    Token(Limits, Awaiting<J>),
    Call(Limits, Awaiting<J>),
    Backoff(Duration, Pause<J>),
    News(Duration, Pause<J>),
    Done(Result<J::Output, Error>),
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(Config::new())
    }

    pub(crate) fn with(config: Config) -> Self {
        let credentials = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
        Self {
            session: Session::new(config, credentials, 42),
            mono: Duration::from_secs(1_000),
            wall_error: 0,
            slept: Duration::ZERO,
        }
    }

    pub(crate) fn retrying(retry: RetryPolicy) -> Self {
        Self::with(Config::new().retry(retry))
    }

    /// With a token in hand that lives for an hour.
    pub(crate) fn warm() -> Self {
        Self::new().warmed()
    }

    pub(crate) fn warmed(mut self) -> Self {
        let Asked::Token(_, asking) = self.url() else {
            panic!("a cold session asks for a token")
        };
        let Asked::Call(_, calling) = self.answer(asking, token("warm", 3_600)) else {
            panic!("then it calls")
        };
        let Asked::Done(Ok(_)) = self.answer(calling, link()) else {
            panic!("and succeeds")
        };
        self
    }

    pub(crate) fn pass(&mut self, duration: Duration) -> &mut Self {
        self.mono += duration;
        self
    }

    pub(crate) fn now(&self) -> Now {
        let true_time = START + u64::try_from(self.mono.as_millis()).unwrap();
        Now {
            wall: UnixMillis::new(true_time).offset_by(self.wall_error),
            mono: self.mono,
        }
    }

    pub(crate) fn url(&mut self) -> Asked<GenerateUrl> {
        let url = |text| ReturnUrl::new(text).unwrap();
        let request = GenerateUrl::new(
            url("https://shop.example/"),
            url("https://shop.example/fail"),
            Region::IDN,
        );
        self.begin(Call::new(request))
    }

    pub(crate) fn result(&mut self) -> Asked<GetResult> {
        self.begin(Call::new(GetResult::new(
            SignatureId::new("f302f5d2454a85c2").unwrap(),
        )))
    }

    /// A call for a result that has this long.
    pub(crate) fn hasty(&mut self, total: Duration) -> Asked<GetResult> {
        let call = Call::new(GetResult::new(SignatureId::new("id").unwrap()));
        self.begin(call.total(total))
    }

    pub(crate) fn begin<J: Job>(&mut self, call: Call<J>) -> Asked<J> {
        let now = self.now();
        sort(self.session.begin(call, now))
    }

    pub(crate) fn answer<J: Job>(&mut self, awaiting: Awaiting<J>, reply: Reply) -> Asked<J> {
        let now = self.now();
        // The server's clock has the true time unless a test says otherwise.
        let reply = reply.map(|mut response| {
            let date = httpdate::fmt_http_date(
                std::time::UNIX_EPOCH + Duration::from_millis(START) + self.mono + self.slept,
            );
            response
                .headers_mut()
                .entry(DATE)
                .or_insert(date.parse().unwrap());
            if response.headers()[DATE] == "none" {
                response.headers_mut().remove(DATE);
            }
            response
        });
        sort(awaiting.resume(&mut self.session, now, reply))
    }

    pub(crate) fn wake<J: Job>(&mut self, pause: Pause<J>) -> Asked<J> {
        let now = self.now();
        sort(pause.resume(&mut self.session, now))
    }

    /// Sees a backoff through.
    pub(crate) fn after<J: Job>(&mut self, wait: Duration, pause: Pause<J>) -> Asked<J> {
        self.pass(wait).wake(pause)
    }
}

pub(crate) fn sort<J: Job>(step: Step<J>) -> Asked<J> {
    match step {
        Step::Send(request, limits, awaiting) if request.uri().path().ends_with("/generate-token") => {
            Asked::Token(limits, awaiting)
        }
        Step::Send(_, limits, awaiting) => Asked::Call(limits, awaiting),
        Step::Wait(Until::Elapsed(wait), pause) => Asked::Backoff(wait, pause),
        Step::Wait(Until::Token { at_most, .. }, pause) => Asked::News(at_most, pause),
        Step::Share(..) => unreachable!("no store was given"),
        Step::Done(result) => Asked::Done(result),
    }
}

impl<J: Job> Asked<J> {
    pub(crate) fn token(self) -> Awaiting<J> {
        match self {
            Self::Token(_, awaiting) => awaiting,
            other => panic!("expected a token request, got {}", other.name()),
        }
    }

    pub(crate) fn call(self) -> Awaiting<J> {
        match self {
            Self::Call(_, awaiting) => awaiting,
            other => panic!("expected the call, got {}", other.name()),
        }
    }

    pub(crate) fn backoff(self) -> (Duration, Pause<J>) {
        match self {
            Self::Backoff(wait, pause) => (wait, pause),
            other => panic!("expected a backoff, got {}", other.name()),
        }
    }

    pub(crate) fn news(self) -> (Duration, Pause<J>) {
        match self {
            Self::News(at_most, pause) => (at_most, pause),
            other => panic!("expected a wait for the token, got {}", other.name()),
        }
    }

    pub(crate) fn done(self) -> Result<J::Output, Error> {
        match self {
            Self::Done(result) => result,
            other => panic!("done, not {}", other.name()),
        }
    }

    pub(crate) fn error(self) -> Error {
        match self {
            Self::Done(Err(error)) => error,
            other => panic!("expected an error, got {}", other.name()),
        }
    }

    pub(crate) fn success(self) -> J::Output {
        match self {
            Self::Done(Ok(response)) => response,
            other => panic!("expected a success, got {}", other.name()),
        }
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Token(..) => "a token request".into(),
            Self::Call(..) => "the call".into(),
            Self::Backoff(wait, _) => format!("a backoff of {wait:?}"),
            Self::News(..) => "a wait for the token".into(),
            Self::Done(Ok(_)) => "a success".into(),
            Self::Done(Err(error)) => format!("an error: {error}"),
        }
    }
}

pub(crate) fn envelope(code: &str, data: &str, pricing: &str) -> Reply {
    let body = format!(
        r#"{{"code":"{code}","message":"as it goes","data":{data},"extra":null,"transactionId":"b6d722f7e9f553ae","pricingStrategy":{pricing}}}"#
    );
    Ok(http::Response::new(body.into_bytes()))
}

/// A free failure.
pub(crate) fn failure(code: &str) -> Reply {
    envelope(code, "null", "\"FREE\"")
}

/// A token that ends this many seconds after the true time of `Bench::new()`.
pub(crate) fn token(name: &str, seconds: u64) -> Reply {
    token_until(name, START + 1_000_000 + seconds * 1_000)
}

pub(crate) fn token_until(name: &str, expired_time: u64) -> Reply {
    envelope(
        "SUCCESS",
        &format!(r#"{{"token":"{name}","expiredTime":{expired_time}}}"#),
        "\"FREE\"",
    )
}

pub(crate) fn link() -> Reply {
    let data =
        r#"{"signatureId":"ed8b21c0c87ad617","url":"https://h5.advance.ai/h5-idv/?x=1","expiredTime":1}"#;
    envelope("SUCCESS", data, "\"FREE\"")
}

pub(crate) fn result(pricing: &str) -> Reply {
    envelope("SUCCESS", r#"{"idvCode":"SUCCESS"}"#, pricing)
}

/// The guess for a verification that is not finished yet.
pub(crate) fn unfinished() -> Reply {
    let data = r#"{"image":null,"croppedImage":null,"imageType":null,"idvCode":null,"idvResult":null,"ocrCode":null,"ocrResult":null}"#;
    envelope("SUCCESS", data, "\"FREE\"")
}

/// A reply of these very bytes.
pub(crate) fn raw(status: u16, body: &[u8]) -> Reply {
    Ok(http::Response::builder()
        .status(status)
        .body(body.to_vec())
        .unwrap())
}

pub(crate) fn page(status: u16) -> Reply {
    Ok(http::Response::builder()
        .status(status)
        .body(b"<html>Sorry</html>".to_vec())
        .unwrap())
}

pub(crate) fn lost(kind: FailureKind, sent: Sent) -> Reply {
    Err(Failure::new(kind, sent))
}

/// The same reply with one more header.
pub(crate) fn with(reply: Reply, name: HeaderName, value: &str) -> Reply {
    reply.map(|mut response| {
        response.headers_mut().insert(name, value.parse().unwrap());
        response
    })
}
