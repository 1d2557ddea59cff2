//! The link to the verification page.

use std::fmt;
use std::time::Duration;

use super::SignatureId;
use crate::time::UnixMillis;
use crate::url;
use crate::wipe::Wiped;
use crate::wire::{DecodeError, decode_link};

/// A link that lets one person verify themselves. Its query carries a token: any holder of the link can use it, so
/// `Debug` shows scheme and host only, and the text is wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct VerificationLink {
    signature_id: SignatureId,
    url: Wiped<String>,
    expired_time: UnixMillis,
}

impl VerificationLink {
    /// Reads a link that was stored: `data` of generate-url as it came, or what the feature `serialize` writes. It is also
    /// how a unit test has one.
    ///
    /// ```
    /// use advance_core::{VerificationLink, WaitPolicy};
    ///
    /// let stored = r#"{"signatureId": "ed8b21c0c87ad617", "url": "https://h5.advance.ai/", "expiredTime": 1790003600000}"#;
    /// let link = VerificationLink::from_json(stored)?;
    /// let policy = WaitPolicy::link(&link);
    /// # drop(policy);
    /// # Ok::<(), advance_core::wire::DecodeError>(())
    /// ```
    ///
    /// # Errors
    /// A [`DecodeError`] that names the place and never quotes a value.
    pub fn from_json(data: &str) -> Result<Self, DecodeError> {
        decode_link(data)
    }

    pub(crate) fn received(
        signature_id: SignatureId,
        url: Wiped<String>,
        expired_time: UnixMillis,
    ) -> Option<Self> {
        let uri = url::sound(&url)?;
        let web = matches!(uri.scheme_str(), Some("https" | "http"));
        web.then(|| Self {
            signature_id,
            url,
            expired_time,
        })
    }

    /// Names the verification; keep it to fetch the result.
    pub const fn signature_id(&self) -> &SignatureId {
        &self.signature_id
    }

    /// The URL to send the person to. It is a secret between them and you.
    pub fn expose_url(&self) -> &str {
        &self.url
    }

    /// Scheme, host and port, which may be shown: `https://h5.advance.ai`.
    pub fn origin(&self) -> String {
        // A link without one is refused when the reply is read.
        url::origin(&self.url).unwrap_or_default()
    }

    /// When it ends by the vendor's clock (`expiredTime`, in milliseconds). The document says that a link lives
    /// 3,600 s and shows a sample that does not.
    pub const fn expires_at(&self) -> UnixMillis {
        self.expired_time
    }

    /// How long it still lives; zero once it has ended. An end in the past is no proof that the link is dead: the
    /// document's own sample ends years before it was made.
    pub const fn remaining(&self, now: UnixMillis) -> Duration {
        self.expired_time.saturating_since(now)
    }
}

impl fmt::Debug for VerificationLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerificationLink")
            .field("signature_id", &self.signature_id)
            .field("url", &format_args!("{}", url::Origin(&self.url)))
            .field("expires_at", &self.expired_time)
            .finish()
    }
}

#[cfg(feature = "serialize")]
impl serde::Serialize for VerificationLink {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut object = serializer.serialize_struct("VerificationLink", 3)?;
        object.serialize_field("signatureId", &self.signature_id)?;
        object.serialize_field("url", self.url.as_str())?;
        object.serialize_field("expiredTime", &self.expired_time)?;
        object.end()
    }
}
