//! What a saved reply holds, with and without what is secret or personal in it.

use advance_core::wire::{Code, CodeClass, IssuedToken};
use advance_core::{
    IdvCode, IdvResult, ImageType, OcrCode, SignatureId, UnixMillis, Verification, VerificationLink,
};
use serde::Serialize;

use crate::commands::link;
use crate::commands::view::{self, Meaning};
use crate::text::Rows;
use crate::time;

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
    fn shape(&self) -> Self::Shape<'_>;

    /// The same for a person, and the rest if it is asked for.
    fn describe(&self, reveal: bool) -> String;
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenShape {
    expired_time: UnixMillis,
    token_length: usize,
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

    fn shape(&self) -> TokenShape {
        TokenShape {
            expired_time: self.expired_time,
            token_length: self.token.expose().len(),
        }
    }

    fn describe(&self, reveal: bool) -> String {
        let mut rows = Rows::default();
        let length = format!("{} characters; --reveal shows it", self.token.expose().len());
        rows.add(["token", if reveal { self.token.expose() } else { &length }]);
        rows.add(["expires", &time::shown(self.expired_time)]);
        format!("\nToken\n{}", rows.lines(2))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LinkShape<'a> {
    signature_id: &'a SignatureId,
    expired_time: UnixMillis,
}

impl Data for VerificationLink {
    type Shape<'a> = LinkShape<'a>;

    fn shape(&self) -> LinkShape<'_> {
        LinkShape {
            signature_id: self.signature_id(),
            expired_time: self.expires_at(),
        }
    }

    fn describe(&self, reveal: bool) -> String {
        if reveal {
            return format!("\nLink\n{}", link::rows(self).lines(2));
        }
        let mut rows = Rows::default();
        rows.add(["url", "a secret; --reveal shows it"]);
        rows.add(["signatureId", self.signature_id().as_str()]);
        rows.add(["open until", &time::shown(self.expires_at())]);
        format!("\nLink\n{}", rows.lines(2))
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
    fields_read: Vec<&'static str>,
    fields_not_read: Vec<&'static str>,
}

impl Data for Verification {
    type Shape<'a> = VerificationShape<'a>;

    const MAY_BE_UNFINISHED: bool = true;

    fn shape(&self) -> VerificationShape<'_> {
        let (read, not_read) = fields(self);
        VerificationShape {
            meaning: Meaning::of(self),
            image_type: self.image_type(),
            idv_code: self.idv_code(),
            idv_result: self.idv_result(),
            ocr_code: self.ocr_code(),
            has_image: self.image().is_some(),
            has_cropped_image: self.cropped_image().is_some(),
            fields_read: read,
            fields_not_read: not_read,
        }
    }

    fn describe(&self, reveal: bool) -> String {
        let mut text = view::outcome(self, reveal);
        if reveal {
            text += &view::card(self);
        } else if self.ocr_result().is_some() {
            let (read, _) = fields(self);
            text += &format!(
                "\nRead off the card: {} of 18 fields; --reveal shows them and the links to the pictures\n",
                read.len()
            );
        }
        text + &view::consistency(self)
    }
}

fn fields(verification: &Verification) -> (Vec<&'static str>, Vec<&'static str>) {
    let Some(card) = verification.ocr_result() else {
        return (Vec::new(), Vec::new());
    };
    let (read, not_read): (Vec<_>, Vec<_>) = card
        .fields()
        .into_iter()
        .partition(|(_, field)| field.text().is_some());
    let names = |fields: Vec<(&'static str, _)>| fields.into_iter().map(|(name, _)| name).collect();
    (names(read), names(not_read))
}
