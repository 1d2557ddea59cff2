//! The call as somebody writes it over the HTTP crate itself.

use std::time::Duration;

use crate::naive::{self, Verification};
use crate::samples;

const ATTEMPT: Duration = Duration::from_secs(15);
const CONNECT: Duration = Duration::from_secs(10);

/// With the same bounds as the adapter has.
pub fn reqwest_client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT)
        .build()
        .expect("a client")
}

pub async fn by_reqwest(client: &reqwest::Client, url: &str, token: &str) -> Verification {
    let reply = client
        .post(url)
        .header("Content-Type", "application/json")
        .header("Accept", "application/json")
        .header("X-ACCESS-TOKEN", token)
        .timeout(ATTEMPT)
        .body(naive::result_body(samples::SIGNATURE_ID))
        .send()
        .await
        .expect("an answer");
    let body = reply.bytes().await.expect("a body");
    naive::parse(&body).data.expect("a result")
}

/// Without any bound.
pub fn ureq_agent() -> ureq::Agent {
    ureq::Agent::config_builder().proxy(None).build().into()
}

pub fn by_ureq(agent: &ureq::Agent, url: &str, token: &str) -> Verification {
    let mut reply = agent
        .post(url)
        .header("Content-Type", "application/json")
        .header("Accept", "application/json")
        .header("X-ACCESS-TOKEN", token)
        .send(&naive::result_body(samples::SIGNATURE_ID)[..])
        .expect("an answer");
    let body = reply.body_mut().read_to_vec().expect("a body");
    naive::parse(&body).data.expect("a result")
}
