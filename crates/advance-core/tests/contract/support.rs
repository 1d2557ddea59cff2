//! The documented replies, and one way to read any of them.

use advance_core::wire::{self, Envelope, IssuedToken, ParseError, PricingStrategy};
use advance_core::{
    Code, Credentials, Endpoint, GenerateToken, GenerateUrl, GetResult, Region, ReturnUrl, SignatureId,
    UnixMillis, Verification, VerificationLink,
};
use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    GenerateToken,
    GenerateUrl,
    GetResult,
}

pub(crate) struct Example {
    pub(crate) name: &'static str,
    pub(crate) call: Call,
    pub(crate) body: &'static str,
}

macro_rules! examples {
    ($($call:ident $name:literal,)+) => {
        /// All fifteen replies that the document shows, letter by letter.
        pub(crate) const EXAMPLES: &[Example] = &[$(Example {
            name: $name,
            call: Call::$call,
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

pub(crate) const CALLS: [Call; 3] = [Call::GenerateToken, Call::GenerateUrl, Call::GetResult];

/// The body of one documented reply.
pub(crate) fn example(name: &str) -> &'static str {
    let found = EXAMPLES.iter().find(|example| example.name == name);
    found.unwrap_or_else(|| panic!("no example {name}")).body
}

/// What came in `data`, of any of the three.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Data {
    Token(IssuedToken),
    Link(VerificationLink),
    Result(Box<Verification>),
}

/// An envelope whose `data` may be any of the three.
#[derive(Debug, PartialEq)]
pub(crate) struct Read {
    pub(crate) code: Code,
    pub(crate) message: Option<String>,
    pub(crate) data: Option<Data>,
    pub(crate) extra: Option<String>,
    pub(crate) transaction_id: Option<String>,
    pub(crate) pricing: Option<PricingStrategy>,
    pub(crate) debug: String,
    #[cfg(feature = "serialize")]
    pub(crate) json: String,
}

pub(crate) fn generate_token() -> GenerateToken {
    let credentials = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
    GenerateToken::sign(&credentials, UnixMillis::new(1_665_993_522_952)).unwrap()
}

pub(crate) fn generate_url() -> GenerateUrl {
    GenerateUrl::new(
        ReturnUrl::new("https://shop.example/done").unwrap(),
        ReturnUrl::new("https://shop.example/failed").unwrap(),
        Region::IDN,
    )
}

pub(crate) fn get_result() -> GetResult {
    GetResult::new(SignatureId::new("ed8b21c0c87ad617").unwrap())
}

#[cfg(feature = "serialize")]
trait Reply: std::fmt::Debug + serde::Serialize {}
#[cfg(feature = "serialize")]
impl<T: std::fmt::Debug + serde::Serialize> Reply for T {}
#[cfg(not(feature = "serialize"))]
trait Reply: std::fmt::Debug {}
#[cfg(not(feature = "serialize"))]
impl<T: std::fmt::Debug> Reply for T {}

fn read<E: Endpoint<Output: Reply>>(
    endpoint: &E,
    body: &[u8],
    wrap: impl FnOnce(E::Output) -> Data,
) -> Result<Read, ParseError> {
    let envelope: Envelope<E::Output> = wire::parse(endpoint, body)?;
    Ok(Read {
        debug: format!("{envelope:?} {envelope:#?}"),
        #[cfg(feature = "serialize")]
        json: serde_json::to_string(&envelope).expect("reply types serialise"),
        code: envelope.code,
        message: envelope.message,
        data: envelope.data.map(wrap),
        extra: envelope.extra.map(|extra| extra.as_str().to_owned()),
        transaction_id: envelope.transaction_id.map(|id| id.as_str().to_owned()),
        pricing: envelope.pricing_strategy,
    })
}

impl Call {
    pub(crate) fn parse(self, body: impl AsRef<[u8]>) -> Result<Read, ParseError> {
        let body = body.as_ref();
        match self {
            Self::GenerateToken => read(&generate_token(), body, Data::Token),
            Self::GenerateUrl => read(&generate_url(), body, Data::Link),
            Self::GetResult => read(&get_result(), body, |result| Data::Result(Box::new(result))),
        }
    }

    /// The same, without a look at what it shows and serialises.
    pub(crate) fn judge(self, body: impl AsRef<[u8]>) -> Result<Code, ParseError> {
        let body = body.as_ref();
        match self {
            Self::GenerateToken => wire::parse(&generate_token(), body).map(|reply| reply.code),
            Self::GenerateUrl => wire::parse(&generate_url(), body).map(|reply| reply.code),
            Self::GetResult => wire::parse(&get_result(), body).map(|reply| reply.code),
        }
    }

    /// The documented reply with `SUCCESS`.
    pub(crate) fn success(self) -> &'static str {
        example(match self {
            Self::GenerateToken => "generate-token.success",
            Self::GenerateUrl => "generate-url.success",
            Self::GetResult => "get-result.success",
        })
    }

    /// The same with the value at a JSON pointer replaced, or added.
    pub(crate) fn with(self, pointer: &str, value: impl Into<Value>) -> String {
        let mut reply: Value = serde_json::from_str(self.success()).unwrap();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        reply.pointer_mut(parent).unwrap()[name] = value.into();
        reply.to_string()
    }

    /// The same without the member at a JSON pointer.
    pub(crate) fn without(self, pointer: &str) -> String {
        let mut reply: Value = serde_json::from_str(self.success()).unwrap();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = reply.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        parent.remove(name).expect("was there");
        reply.to_string()
    }

    /// The same with a piece of JSON text at a JSON pointer, which may be broken or deeper than a `Value` can be.
    pub(crate) fn with_raw(self, pointer: &str, raw: &str) -> String {
        self.with(pointer, "@@raw@@").replacen("\"@@raw@@\"", raw, 1)
    }

    /// The same with one member of the object at a JSON pointer standing there twice.
    pub(crate) fn doubled(self, pointer: &str, name: &str) -> String {
        let reply: Value = serde_json::from_str(self.success()).unwrap();
        let member = format!("\"{name}\":{}", reply.pointer(pointer).unwrap()[name]);
        self.with(&format!("{pointer}/@@twice@@"), Value::Null)
            .replacen("\"@@twice@@\":null", &member, 1)
    }

    /// The same with one piece of its text replaced.
    pub(crate) fn replaced(self, old: &str, new: &str) -> String {
        let text = self.success().replacen(old, new, 1);
        assert_ne!(text, self.success(), "{old} is not in the example");
        text
    }
}

fn data<E: Endpoint>(endpoint: &E, body: impl AsRef<[u8]>) -> E::Output {
    let envelope = wire::parse(endpoint, body.as_ref()).expect("parses");
    envelope.data.expect("has data")
}

/// What is said of a body that must not parse.
pub(crate) fn refused(call: Call, body: impl AsRef<[u8]>) -> ParseError {
    let body = body.as_ref();
    call.judge(body)
        .expect_err(&String::from_utf8_lossy(&body[..body.len().min(200)]))
}

/// The verification in a reply that must parse.
pub(crate) fn verification(body: impl AsRef<[u8]>) -> Verification {
    data(&get_result(), body)
}

/// The link in a reply that must parse.
pub(crate) fn link(body: impl AsRef<[u8]>) -> VerificationLink {
    data(&generate_url(), body)
}

/// The token in a reply that must parse.
pub(crate) fn token(body: impl AsRef<[u8]>) -> IssuedToken {
    data(&generate_token(), body)
}

/// The body of a request, as JSON.
pub(crate) fn sent<E: Endpoint>(endpoint: &E) -> Value {
    serde_json::from_slice(&endpoint.encode()).unwrap()
}
