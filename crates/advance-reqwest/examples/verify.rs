//! One verification from beginning to end: a link, the wait for the person, the verdict, the photograph.
//!
//! Against a sandbox, `advance sandbox --listen 127.0.0.1:8080` in another terminal, it costs nothing:
//!
//! ```sh
//! export ADVANCE_BASE_URL=http://127.0.0.1:8080
//! export ADVANCE_ACCESS_KEY=sampleaccesskey ADVANCE_SECRET_KEY=samplesecretkey
//! cargo run -p advance-reqwest --example verify
//! ```
//!
//! Without `ADVANCE_BASE_URL` it asks the vendor's host, and that may cost something.
#![expect(clippy::print_stdout, reason = "a program for a person")]

use std::time::Duration;

use advance_reqwest::{GenerateUrl, Outcome, Region, ReturnUrl, UserId, WaitPolicy};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = advance_reqwest::from_env()?;

    let request = GenerateUrl::new(
        ReturnUrl::new("https://shop.example/verified")?,
        ReturnUrl::new("https://shop.example/not-verified")?,
        Region::IDN,
    );
    // A sandbox finishes for a person of this name.
    let link = client
        .generate_url(request.user_id(UserId::new("sbx-ok")?))
        .await?
        .into_data();
    println!("send the person to {}", link.expose_url());

    let polling = WaitPolicy::link(&link).backoff(Duration::from_secs(1), Duration::from_secs(10));
    let result = client.wait_for_result(polling).await.into_result()?;
    let verdict = result.data().verdict();
    println!("{}", verdict.outcome);
    for reason in &verdict.reasons {
        println!("  {reason}");
    }
    if verdict.outcome == Outcome::Passed
        && let Some(card) = result.data().ocr_result()
    {
        for check in card.consistency().checks() {
            println!("  {check}");
        }
    }
    // The link to the picture lives for a day; keep the picture, not the link.
    if let Some(image) = result.data().image() {
        let picture = client.download(image).await?;
        let (format, bytes) = (picture.format(), picture.expose_bytes().len());
        println!("a photograph: {} of {bytes} bytes", format.media_type());
    }
    println!("for the vendor's support: {:?}", result.transaction_id());
    println!("charged: {:?}", client.charges());
    Ok(())
}
