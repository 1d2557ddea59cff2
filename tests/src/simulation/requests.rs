//! The requests of the fleet.

use advance_core::wire::{build_request, parse};
use advance_core::{
    BaseUrl, Credentials, Endpoint, GenerateToken, GenerateUrl, Region, ReturnUrl, SignatureId, UnixMillis,
    UserId, VerificationLink,
};
use advance_sandbox::{UnixMs, Vendor};

use super::{ACCESS_KEY, SECRET_KEY};

/// What everybody asks for who wants a link.
pub(crate) fn generate_url() -> GenerateUrl {
    let (Ok(well), Ok(ill), Ok(user)) = (
        ReturnUrl::new("https://shop.example/verified"),
        ReturnUrl::new("https://shop.example/not-verified"),
        UserId::new("sbx-pending-3"),
    ) else {
        unreachable!("two plain addresses and a word")
    };
    GenerateUrl::new(well, ill, Region::IDN).user_id(user)
}

/// Begins a verification on a line of its own, where nothing goes wrong, so that there is one to ask for.
pub(super) fn begin_verification(vendor: &mut Vendor, credentials: &Credentials, at: UnixMs) -> SignatureId {
    begin_with(vendor, credentials, &generate_url(), at)
        .signature_id()
        .clone()
}

/// The same for this user, and the whole link.
pub(super) fn begin(vendor: &mut Vendor, user: &str, at: UnixMs) -> VerificationLink {
    let request = match UserId::new(user) {
        Ok(user) => generate_url().user_id(user),
        Err(_) => unreachable!("a plain word"),
    };
    begin_with(vendor, &credentials(), &request, at)
}

/// The keys of the one account.
pub(crate) fn credentials() -> Credentials {
    match Credentials::new(ACCESS_KEY, SECRET_KEY) {
        Ok(credentials) => credentials,
        Err(_) => unreachable!("two short words of letters and digits"),
    }
}

fn begin_with(
    vendor: &mut Vendor,
    credentials: &Credentials,
    request: &GenerateUrl,
    at: UnixMs,
) -> VerificationLink {
    let Ok(token) = GenerateToken::sign(credentials, UnixMillis::new(at.as_millis())) else {
        unreachable!("the vendor's clock has thirteen digits")
    };
    let issued = ask(vendor, &token, None, at);
    ask(vendor, request, Some(&issued.token), at)
}

fn ask<E: Endpoint>(
    vendor: &mut Vendor,
    endpoint: &E,
    token: Option<&advance_core::secret::AccessToken>,
    at: UnixMs,
) -> E::Output {
    let data = build_request(endpoint, &BaseUrl::default(), token)
        .ok()
        .and_then(|request| parse(endpoint, vendor.handle(&request, at).body()).ok())
        .and_then(|envelope| envelope.data);
    match data {
        Some(data) => data,
        None => unreachable!("a vendor without faults answers"),
    }
}

/// A signatureId like any other.
pub(crate) fn id() -> SignatureId {
    match SignatureId::new("f302f5d2454a85c2") {
        Ok(id) => id,
        Err(_) => unreachable!("a plain word"),
    }
}
