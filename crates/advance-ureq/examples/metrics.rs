//! Metrics of a client through the `metrics` crate: how long requests take, how many there are, what they cost, and how
//! often a token is renewed. Any exporter for that crate takes them, Prometheus for one; here they are printed.
//!
//! Against a sandbox, `advance sandbox --listen 127.0.0.1:8080` in another terminal, it costs nothing:
//!
//! ```sh
//! export ADVANCE_BASE_URL=http://127.0.0.1:8080
//! export ADVANCE_ACCESS_KEY=sampleaccesskey ADVANCE_SECRET_KEY=samplesecretkey
//! cargo run -p advance-ureq --example metrics
//! ```
#![expect(clippy::print_stdout, reason = "a program for a person")]

use std::env;

use advance_ureq::session::{Event, Purpose};
use advance_ureq::{BaseUrl, Charge, Config, Credentials, GenerateUrl, Region, ReturnUrl, UserId};
use metrics_util::debugging::DebuggingRecorder;

/// Every label has one of a few values: a name of the SDK's, never a word of the vendor's.
fn measure(event: &Event) {
    match event {
        Event::AttemptEnded {
            purpose,
            path,
            took,
            status,
            charge,
            error,
            ..
        } => {
            let status = status.map_or_else(String::new, |status| status.to_string());
            let error = error.map_or("", advance_ureq::ErrorKind::name);
            metrics::histogram!(
                "http_client_request_duration_seconds",
                "url_template" => *path,
                "http_response_status_code" => status,
                "error_type" => error,
            )
            .record(*took);
            let purpose = match purpose {
                Purpose::Token => "token",
                Purpose::Renewal => "renewal",
                Purpose::Download => "download",
                _ => "call",
            };
            metrics::counter!("advance_attempts_total", "purpose" => purpose).increment(1);
            if purpose != "download" {
                let charge = match charge {
                    Charge::Free => "free",
                    Charge::Pay => "pay",
                    Charge::Unknown => "unknown",
                };
                metrics::counter!("advance_charges_total", "charge" => charge).increment(1);
            }
        }
        Event::TokenIssued { replacement, .. } => {
            let rejected = if *replacement { "true" } else { "false" };
            metrics::counter!("advance_tokens_total", "replaces_a_rejected_one" => rejected).increment(1);
        }
        _ => {}
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    recorder.install()?;

    let mut config = Config::new();
    if let Ok(host) = env::var("ADVANCE_BASE_URL") {
        config = config.base_url(BaseUrl::with_loopback(&host)?);
    }
    let credentials = Credentials::new(env::var("ADVANCE_ACCESS_KEY")?, env::var("ADVANCE_SECRET_KEY")?)?;
    let client = advance_ureq::client(config, credentials)?.with_observer(measure);

    let back = ReturnUrl::new("https://shop.example/verified")?;
    let request = GenerateUrl::new(back.clone(), back, Region::IDN).user_id(UserId::new("sbx-ok")?);
    let link = client.generate_url(request)?.into_data();
    for _ in 0..3 {
        client.get_result(link.signature_id())?;
    }

    for (key, _, _, value) in snapshotter.snapshot().into_vec() {
        println!("{} {value:?}", key.key());
    }
    Ok(())
}
