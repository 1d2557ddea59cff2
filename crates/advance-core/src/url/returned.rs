//! What the browser came back with.

mod parts;

use std::borrow::Cow;
use std::fmt;

use self::parts::{Parameters, Parts, Path};
use super::ReturnUrl;
use crate::domain::SignatureId;
use crate::error::Error;
use crate::wipe::Wiped;

const FIELD: &str = "returned URL";
/// The longest [`ReturnUrl`] has 2,048 characters, of four bytes at the most, and a browser writes three for each of
/// those. As much as a third of that again is room for what the page appends.
const LIMIT: usize = 32_768;

/// The URL with which a browser came back from the verification page, taken apart.
///
/// **It is never a proof of the result.** The person at the browser can write any URL into it, and the document
/// sends a forged card that could be read to `returnUrl` as well. Take it for a hint that it is time to ask, look up
/// which verification you are waiting for by your own session, and fetch the result.
///
/// What the page appends is not documented; a sibling product appends `errorCode` to `failReturnUrl`. So what is
/// there is read and nothing has to be. Path and query are the caller's and the person's business: `Debug` shows
/// nothing of them, only the origin and what is there, and they are wiped when dropped, `signatureId` and `errorCode`
/// included.
///
/// ```
/// use advance_core::{ReturnUrl, ReturnedUrl, SignatureId};
///
/// let sent = ReturnUrl::new("https://shop.example/verified?order=17")?;
/// let waiting_for = SignatureId::new("ed8b21c0c87ad617")?;
///
/// // A server sees path and query; a single-page app has the whole of `location.href`.
/// let returned = ReturnedUrl::parse("/verified?order=17&signatureId=ed8b21c0c87ad617")?;
/// assert_eq!(returned.signature_id(), Some(&waiting_for));
/// assert_eq!(returned.parameter("order").as_deref(), Some("17"));
/// assert_eq!(returned.error_code(), None);
/// assert!(returned.mismatches(&sent, &waiting_for).is_empty());
/// # Ok::<(), advance_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ReturnedUrl {
    /// None if only path and query came.
    origin: Option<String>,
    path: Path,
    parameters: Parameters,
    signature_id: Option<SignatureId>,
    error_code: Option<Wiped<String>>,
    ambiguous: bool,
}

/// How a returned URL differs from what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReturnMismatch {
    /// Scheme, host, port or path are not those of the URL that was sent.
    Address,
    /// A parameter of the URL that was sent is missing, or has another value, or one value more.
    Query,
    /// It names another verification.
    SignatureId,
    /// `signatureId` or `errorCode` stands there more than once, with different values.
    Ambiguous,
}

impl ReturnedUrl {
    /// Takes a whole URL, or path and query as a server sees them (`/verified?…`). Names and values are decoded.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if it is neither, longer than 32,768 bytes or holds control
    /// characters. The text does not repeat it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let refuse = |rule| Err(Error::invalid(FIELD, rule));
        if text.len() > LIMIT {
            return refuse("must have at most 32768 bytes");
        }
        if text.chars().any(|c| c.is_control() || c == ' ') {
            return refuse("must not contain spaces or control characters");
        }
        let Some(parts) = Parts::of(text) else {
            return refuse("must be a URL (scheme://host/…) or begin with a slash");
        };
        let parameters = parts.parameters();
        let signature_id = parameters.only("signatureId");
        let error_code = parameters.only("errorCode");
        Ok(Self {
            path: parts.path(),
            origin: parts.origin,
            ambiguous: signature_id.is_err() || error_code.is_err(),
            signature_id: signature_id
                .ok()
                .flatten()
                .and_then(|id| SignatureId::new(id.as_str()).ok()),
            error_code: error_code.ok().flatten(),
            parameters,
        })
    }

    /// The verification it names, if it names one and only one.
    pub const fn signature_id(&self) -> Option<&SignatureId> {
        self.signature_id.as_ref()
    }

    /// What the page says went wrong, if it says so. The words are not documented, and a browser can hold any text:
    /// escape it before showing it.
    pub fn error_code(&self) -> Option<&str> {
        self.error_code.as_ref().map(|code| code.as_str())
    }

    /// The value of a parameter of this name, decoded, such as the caller's own `order` in the URL that was sent. None if
    /// there is none, or several that differ. A browser can hold any text: look it up, and never trust it.
    pub fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        self.parameters.one(name)
    }

    /// Everything in which it differs from the URL that was sent and the verification that is waited for; empty if
    /// they fit. What is merely absent (no `signatureId`, no origin in what a server sees) is no mismatch, nor is a
    /// parameter that was not sent.
    ///
    /// Percent-encoding makes no difference, but for that of a slash. Browsers take dot segments out (`/a/../b` becomes
    /// `/b`), so a URL that is to be compared is better sent without any.
    ///
    /// A fit proves nothing, see [`ReturnedUrl`]. A mismatch says that this is not the redirect you wait for.
    pub fn mismatches(&self, sent: &ReturnUrl, signature_id: &SignatureId) -> Vec<ReturnMismatch> {
        let mut found = Vec::new();
        // A `ReturnUrl` names a host, so it always comes apart.
        let sent = Parts::of(sent.as_str());
        let same_address = sent.as_ref().is_some_and(|sent| {
            let same_origin = self.origin.is_none() || self.origin == sent.origin;
            same_origin && self.path == sent.path()
        });
        if !same_address {
            found.push(ReturnMismatch::Address);
        }
        let kept = sent.is_some_and(|sent| self.parameters.keep(&sent.parameters()));
        if !kept {
            found.push(ReturnMismatch::Query);
        }
        if self
            .signature_id
            .as_ref()
            .is_some_and(|came| came != signature_id)
        {
            found.push(ReturnMismatch::SignatureId);
        }
        if self.ambiguous {
            found.push(ReturnMismatch::Ambiguous);
        }
        found
    }
}

