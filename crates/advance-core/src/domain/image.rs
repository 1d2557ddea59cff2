//! Links to the photographs.

use std::fmt;

use zeroize::Zeroizing;

/// A presigned link to a photograph of somebody's card. Whoever has it can fetch the picture for a day, so `Debug`
/// shows scheme and host only. It leads to another host than the API: never send the token there.
#[derive(Clone, PartialEq, Eq)]
pub struct ImageLink(Zeroizing<String>);

impl ImageLink {
    /// The link exactly as it came; the percent-encoding in its query is part of the signature.
    pub fn expose_url(&self) -> &str {
        &self.0
    }
}

impl From<&str> for ImageLink {
    fn from(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }
}

impl fmt::Debug for ImageLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ImageLink({})", Origin(&self.0))
    }
}

#[cfg(feature = "serialize")]
impl serde::Serialize for ImageLink {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Scheme and host of a URL whose path and query are secret.
pub(super) struct Origin<'a>(pub(super) &'a str);

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let uri: Option<http::Uri> = self.0.parse().ok();
        match uri
            .as_ref()
            .and_then(|uri| Some((uri.scheme_str()?, uri.host()?)))
        {
            Some((scheme, host)) => write!(f, "{scheme}://{host}/…"),
            None => f.write_str("not a URL"),
        }
    }
}
