//! Endpoints of your own, in three shapes: a JSON `POST`, a multipart upload, a `GET` with a query. Their paths are made
//! up; the token, the retries, the charges and the redacted errors are those of the three documented calls.
//!
//! Against a sandbox, `advance sandbox --listen 127.0.0.1:8080` in another terminal, with a stub for each:
//!
//! ```sh
//! export ADVANCE_BASE_URL=http://127.0.0.1:8080
//! export ADVANCE_ACCESS_KEY=sampleaccesskey ADVANCE_SECRET_KEY=samplesecretkey
//! stub() { curl -fsS -H 'content-type: application/json' -d "$1" $ADVANCE_BASE_URL/__sandbox/stubs; }
//! stub '{"path":"/openapi/verification/v1/name-check","data":{"similarity":0.93},"price":"PAY"}'
//! stub '{"path":"/openapi/face/v1/liveness","data":{"score":97.1}}'
//! stub '{"path":"/sg/openapi/face/v1/liveness","data":{"score":98.7}}'
//! stub '{"method":"GET","path":"/openapi/account/v1/usage","data":{"used":17}}'
//! cargo run -p advance-reqwest --example own_endpoints
//! ```
#![expect(clippy::print_stdout, reason = "a program for a person")]

mod liveness;
mod name_check;
mod usage;

use crate::liveness::{Liveness, Region};
use crate::name_check::NameCheck;
use crate::usage::Usage;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = advance_reqwest::from_env()?;

    let check = NameCheck {
        id_number: "3171234567890123".to_owned(),
        name: "Siti & Sons".to_owned(),
    };
    println!("similarity: {}", client.call(check).await?.data());

    for region in [Region::Indonesia, Region::Singapore] {
        let selfie = Liveness::new(region, b"\x89PNG...", "image/png")?;
        println!("liveness: {}", client.call(selfie).await?.data());
    }

    let usage = Usage {
        product: "name check",
        month: "2026-11",
    };
    println!("used: {}", client.call(usage).await?.data());
    println!("charged: {:?}", client.charges());
    Ok(())
}
