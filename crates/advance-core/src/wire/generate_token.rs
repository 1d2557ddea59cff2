//! Token Authentication API: `/openapi/auth/ticket/v1/generate-token`.

use std::time::Duration;

use serde::Deserialize;

use super::body::{self, Value};
use super::decode::from_json;
use super::endpoint::Own;
use super::envelope::in_one_pass;
use super::lenient::{Millis, PlainMillis, SecretText};
use super::names::names_of;
use super::object::Object;
use super::{Auth, DecodeError, Endpoint, Envelope, Replay, Signature, Timestamp, open_text, sign};
use crate::error::Error;
use crate::secret::{AccessKey, AccessToken, Credentials};
use crate::time::UnixMillis;

/// How long a token is asked to live: 60 to 86,400 whole seconds, 3,600 by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(u32);

impl Period {
    /// The shortest the document allows, one minute.
    pub const MIN: Self = Self(60);
    /// The longest the document allows, one day.
    pub const MAX: Self = Self(86_400);

    /// Takes a number of seconds within the documented bounds.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) outside 60…86,400.
    pub fn from_secs(seconds: u64) -> Result<Self, Error> {
        match u32::try_from(seconds) {
            Ok(seconds) if (Self::MIN.0..=Self::MAX.0).contains(&seconds) => Ok(Self(seconds)),
            _ => Err(Error::invalid("periodSecond", "must be from 60 to 86400 seconds")),
        }
    }

    /// The number of seconds.
    pub const fn as_secs(self) -> u32 {
        self.0
    }

    /// The same as a duration.
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }
}

impl Default for Period {
    /// One hour, the vendor's default.
    fn default() -> Self {
        Self(3_600)
    }
}

/// Asks for an access token.
///
/// A caller seldom builds this by hand: a [`Session`](crate::session::Session) signs, asks and renews by itself.
#[derive(Clone, Debug)]
pub struct GenerateToken {
    access_key: AccessKey,
    timestamp: Timestamp,
    signature: Signature,
    period: Option<Period>,
}

impl GenerateToken {
    /// Signs a request made at `time`, asking for the vendor's default period.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if the time does not have 13 digits.
    pub fn sign(credentials: &Credentials, time: UnixMillis) -> Result<Self, Error> {
        let timestamp = Timestamp::new(time)?;
        Ok(Self {
            access_key: credentials.access_key().clone(),
            timestamp,
            signature: sign(credentials, timestamp),
            period: None,
        })
    }

    /// Asks for this period instead.
    #[must_use]
    pub const fn period(mut self, period: Period) -> Self {
        self.period = Some(period);
        self
    }
}

impl GenerateToken {
    /// The time that was signed.
    pub(crate) const fn timestamp(&self) -> Timestamp {
        self.timestamp
    }
}

impl Endpoint for GenerateToken {
    type Output = IssuedToken;
    const PATH: &'static str = "/openapi/auth/ticket/v1/generate-token";
    const AUTH: Auth = Auth::None;
    const REPLAY: Replay = Replay::Free;

    fn encode(&self) -> Vec<u8> {
        let period = self
            .period
            .map(|period| ("periodSecond", Value::Number(period.as_secs().into())));
        let members = [
            ("accessKey", Value::Text(self.access_key.expose())),
            ("signature", Value::Text(self.signature.expose())),
            // Numbers, always: the document's table says strings, its sample sends numbers.
            ("timestamp", Value::Number(self.timestamp.get())),
        ];
        body::object(members.into_iter().chain(period))
    }

    fn decode(&self, data: &str) -> Result<IssuedToken, DecodeError> {
        let Object(data) = from_json::<Object<Data<Millis>>>(data, members)?;
        issued(data)
    }

    fn members() -> Vec<&'static str> {
        members()
    }

    fn in_one_pass(&self, reply: &str, _: Own) -> Option<Envelope<IssuedToken>> {
        in_one_pass(reply, |data: Data<PlainMillis>| issued(data).ok())
    }

    fn secrets<'a>(&'a self, issued: Option<&'a IssuedToken>) -> Vec<&'a str> {
        let token = issued.map(|issued| issued.token.expose());
        token.into_iter().chain([self.signature.expose()]).collect()
    }
}

/// The vendor's reply: a token, and when it ends by the vendor's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serialize",
    derive(serde::Serialize),
    serde(rename_all = "camelCase")
)]
#[non_exhaustive]
pub struct IssuedToken {
    /// Send it as `X-ACCESS-TOKEN`. One token serves every API until it expires; a new one does not end an old one.
    pub token: AccessToken,
    /// `expiredTime`, milliseconds since 1970. Parsed, never judged: the samples are long past.
    pub expired_time: UnixMillis,
}

fn issued<M: Into<UnixMillis>>(mut data: Data<M>) -> Result<IssuedToken, DecodeError> {
    let token = AccessToken::new(std::mem::take(&mut *data.token.0))
        .map_err(|_| DecodeError::new("token", "expected a token that can be sent in a header"))?;
    Ok(IssuedToken {
        token,
        expired_time: data.expired_time.into(),
    })
}

#[derive(Deserialize)]
struct Data<M> {
    #[serde(deserialize_with = "open_text")]
    token: SecretText,
    #[serde(rename = "expiredTime")]
    expired_time: M,
}

/// The members of `data`.
fn members() -> Vec<&'static str> {
    names_of::<Data<Millis>>().to_vec()
}
