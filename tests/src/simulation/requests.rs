//! The requests of the fleet.

use advance_core::wire::{BaseUrl, Endpoint, build_request, parse};
use advance_core::{
    Credentials, GenerateToken, GenerateUrl, Region, ReturnUrl, SignatureId, UnixMillis, UserId,
};
use advance_sandbox::{UnixMs, Vendor};

/// What everybody asks for who wants a link.
pub(super) fn generate_url() -> GenerateUrl {
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
    let Ok(token) = GenerateToken::sign(credentials, UnixMillis::new(at.as_millis())) else {
        unreachable!("the vendor's clock has thirteen digits")
    };
    let issued = ask(vendor, &token, None, at);
    let link = ask(vendor, &generate_url(), Some(&issued.token), at);
    link.signature_id().clone()
}

fn ask<E: Endpoint>(
    vendor: &mut Vendor,
    endpoint: &E,
    token: Option<&advance_core::AccessToken>,
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
