//! The envelope of every reply: `{code, message, data, extra, transactionId, pricingStrategy}`.

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, de::Error as _};
use serde_json::value::RawValue;
use std::fmt;

use super::decode::explain;
use super::endpoint::Own;
use super::names::names_of;
use super::object::Object;
use super::{
    Code, DecodeError, DecodeFault, Endpoint, PricingStrategy, RawJson, open_text, optional_text, raw_json,
};
use crate::domain::TransactionId;
use crate::escape::{Shown, readable};

/// One reply, read into types. A failure code is a reply like any other; only [`data`](Self::data) is missing then.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serialize",
    derive(serde::Serialize),
    serde(rename_all = "camelCase")
)]
#[non_exhaustive]
pub struct Envelope<T> {
    /// What the vendor answered.
    pub code: Code,
    /// The same for people; it changes without notice. The server writes it and may repeat what it was sent: `Debug`
    /// escapes it and cuts it at 200 characters, and knows of no secret in it.
    pub message: Option<String>,
    /// What was asked for. `None` if the code is not `SUCCESS`, and if `data` was null or missing and the endpoint does
    /// not say what that means.
    pub data: Option<T>,
    /// "Extra response info (Exception Message)": of no documented type.
    pub extra: Option<RawJson>,
    /// The vendor's handle for this request.
    pub transaction_id: Option<TransactionId>,
    /// Whether the request was charged. Siblings omit it at times or call it deprecated.
    pub pricing_strategy: Option<PricingStrategy>,
}

impl<T: fmt::Debug> fmt::Debug for Envelope<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message.as_deref();
        f.debug_struct("Envelope")
            .field("code", &self.code)
            .field("message", &message.map(|text| Shown::new(text, 200).to_string()))
            .field("data", &self.data)
            .field("extra", &self.extra)
            .field("transaction_id", &self.transaction_id)
            .field("pricing_strategy", &self.pricing_strategy)
            .finish()
    }
}

/// A body that is no envelope, with what could still be read of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseError {
    /// What does not fit, and where.
    pub error: DecodeError,
    /// The reply's code, if it can be told.
    pub code: Option<Code>,
    /// The reply's transaction id, if it can be told.
    pub transaction_id: Option<TransactionId>,
    /// What the reply says it cost, if it can be told.
    pub pricing_strategy: Option<PricingStrategy>,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

// It says what its `error` says; as a source that would be said twice.
impl std::error::Error for ParseError {}

/// The members, with `data` read as `D`.
#[derive(Deserialize)]
#[serde(bound(deserialize = "D: Deserialize<'de>"))]
struct Fields<D> {
    #[serde(deserialize_with = "code")]
    code: Code,
    #[serde(default, deserialize_with = "optional_text")]
    message: Option<String>,
    #[serde(default = "none")]
    data: Option<D>,
    #[serde(default, deserialize_with = "raw_json::optional")]
    extra: Option<RawJson>,
    #[serde(default, rename = "transactionId", deserialize_with = "optional_text")]
    transaction_id: Option<TransactionId>,
    #[serde(default, rename = "pricingStrategy", deserialize_with = "optional_text")]
    pricing_strategy: Option<PricingStrategy>,
}

const fn none<D>() -> Option<D> {
    None
}

impl<D> Fields<D> {
    /// `data` is read only if the code is `SUCCESS`, and the rest is the same.
    fn envelope<T, X>(self, read: impl FnOnce(D) -> Result<T, X>) -> Result<Envelope<T>, Unread<X>> {
        let data = self.data.filter(|_| self.code == Code::Success);
        match data.map(read).transpose() {
            Ok(data) => Ok(Envelope {
                code: self.code,
                message: self.message,
                data,
                extra: self.extra,
                transaction_id: self.transaction_id,
                pricing_strategy: self.pricing_strategy,
            }),
            Err(why) => Err(Unread {
                why,
                code: self.code,
                transaction_id: self.transaction_id,
                pricing_strategy: self.pricing_strategy,
            }),
        }
    }
}

/// An envelope whose `data` does not fit.
struct Unread<X> {
    why: X,
    code: Code,
    transaction_id: Option<TransactionId>,
    pricing_strategy: Option<PricingStrategy>,
}

/// The envelope's members.
pub(super) fn members() -> Vec<&'static str> {
    names_of::<Fields<IgnoredAny>>().to_vec()
}

fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
    let code: Code = open_text(deserializer)?;
    if code.as_str().is_empty() {
        return Err(D::Error::invalid_value(
            serde::de::Unexpected::Other("text"),
            &"a code that is not empty",
        ));
    }
    Ok(code)
}

