//! A short way to the page of a verification, as for a QR code.

use http::header::LOCATION;
use http::{HeaderValue, Method, Response, StatusCode};

use super::time::UnixMs;
use super::{Vendor, reply};

impl Vendor {
    /// Leads to the page of a verification, without its link. The sandbox's alone: the vendor has no such address.
    pub(super) fn short(&self, method: &Method, signature_id: &str, now: UnixMs) -> Response<Vec<u8>> {
        let token = self.verifications.get(signature_id).and_then(|verification| {
            let customer = self.accounts.customer(&verification.owner)?;
            let life = verification.link_expires.since(now);
            self.accounts
                .link_token(customer, &self.link_uuid(signature_id), now, life)
        });
        let mut response = reply::with_type("text/plain; charset=utf-8", Vec::new());
        if method != Method::GET && method != Method::HEAD {
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            return response;
        }
        let location = token.map(|token| format!("../h5-idv/?token={token}&signatureId={signature_id}"));
        if let Some(location) = location.and_then(|location| HeaderValue::try_from(location).ok()) {
            *response.status_mut() = StatusCode::SEE_OTHER;
            response.headers_mut().insert(LOCATION, location);
        } else {
            *response.status_mut() = StatusCode::NOT_FOUND;
            *response.body_mut() = b"There is no verification with this signatureId.\n".to_vec();
        }
        response
    }
}
