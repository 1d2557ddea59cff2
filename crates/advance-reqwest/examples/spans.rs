//! Spans through `tracing`, as lines: what is called, how long it takes, what it costs. Nothing secret or personal is
//! in them.
//!
//! ```sh
//! export ADVANCE_BASE_URL=http://127.0.0.1:8080
//! export ADVANCE_ACCESS_KEY=sampleaccesskey ADVANCE_SECRET_KEY=samplesecretkey
//! cargo run -p advance-reqwest --features tracing --example spans
//! ```
//!
//! Metrics are in the examples `opentelemetry` here and `metrics` of advance-ureq.

use advance_reqwest::core::client::Tracing;
use advance_reqwest::{GenerateUrl, Region, ReturnUrl, UserId};
use tracing_subscriber::fmt::format::FmtSpan;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().with_span_events(FmtSpan::CLOSE).init();
    let config = advance_reqwest::env::config()?;
    let tracing = Tracing::new(&config);
    let client =
        advance_reqwest::client(config, advance_reqwest::env::credentials()?)?.with_observer(tracing);

    let back = ReturnUrl::new("https://shop.example/verified")?;
    let request = GenerateUrl::new(back.clone(), back, Region::IDN).user_id(UserId::new("sbx-forged")?);
    let link = client.generate_url(request).await?.into_data();
    client.get_result(link.signature_id()).await?;
    Ok(())
}