/// Reads a reply's body. Never panics, on any bytes.
///
/// The bytes are checked to be UTF-8 once. A byte order mark at the front and white space around the object pass;
/// members that are not documented are skipped. `data` is read only if the code is `SUCCESS`.
///
/// # Errors
/// A [`ParseError`] that names the place and never quotes a value, with code, transaction id and charge if a second,
/// cold look can recover them.
pub fn parse<E: Endpoint>(endpoint: &E, body: &[u8]) -> Result<Envelope<E::Output>, ParseError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let text = std::str::from_utf8(body).map_err(|_| {
        // Whose bytes are broken may still be somebody's data.
        salvage(DecodeError::utf8(), &readable(body))
    })?;
    let envelope = match endpoint.in_one_pass(text, Own(())) {
        Some(envelope) => envelope,
        None => in_two_passes(endpoint, text)?,
    };
    let means_something = envelope.code == Code::Success && envelope.data.is_none();
    Ok(if means_something {
        Envelope {
            data: endpoint.without_data(),
            ..envelope
        }
    } else {
        envelope
    })
}

/// Envelope and `data` in one pass, if nothing is wrong with either. If something is, two passes say what.
pub(super) fn in_one_pass<'de, D, T>(text: &'de str, read: impl FnOnce(D) -> Option<T>) -> Option<Envelope<T>>
where
    D: Deserialize<'de>,
{
    let Object(fields) = serde_json::from_str::<Object<Fields<Object<D>>>>(text).ok()?;
    fields.envelope(|Object(data)| read(data).ok_or(())).ok()
}

/// First the envelope, then `data`, so that each says where it does not fit.
fn in_two_passes<E: Endpoint>(endpoint: &E, text: &str) -> Result<Envelope<E::Output>, ParseError> {
    let Ok(Object(fields)) = serde_json::from_str::<Object<Fields<&RawValue>>>(text) else {
        let error = explain::<Object<Fields<&RawValue>>>(text, &members());
        return Err(salvage(error, text));
    };
    let envelope = fields.envelope(|data: &RawValue| endpoint.decode(data.get()));
    envelope.map_err(|unread| ParseError {
        error: unread.why.below_data(),
        code: Some(unread.code),
        transaction_id: unread.transaction_id,
        pricing_strategy: unread.pricing_strategy,
    })
}

/// What can still be told of a body that does not parse: members up to the point where it breaks.
#[cold]
fn salvage(error: DecodeError, text: &str) -> ParseError {
    let mut found = Salvaged {
        damaged: error.fault() == DecodeFault::Utf8,
        ..Salvaged::default()
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // Its result only says where the text breaks, which is known already.
    let _broken = found.deserialize(&mut deserializer);
    ParseError {
        error,
        code: found.code.sure(),
        transaction_id: found.transaction_id.sure(),
        pricing_strategy: found.pricing_strategy.sure(),
    }
}

#[derive(Default)]
struct Salvaged {
    /// Whether a replacement character may stand where a byte was broken.
    damaged: bool,
    code: Told<Code>,
    transaction_id: Told<TransactionId>,
    pricing_strategy: Told<PricingStrategy>,
}

/// What a member said so far.
#[derive(Default)]
enum Told<T> {
    #[default]
    Nothing,
    Once(T),
    /// It says nothing, or stands there twice and disagrees with itself, so neither is believed.
    Contradiction,
}

impl<T: for<'a> From<&'a str> + PartialEq> Told<T> {
    fn hear(&mut self, value: &RawValue, damaged: bool) {
        let text: Option<String> = serde_json::from_str(value.get()).ok();
        let now = text
            .filter(|text| !text.is_empty())
            .filter(|text| !damaged || !text.contains(char::REPLACEMENT_CHARACTER))
            .map(|text| T::from(&text));
        *self = match (std::mem::take(self), now) {
            (Self::Nothing, Some(now)) => Self::Once(now),
            (Self::Once(before), Some(now)) if before == now => Self::Once(before),
            _ => Self::Contradiction,
        };
    }

    fn sure(self) -> Option<T> {
        match self {
            Self::Once(value) => Some(value),
            Self::Nothing | Self::Contradiction => None,
        }
    }
}

impl<'de> DeserializeSeed<'de> for &mut Salvaged {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Salvaged {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "code" => self.code.hear(map.next_value()?, self.damaged),
                "transactionId" => self.transaction_id.hear(map.next_value()?, self.damaged),
                "pricingStrategy" => self.pricing_strategy.hear(map.next_value()?, self.damaged),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}
