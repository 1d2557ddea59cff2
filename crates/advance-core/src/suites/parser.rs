//! A way to parse, and what it made of a body.

use std::error::Error as StdError;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::charge::Charge;
use crate::domain::{Region, SignatureId, TransactionId, Verification, VerificationLink};
use crate::error::{Error, ErrorKind};
use crate::secret::Credentials;
use crate::session::Response;
use crate::time::UnixMillis;
use crate::url::ReturnUrl;
use crate::wire::{self, Code, DecodeError, Endpoint, Envelope, IssuedToken, ParseError, PricingStrategy};
use crate::wire::{GenerateToken, GenerateUrl, GetResult};

/// Which question a body answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// generate-token.
    GenerateToken,
    /// generate-url.
    GenerateUrl,
    /// get-result.
    GetResult,
}

impl Ask {
    /// All three.
    pub const ALL: &'static [Self] = &[Self::GenerateToken, Self::GenerateUrl, Self::GetResult];
}

/// One of the replies that the document shows.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Example {
    /// What was asked.
    pub ask: Ask,
    /// Which endpoint and outcome it is.
    pub name: &'static str,
    /// The body, letter by letter.
    pub body: &'static str,
}

macro_rules! examples {
    ($($ask:ident $name:literal,)+) => {
        /// All fifteen replies that the document shows.
        pub const EXAMPLES: &[Example] = &[$(Example {
            ask: Ask::$ask,
            name: $name,
            body: include_str!(concat!("../../fixtures/", $name, ".json")),
        }),+];
    };
}

examples! {
    GenerateToken "generate-token.success",
    GenerateToken "generate-token.account-disabled",
    GenerateToken "generate-token.client-error",
    GenerateToken "generate-token.parameter-error.parameter-should-not-be-empty",
    GenerateToken "generate-token.parameter-error.signature-error",
    GenerateToken "generate-token.parameter-error.timestamp-error",
    GenerateUrl "generate-url.success",
    GenerateUrl "generate-url.error",
    GenerateUrl "generate-url.parameter-error.invalid-returnurl-please-check-your-returnurl",
    GenerateUrl "generate-url.parameter-error.parameter-error-please-check-you-input",
    GenerateUrl "generate-url.parameter-error.parameter-should-not-be-empty",
    GenerateUrl "generate-url.region-wrong",
    GetResult "get-result.success",
    GetResult "get-result.error",
    GetResult "get-result.signature-not-exist",
}

/// What came in `data`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Data {
    /// Of generate-token.
    Token(IssuedToken),
    /// Of generate-url.
    Link(VerificationLink),
    /// Of get-result.
    Result(Box<Verification>),
    /// A stranger's own, written as JSON.
    Strangers(StrangersData),
}

/// What a stranger's parser made of `data`, written as JSON: see [`Parsed::reply`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct StrangersData(pub(super) Value);

impl Data {
    /// The time that it ends by, if it has one.
    pub(super) fn ends(&self) -> Option<u64> {
        match self {
            Self::Token(token) => Some(token.expired_time.get()),
            Self::Link(link) => Some(link.expires_at().get()),
            Self::Result(_) => None,
            Self::Strangers(data) => data.0["expiredTime"].as_u64(),
        }
    }
}

impl From<IssuedToken> for Data {
    fn from(token: IssuedToken) -> Self {
        Self::Token(token)
    }
}

impl From<VerificationLink> for Data {
    fn from(link: VerificationLink) -> Self {
        Self::Link(link)
    }
}

impl From<Verification> for Data {
    fn from(result: Verification) -> Self {
        Self::Result(Box::new(result))
    }
}

/// What a way of parsing made of one body.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Parsed {
    /// Whether it was a reply: a success with or without data, or a documented or unknown failure.
    pub is_reply: bool,
    /// What was asked for.
    pub data: Option<Data>,
    /// The reply's code, as far as it is told.
    pub code: Option<Code>,
    /// The reply's message, as far as it is told.
    pub message: Option<String>,
    /// The reply's transaction id, as far as it is told.
    pub transaction_id: Option<TransactionId>,
    /// What the reply says it cost.
    pub charge: Charge,
    /// Where it does not fit, if it does not and the place is told.
    pub path: Option<String>,
    /// Everything it can be made to say: `Debug`, `Display`, and those of every source.
    pub shown: String,
}

impl Parsed {
    /// What a stranger's parser took for a reply. `envelope` is what it made of it, written as the vendor writes a reply:
    /// `{"code", "message", "data", "transactionId", "pricingStrategy"}`, each as far as the parser keeps it, `expiredTime` as
    /// a number. `shown` is everything that it can be made to say in a log: its `Debug`, for one.
    ///
    /// ```
    /// use advance_core::suites::Parsed;
    ///
    /// let parsed = Parsed::reply(r#"{"code":"SUCCESS","message":"OK","data":{"idvCode":"SUCCESS"}}"#, "Reply { … }")?;
    /// assert!(parsed.is_reply && parsed.data.is_some());
    /// # Ok::<(), advance_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] if `envelope` is not such an object.
    pub fn reply(envelope: &str, shown: impl Into<String>) -> Result<Self, Error> {
        let refuse = || Error::invalid("envelope", "must be an object of JSON with a code");
        let envelope: Value = serde_json::from_str(envelope).map_err(|_| refuse())?;
        let text = |name: &str| envelope[name].as_str();
        let code = Code::from(text("code").ok_or_else(refuse)?);
        let pricing = text("pricingStrategy").map(PricingStrategy::from);
        let data = Some(&envelope["data"]).filter(|data| !data.is_null());
        Ok(Self {
            is_reply: true,
            data: data.map(|data| Data::Strangers(StrangersData(data.clone()))),
            code: Some(code),
            message: text("message").map(str::to_owned),
            transaction_id: text("transactionId").map(TransactionId::from),
            charge: Charge::of(pricing.as_ref()),
            path: None,
            shown: shown.into(),
        })
    }

