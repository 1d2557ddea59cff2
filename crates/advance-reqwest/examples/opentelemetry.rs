//! Metrics of a client through OpenTelemetry: how long requests take, how many there are, what they cost, and how often a
//! token is renewed. Any exporter of OpenTelemetry's takes them, OTLP for one; here they are printed.
//!
//! Spans are another feature: `tracing` of this crate, with `tracing-opentelemetry`.
//!
//! Against a sandbox, `advance sandbox --listen 127.0.0.1:8080` in another terminal, it costs nothing:
//!
//! ```sh
//! export ADVANCE_BASE_URL=http://127.0.0.1:8080
//! export ADVANCE_ACCESS_KEY=sampleaccesskey ADVANCE_SECRET_KEY=samplesecretkey
//! cargo run -p advance-reqwest --example opentelemetry
//! ```
#![expect(clippy::print_stdout, reason = "a program for a person")]

use std::env;

use advance_reqwest::session::{Event, Purpose};
use advance_reqwest::{
    BaseUrl, Charge, Config, Credentials, GenerateUrl, Observer, Region, ReturnUrl, UserId,
};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter, MeterProvider as _};
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ScopeMetrics};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, SdkMeterProvider};

/// The instruments, by the names of OpenTelemetry's conventions where it has one.
struct Metrics {
    duration: Histogram<f64>,
    attempts: Counter<u64>,
    charges: Counter<u64>,
    tokens: Counter<u64>,
}

impl Metrics {
    fn new(meter: &Meter) -> Self {
        Self {
            duration: meter
                .f64_histogram("http.client.request.duration")
                .with_unit("s")
                .build(),
            attempts: meter.u64_counter("advance.client.attempts").build(),
            charges: meter.u64_counter("advance.client.charges").build(),
            tokens: meter.u64_counter("advance.client.tokens").build(),
        }
    }
}

impl Observer for Metrics {
    /// Every attribute has one of a few values: a name of the SDK's, never a word of the vendor's.
    fn event(&self, event: &Event) {
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
                let download = *purpose == Purpose::Download;
                let method = if download { "GET" } else { "POST" };
                let mut attributes = vec![KeyValue::new("http.request.method", method)];
                if !download {
                    attributes.push(KeyValue::new("url.template", *path));
                }
                if let Some(status) = status {
                    attributes.push(KeyValue::new("http.response.status_code", i64::from(*status)));
                }
                if let Some(error) = error {
                    attributes.push(KeyValue::new("error.type", error.name()));
                }
                self.duration.record(took.as_secs_f64(), &attributes);
                let purpose = match purpose {
                    Purpose::Token => "token",
                    Purpose::Renewal => "renewal",
                    Purpose::Download => "download",
                    _ => "call",
                };
                self.attempts.add(1, &[KeyValue::new("advance.purpose", purpose)]);
                if !download {
                    let charge = match charge {
                        Charge::Free => "free",
                        Charge::Pay => "pay",
                        Charge::Unknown => "unknown",
                    };
                    self.charges.add(1, &[KeyValue::new("advance.charge", charge)]);
                }
            }
            Event::TokenIssued { replacement, .. } => {
                let replaces = KeyValue::new("advance.replaces_a_rejected_one", *replacement);
                self.tokens.add(1, &[replaces]);
            }
            _ => {}
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let exporter = InMemoryMetricExporter::default();
    let provider = SdkMeterProvider::builder()
        .with_periodic_exporter(exporter.clone())
        .build();

    let mut config = Config::new();
    if let Ok(host) = env::var("ADVANCE_BASE_URL") {
        config = config.base_url(BaseUrl::with_loopback(&host)?);
    }
    let credentials = Credentials::new(env::var("ADVANCE_ACCESS_KEY")?, env::var("ADVANCE_SECRET_KEY")?)?;
    let client =
        advance_reqwest::client(config, credentials)?.with_observer(Metrics::new(&provider.meter("advance")));

    let back = ReturnUrl::new("https://shop.example/verified")?;
    let request = GenerateUrl::new(back.clone(), back, Region::IDN).user_id(UserId::new("sbx-ok")?);
    let link = client.generate_url(request).await?.into_data();
    for _ in 0..3 {
        client.get_result(link.signature_id()).await?;
    }

    provider.force_flush()?;
    for batch in exporter.get_finished_metrics()? {
        for metric in batch.scope_metrics().flat_map(ScopeMetrics::metrics) {
            match metric.data() {
                AggregatedMetrics::F64(MetricData::Histogram(histogram)) => {
                    for point in histogram.data_points() {
                        let attributes: Vec<_> = point.attributes().collect();
                        println!(
                            "{} {} in {:.3} s {attributes:?}",
                            metric.name(),
                            point.count(),
                            point.sum()
                        );
                    }
                }
                AggregatedMetrics::U64(MetricData::Sum(sum)) => {
                    for point in sum.data_points() {
                        let attributes: Vec<_> = point.attributes().collect();
                        println!("{} {} {attributes:?}", metric.name(), point.value());
                    }
                }
                _ => {}
            }
        }
    }
    Ok(())
}
