//! What a saved reply holds, with and without what is secret or personal in it.

use advance_core::domain::{IdvCode, IdvResult, ImageType, OcrCode};
use advance_core::wire::{CodeClass, IssuedToken};
use advance_core::{Code, SignatureId, UnixMillis, Verification, VerificationLink};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::jwt;
use crate::out::Out;
use crate::style::{BOLD, DOUBTFUL, styled};
use crate::text::Rows;
use crate::time;
use crate::view::verification::Meaning;
use crate::view::{card, verification};

/// How to show it.
pub(super) struct Look<'a> {
    pub(super) reveal: bool,
    pub(super) now: UnixMillis,
    /// When the reply came, as far as that is known.
    pub(super) received: Option<UnixMillis>,
    pub(super) out: &'a Out,
}

/// `data` of a successful reply.
pub(super) trait Data: Serialize {
    type Shape<'a>: Serialize
    where
        Self: 'a;

    /// Whether its lack means that somebody has not finished, so that it is as good as data without members.
    const MAY_BE_UNFINISHED: bool = false;

    /// What kind of answer a code is where this was asked for.
    fn class(code: &Code) -> CodeClass {
        code.class()
    }

    /// What may be shown to anybody.
    fn shape(&self, look: &Look<'_>) -> Self::Shape<'_>;

    /// The same for a person, and the rest if it is asked for.
    fn describe(&self, look: &Look<'_>) -> String;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenShape {
    expired_time: UnixMillis,
    expired: bool,
    token_length: usize,
    claims: Option<Map<String, Value>>,
}

impl Data for IssuedToken {
    type Shape<'a> = TokenShape;

    /// The parameters of generate-token say who asks, so that a wrong one is a wrong key or clock.
    fn class(code: &Code) -> CodeClass {
        match (code, code.class()) {
            (Code::ClientError, class) => class,
            (_, CodeClass::Request | CodeClass::Auth) => CodeClass::Credentials,
            (_, class) => class,
        }
    }

    fn shape(&self, look: &Look<'_>) -> TokenShape {
        TokenShape {
            expired_time: self.expired_time,
            expired: self.expired_time <= look.now,
            token_length: self.token.expose().len(),
            claims: jwt::claims(self.token.expose()).map(|claims| jwt::open(&claims)),
        }
    }

    fn describe(&self, look: &Look<'_>) -> String {
        let mut rows = Rows::default();
        let length = format!("{} characters; --reveal shows it", self.token.expose().len());
        rows.add(["token", if look.reveal { self.token.expose() } else { &length }]);
        rows.add(["expires", &time::relative(self.expired_time, look.now)]);
        if let Some(claims) = jwt::claims(self.token.expose()) {
            jwt::add_to(&mut rows, &claims, look.now);
        }
        let warning = expired(self.expired_time, look, "The token has expired.");
        format!(
            "\n{}\n{}{warning}",
            styled(BOLD, "Token"),
            look.out.lines(&rows, 2)
        )
    }
}

/// Warns of what is over.
fn expired(end: UnixMillis, look: &Look<'_>, what: &str) -> String {
    if end > look.now {
        return String::new();
    }
    format!("  {}\n", styled(DOUBTFUL, &look.out.sentence(what, 4)))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LinkShape<'a> {
    signature_id: &'a SignatureId,
    expired_time: UnixMillis,
    expired: bool,
}

impl Data for VerificationLink {
    type Shape<'a> = LinkShape<'a>;

    fn shape(&self, look: &Look<'_>) -> LinkShape<'_> {
        LinkShape {
            signature_id: self.signature_id(),
            expired_time: self.expires_at(),
            expired: self.expires_at() <= look.now,
        }
    }

    fn describe(&self, look: &Look<'_>) -> String {
        let mut rows = Rows::default();
        let url = if look.reveal {
            self.expose_url()
        } else {
            "a secret; --reveal shows it"
        };
        rows.add(["url", url]);
        rows.add(["signatureId", self.signature_id().as_str()]);
        rows.add(["open until", &time::relative(self.expires_at(), look.now)]);
        let warning = expired(self.expires_at(), look, "The link has ended: make another one.");
        format!(
            "\n{}\n{}{warning}",
            styled(BOLD, "Link"),
            look.out.lines(&rows, 2)
        )
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VerificationShape<'a> {
    #[serde(flatten)]
    meaning: Meaning,
    image_type: Option<&'a ImageType>,
    idv_code: Option<&'a IdvCode>,
    idv_result: Option<&'a IdvResult>,
    ocr_code: Option<&'a OcrCode>,
    has_image: bool,
    has_cropped_image: bool,
    pictures_expired: Option<bool>,
    fields_read: Vec<&'static str>,
    fields_not_read: Vec<&'static str>,
}

/// Whether the links to the pictures are over, if that can be told.
fn pictures_expired(verification: &Verification, look: &Look<'_>) -> Option<bool> {
    let link = verification.image().or(verification.cropped_image())?;
    // A link that does not say itself when it ends lives for a day from when it came.
    let end = link.expires_at(look.received.unwrap_or(UnixMillis::new(u64::MAX / 2)));
    (look.received.is_some() || end.get() < u64::MAX / 2).then_some(end <= look.now)
}

impl Data for Verification {
    type Shape<'a> = VerificationShape<'a>;

    const MAY_BE_UNFINISHED: bool = true;

    fn shape(&self, look: &Look<'_>) -> VerificationShape<'_> {
        let (read, not_read) = card::names(self);
        VerificationShape {
            meaning: Meaning::of(self),
            image_type: self.image_type(),
            idv_code: self.idv_code(),
            idv_result: self.idv_result(),
            ocr_code: self.ocr_code(),
            has_image: self.image().is_some(),
            has_cropped_image: self.cropped_image().is_some(),
            pictures_expired: pictures_expired(self, look),
            fields_read: read,
            fields_not_read: not_read,
        }
    }

    fn describe(&self, look: &Look<'_>) -> String {
        let mut text = verification::outcome(self, look.reveal, look.out);
        if pictures_expired(self, look) == Some(true) {
            let warning = "The links to the pictures have ended: ask get-result again for new ones.";
            text += &format!("  {}\n", styled(DOUBTFUL, &look.out.sentence(warning, 4)));
        }
        text + &card::fields(self, look.reveal, look.out) + &card::consistency(self, look.out)
    }
}