    /// What a stranger's parser took for no reply. `shown` is everything that its error can be made to say. What it could
    /// tell nevertheless goes into the fields.
    pub fn refusal(shown: impl Into<String>) -> Self {
        Self {
            is_reply: false,
            data: None,
            code: None,
            message: None,
            transaction_id: None,
            charge: Charge::Unknown,
            path: None,
            shown: shown.into(),
        }
    }

    /// From [`parse`](crate::wire::parse).
    pub fn from_reply<T: Into<Data> + fmt::Debug>(reply: Result<Envelope<T>, ParseError>) -> Self {
        match reply {
            Ok(reply) => Self {
                shown: format!("{reply:?}"),
                is_reply: true,
                data: reply.data.map(Into::into),
                code: Some(reply.code),
                message: reply.message,
                transaction_id: reply.transaction_id,
                charge: Charge::of(reply.pricing_strategy.as_ref()),
                path: None,
            },
            Err(error) => Self {
                shown: everything_said(&error),
                is_reply: false,
                data: None,
                charge: Charge::of(error.pricing_strategy.as_ref()),
                code: error.code,
                message: None,
                transaction_id: error.transaction_id,
                path: Some(error.error.path().to_owned()),
            },
        }
    }

    /// From a whole call, over any transport.
    pub fn from_call<T: Into<Data> + fmt::Debug>(result: Result<Response<T>, Error>) -> Self {
        match result {
            Ok(response) => Self {
                shown: format!("{response:?}"),
                is_reply: true,
                code: Some(Code::Success),
                message: response.message().map(str::to_owned),
                transaction_id: response.transaction_id().cloned(),
                charge: response.charge(),
                path: None,
                data: Some(response.into_data().into()),
            },
            Err(error) => Self {
                shown: everything_said(&error),
                is_reply: matches!(error.kind(), ErrorKind::Api(_) | ErrorKind::MissingData),
                data: None,
                // A success without data is an error of its own kind, whose code goes without saying.
                code: match error.kind() {
                    ErrorKind::MissingData => Some(Code::Success),
                    _ => error.code().cloned(),
                },
                message: error.message().map(str::to_owned),
                transaction_id: error.transaction_id().cloned(),
                charge: error.charge(),
                path: decode_error(&error).map(|error| error.path().to_owned()),
            },
        }
    }
}

fn decode_error(error: &Error) -> Option<&DecodeError> {
    let mut next = error.source();
    while let Some(source) = next {
        if let Some(found) = source.downcast_ref() {
            return Some(found);
        }
        next = source.source();
    }
    None
}

fn everything_said(error: &(dyn StdError + 'static)) -> String {
    let mut said = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        said.push(format!("{error} {error:?}"));
        next = error.source();
    }
    said.join(" ")
}

/// A way to parse. Any `Fn(Ask, &[u8]) -> Parsed` is one.
pub trait Parser {
    /// Takes the body of a reply with HTTP status 200, as the answer to this question.
    fn parse(&self, ask: Ask, body: &[u8]) -> Parsed;

    /// The questions it can ask.
    fn asks(&self) -> &[Ask] {
        Ask::ALL
    }
}

impl<F: Fn(Ask, &[u8]) -> Parsed> Parser for F {
    fn parse(&self, ask: Ask, body: &[u8]) -> Parsed {
        self(ask, body)
    }
}

/// This crate's own parser, without a session or a socket.
pub fn core(ask: Ask, body: &[u8]) -> Parsed {
    fn with<E>(endpoint: Result<E, Error>, body: &[u8]) -> Parsed
    where
        E: Endpoint<Output: Into<Data> + fmt::Debug>,
    {
        match endpoint {
            Ok(endpoint) => Parsed::from_reply(wire::parse(&endpoint, body)),
            Err(error) => Parsed::from_call::<E::Output>(Err(error)),
        }
    }
    match ask {
        Ask::GenerateToken => with(generate_token(), body),
        Ask::GenerateUrl => with(generate_url(), body),
        Ask::GetResult => with(SignatureId::new("ed8b21c0c87ad617").map(GetResult::new), body),
    }
}

fn generate_token() -> Result<GenerateToken, Error> {
    let credentials = Credentials::new("sampleaccesskey", "samplesecretkey")?;
    GenerateToken::sign(&credentials, UnixMillis::new(1_665_993_522_952))
}

fn generate_url() -> Result<GenerateUrl, Error> {
    let url = ReturnUrl::new("https://shop.example/done")?;
    Ok(GenerateUrl::new(url.clone(), url, Region::IDN))
}
