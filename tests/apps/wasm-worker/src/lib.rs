//! One verification by a worker: a link, then the result. `worker.cjs` runs it under Node against a sandbox.
#![cfg(target_arch = "wasm32")]

mod call;
mod platform;

use std::cell::RefCell;

use advance_core::session::Session;
use advance_core::url::BaseUrl;
use advance_core::wire::GetResult;
use advance_core::{Config, Credentials, GenerateUrl, Region, ReturnUrl, UserId};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::platform::Platform;

/// How the verification of a simulated person ended: the outcome, and what was charged.
#[wasm_bindgen]
pub async fn verify(base_url: String, user_id: String, platform: Platform) -> Result<String, String> {
    run(&base_url, user_id, &platform)
        .await
        .map_err(|error| error.to_string())
}

async fn run(base_url: &str, user_id: String, platform: &Platform) -> Result<String, advance_core::Error> {
    let config = Config::new().base_url(BaseUrl::with_loopback(base_url)?);
    let credentials = Credentials::new("sampleaccesskey", "samplesecretkey")?;
    let session = RefCell::new(Session::new(config, credentials, platform.seed()));

    let back = ReturnUrl::new("https://shop.example/verified")?;
    let request = GenerateUrl::new(back.clone(), back, Region::IDN).user_id(UserId::new(user_id)?);
    let link = call::call(&session, request, platform).await?.into_data();
    let result = call::call(&session, GetResult::new(link.signature_id().clone()), platform).await?;
    let charges = session.borrow().charges();
    Ok(format!(
        "{}, {} charged",
        result.data().verdict().outcome,
        charges.pay
    ))
}