impl fmt::Debug for ReturnedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReturnedUrl")
            .field("origin", &self.origin)
            .field("parameters", &self.parameters.len())
            .field("has_signature_id", &self.signature_id.is_some())
            .field("has_error_code", &self.error_code.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::ReturnMismatch::{Address, Ambiguous, Query, SignatureId as OtherId};
    use super::*;

    fn expected() -> (ReturnUrl, SignatureId) {
        (
            ReturnUrl::new("https://Shop.example:443/verified?order=17&note=a%20b#top").unwrap(),
            SignatureId::new("abc").unwrap(),
        )
    }

    #[test]
    fn q31_what_came_back_is_held_against_what_was_sent() {
        let (sent, id) = expected();
        for (text, mismatches) in [
            (
                "https://shop.example/verified?order=17&note=a+b&signatureId=abc",
                &[][..],
            ),
            ("/verified?signatureId=abc&note=a%20b&order=17&errorCode=X", &[]),
            ("/verified?order=17&note=a b".replace(' ', "+").as_str(), &[]),
            ("/%76erified?order=17&note=a+b", &[]),
            ("/verified?order=17&note=a+b#?signatureId=abc", &[]),
            ("/verified?order=18&note=a+b", &[Query]),
            ("/verified", &[Query]),
            ("/elsewhere?order=17&note=a+b", &[Address]),
            ("http://shop.example/verified?order=17&note=a+b", &[Address]),
            ("https://shop.example.evil/verified?order=17&note=a+b", &[Address]),
            ("https://shop.example:444/verified?order=17&note=a+b", &[Address]),
            ("/verified?order=17&note=a+b&signatureId=abd", &[OtherId]),
            (
                "/verified?order=17&note=a+b&signatureId=abc&signatureId=abd",
                &[Ambiguous],
            ),
            ("/verified?order=17&note=a+b&signatureId=abc&signatureId=abc", &[]),
            (
                "/verified?order=17&note=a+b&errorCode=1&errorCode=2",
                &[Ambiguous],
            ),
            ("/?signatureId=x", &[Address, Query, OtherId]),
            // A program that reads the last of two would read what the browser wrote.
            ("/verified?order=17&note=a+b&order=18", &[Query]),
            ("/verified?order=18&order=17&note=a+b", &[Query]),
            ("/verified?order=17&note=a+b&order=17", &[Query]),
            ("/verified?order=17&note=a+b#?order=18", &[Query]),
            ("/verified?order=17&note=a+b&Order=18", &[]),
            ("/verified?note=a+b#?order=17", &[]),
        ] {
            let returned = ReturnedUrl::parse(text).unwrap();
            assert_eq!(returned.mismatches(&sent, &id), mismatches, "{text}");
        }
    }

    #[test]
    fn what_is_encoded_is_compared_as_what_it_means_and_a_slash_that_is_encoded_parts_nothing() {
        let id = SignatureId::new("abc").unwrap();
        for (sent, came, mismatches) in [
            ("/a%2Fb", "/a%2Fb", &[][..]),
            ("/a%2Fb", "/a%2fb", &[]),
            ("/a%2Fb", "/a/b", &[Address]),
            ("/a%2Fb", "/a%252Fb", &[Address]),
            ("/a/b", "/a//b", &[Address]),
            ("/x%FF", "/x%ff", &[]),
            ("/x%FF", "/x%FE", &[Address]),
            ("/x%FF", "/x%EF%BF%BD", &[Address]),
            ("/a+b", "/a%2Bb", &[]),
            ("/a+b", "/a%20b", &[Address]),
            ("/?x=%FF", "/?x=%FE", &[Query]),
            ("/?x=%FF", "/?%78=%ff", &[]),
            ("/?x=1&x=2", "/?x=1&x=2&y=3", &[]),
            ("/?x=1&x=2", "/?x=2&x=1", &[Query]),
            ("/?x=1&x=2", "/?x=1", &[Query]),
            ("/?x", "/?x=", &[]),
            ("/?signatureId=%FF", "/?signatureId=%FF", &[OtherId]),
            ("/", "/?errorCode=%FF&errorCode=%FE", &[Ambiguous]),
        ] {
            let sent = ReturnUrl::new(format!("https://shop.example{sent}")).unwrap();
            let returned = ReturnedUrl::parse(came).unwrap();
            assert_eq!(returned.mismatches(&sent, &id), mismatches, "{came}");
        }
    }

    #[test]
    fn the_longest_return_url_comes_back_whatever_its_letters() {
        let path = "𝄞".repeat(2_048 - "https://shop.example/".len());
        let sent = ReturnUrl::new(format!("https://shop.example/{path}")).unwrap();
        let came = format!(
            "https://shop.example/{}?signatureId=abc&errorCode={}",
            "%F0%9D%84%9E".repeat(path.len() / 4),
            "X".repeat(8_000)
        );
        let returned = ReturnedUrl::parse(&came).unwrap();
        assert_eq!(returned.mismatches(&sent, &SignatureId::new("abc").unwrap()), []);
    }

    #[test]
    fn an_app_and_a_bare_host_come_back_too() {
        let id = SignatureId::new("abc").unwrap();
        for (sent, came) in [
            ("myapp://done", "myapp://done?signatureId=abc"),
            ("https://shop.example", "https://shop.example/?signatureId=abc"),
            (
                "https://shop.example/ü?x=é",
                "https://shop.example/%C3%BC?x=%C3%A9",
            ),
            (
                "http://[::1]:3000/#/route",
                "http://[::1]:3000/#/route?signatureId=abc",
            ),
        ] {
            let returned = ReturnedUrl::parse(came).unwrap();
            let sent = ReturnUrl::new(sent).unwrap();
            assert_eq!(returned.mismatches(&sent, &id), [], "{came}");
        }
    }

    #[test]
    fn ids_and_codes_are_decoded_and_an_impossible_id_is_none() {
        let returned = ReturnedUrl::parse("/x?errorCode=NO%5FCARD%0A&signatureId=a%2Bb").unwrap();
        assert_eq!(returned.error_code(), Some("NO_CARD\n"));
        assert_eq!(returned.signature_id().unwrap().as_str(), "a+b");
        for none in [
            "/x?signatureId=",
            "/x?signatureId",
            "/x?signatureId=%00",
            "/x?signatureid=a",
            "/x",
        ] {
            assert_eq!(ReturnedUrl::parse(none).unwrap().signature_id(), None, "{none}");
        }
    }

    #[test]
    fn what_is_no_url_is_refused_without_an_echo() {
        let long = format!("/hidden{}", "x".repeat(LIMIT));
        for bad in [
            "",
            "hidden",
            "?hidden=1",
            "mailto:hidden",
            "https://",
            "https:///hidden",
            "https://hidden@shop.example/",
            "https://hidden:99999/",
            "/hidden\n",
            "/hidden x",
            &long,
        ] {
            let error = ReturnedUrl::parse(bad).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hidden"), "{bad}: {error}");
        }
    }

    #[test]
    fn the_longest_is_as_long_as_documented() {
        let longest = format!("/{}", "x".repeat(LIMIT - 1));
        assert!(ReturnedUrl::parse(&longest).is_ok());
        assert!(ReturnedUrl::parse(&format!("{longest}x")).is_err());
    }

    #[test]
    fn debug_shows_no_path_and_no_query() {
        let query = "a=hidden&errorCode=hidden&signatureId=hidden";
        let returned = ReturnedUrl::parse(&format!("https://s.example/hidden?{query}")).unwrap();
        let shown = format!("{returned:?} {returned:#?}");
        assert!(!shown.contains("hidden"), "{shown}");
        assert!(
            shown.contains("https://s.example") && shown.contains("has_error_code: true"),
            "{shown}"
        );
        assert!(
            shown.contains("has_signature_id: true") && shown.contains("parameters: 3"),
            "{shown}"
        );
    }
}
