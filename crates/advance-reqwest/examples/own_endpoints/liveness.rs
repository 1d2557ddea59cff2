//! An upload as multipart, to a path of one region. reqwest's encoder makes body and boundary; any other does as well.

use std::borrow::Cow;
use std::io::{Error, Read as _};

use advance_reqwest::Endpoint;
use advance_reqwest::reqwest::blocking::multipart::{Form, Part};
use advance_reqwest::wire::{Auth, DecodeError, Replay};

/// Whether a photograph shows a living person.
pub(crate) struct Liveness {
    region: Region,
    boundary: String,
    body: Vec<u8>,
}

/// Where it is judged.
#[derive(Clone, Copy)]
pub(crate) enum Region {
    Indonesia,
    Singapore,
}

impl Liveness {
    pub(crate) fn new(region: Region, photo: &'static [u8], media_type: &str) -> Result<Self, Error> {
        let part = Part::bytes(photo).file_name("photo");
        let part = part.mime_str(media_type).map_err(Error::other)?;
        let form = Form::new().text("resultType", "SCORE").part("image", part);
        let boundary = form.boundary().to_owned();
        let mut body = Vec::new();
        form.into_reader().read_to_end(&mut body)?;
        Ok(Self {
            region,
            boundary,
            body,
        })
    }
}

impl Endpoint for Liveness {
    type Output = f64;
    const PATH: &'static str = "/openapi/face/v1/liveness";
    const AUTH: Auth = Auth::AccessToken;
    const REPLAY: Replay = Replay::MayCharge;

    fn path(&self) -> Cow<'static, str> {
        match self.region {
            Region::Indonesia => Self::PATH.into(),
            Region::Singapore => "/sg/openapi/face/v1/liveness".into(),
        }
    }

    fn content_type(&self) -> Cow<'static, str> {
        format!("multipart/form-data; boundary={}", self.boundary).into()
    }

    fn encode(&self) -> Vec<u8> {
        self.body.clone()
    }

    fn decode(&self, data: &str) -> Result<f64, DecodeError> {
        let data: serde_json::Value =
            serde_json::from_str(data).map_err(|_| DecodeError::new("", "expected JSON"))?;
        data["score"]
            .as_f64()
            .ok_or_else(|| DecodeError::new("score", "expected a number"))
    }
}
