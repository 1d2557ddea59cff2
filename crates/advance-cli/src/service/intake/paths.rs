//! The paths that there are.

use advance_core::SignatureId;
use http::Method;
use percent_encoding::percent_decode_str;

pub(super) enum Path {
    Verifications,
    Verification(SignatureId),
    Nudge(SignatureId),
    Picture(SignatureId, &'static str),
    Description,
    None,
}

impl Path {
    pub(super) fn of(path: &str) -> Self {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        match *segments.as_slice() {
            ["openapi.json"] => Self::Description,
            ["verifications"] => Self::Verifications,
            ["verifications", id] => id_of(id).map_or(Self::None, Self::Verification),
            ["verifications", id, "nudge"] => id_of(id).map_or(Self::None, Self::Nudge),
            ["verifications", id, "pictures", kind] => {
                let kind = ["image", "cropped_image"]
                    .into_iter()
                    .find(|known| *known == kind);
                match (id_of(id), kind) {
                    (Some(id), Some(kind)) => Self::Picture(id, kind),
                    _ => Self::None,
                }
            }
            _ => Self::None,
        }
    }

    /// The method that it takes, if it is a path at all.
    pub(super) const fn allows(&self) -> Option<Method> {
        match self {
            Self::Verifications | Self::Nudge(_) => Some(Method::POST),
            Self::Verification(_) | Self::Picture(..) | Self::Description => Some(Method::GET),
            Self::None => None,
        }
    }
}

fn id_of(segment: &str) -> Option<SignatureId> {
    let text = percent_decode_str(segment).decode_utf8().ok()?;
    SignatureId::new(text.as_ref()).ok()
}
