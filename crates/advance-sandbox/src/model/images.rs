//! Links to pictures, signed and short-lived as those of the vendor's object store are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method, Response, StatusCode};

use super::Vendor;
use super::form;
use super::ids;
use super::picture::Scene;
use super::reply;
use super::time::UnixMs;

/// Pictures are below this path.
const PATH: &str = "/__sandbox/images/";
const WHOLE: &str = "_v1_front_SCAN.png";
const CROPPED: &str = "_v1_processed.png";

/// Headers that have no business where pictures are: the vendor's pictures are on another company's host.
pub(super) fn leaked(headers: &HeaderMap) -> Vec<&'static str> {
    ["x-access-token", "authorization", "cookie", "referer"]
        .into_iter()
        .filter(|name| headers.contains_key(*name))
        .collect()
}

impl Vendor {
    /// Links to the picture and to its crop, good until `image_life` from now.
    pub(super) fn image_links(
        &self,
        signature_id: &str,
        base: &str,
        cropped: bool,
        now: UnixMs,
    ) -> (Option<String>, Option<String>) {
        let expires = now.after(self.behaviour.image_life).as_secs();
        let link = |suffix| {
            let name = format!("{signature_id}{suffix}");
            let signature = form::encode(&self.image_signature(&name, expires));
            format!("{base}{PATH}{name}?Expires={expires}&OSSAccessKeyId=sandbox&Signature={signature}")
        };
        (Some(link(WHOLE)), cropped.then(|| link(CROPPED)))
    }

    /// A picture, or an error as the object store says it.
    pub(super) fn image(
        &mut self,
        method: &Method,
        name: &str,
        query: &str,
        now: UnixMs,
    ) -> Response<Vec<u8>> {
        if method != Method::GET && method != Method::HEAD {
            let text = "The specified method is not allowed against this resource.";
            return self.refuse_image("MethodNotAllowed", text);
        }
        let (Some(signature), Some(expires)) =
            (form::value(query, "Signature"), form::value(query, "Expires"))
        else {
            return self.refuse_image("AccessDenied", "You have no right to access this object.");
        };
        let Ok(expires) = expires.parse() else {
            return self.refuse_image("AccessDenied", "Invalid date.");
        };
        if !ids::same(
            signature.as_bytes(),
            self.image_signature(name, expires).as_bytes(),
        ) {
            let text = "The request signature we calculated does not match the signature you provided.";
            return self.refuse_image("SignatureDoesNotMatch", text);
        }
        if now.as_secs() > expires {
            return self.refuse_image("AccessDenied", "Request has expired.");
        }
        let picture = match (name.strip_suffix(WHOLE), name.strip_suffix(CROPPED)) {
            (Some(id), _) => self.scene(id, now).and_then(|scene| self.album.png(scene, false)),
            (_, Some(id)) => self.scene(id, now).and_then(|scene| self.album.png(scene, true)),
            _ => None,
        };
        match picture {
            Some(png) => reply::with_type("image/png", png),
            None => self.refuse_image("NoSuchKey", "The specified key does not exist."),
        }
    }

    fn scene(&self, signature_id: &str, now: UnixMs) -> Option<Scene> {
        Some(Scene::of(self.verifications.get(signature_id)?.ended(now)))
    }

    /// As long as the object store's: 20 bytes in base64.
    fn image_signature(&self, name: &str, expires: u64) -> String {
        STANDARD.encode(&ids::keyed(&self.image_key, &format!("{expires}\n{name}"))[..20])
    }

    fn refuse_image(&mut self, code: &str, message: &str) -> Response<Vec<u8>> {
        let request_id = self.ids.short();
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>\n  <Code>{code}</Code>\n  \
             <Message>{message}</Message>\n  <RequestId>{request_id}</RequestId>\n</Error>\n"
        );
        let mut response = reply::with_type("application/xml", xml.into_bytes());
        *response.status_mut() = match code {
            "NoSuchKey" => StatusCode::NOT_FOUND,
            "MethodNotAllowed" => StatusCode::METHOD_NOT_ALLOWED,
            _ => StatusCode::FORBIDDEN,
        };
        response
    }
}
