//! Through a company's proxy, with the company's own authority.
//!
//! ```sh
//! export COMPANY_PROXY=http://user:password@proxy.example:3128 COMPANY_CA=company-root.pem
//! cargo run -p advance-reqwest --example through_proxy
//! ```
//!
//! Both are optional. Without them it asks as every other client does. A proxy is never used to reach this very machine,
//! so a sandbox here is asked directly.
#![expect(clippy::print_stdout, reason = "a program for a person")]

use std::hash::{BuildHasher as _, RandomState};
use std::{env, fs};

use advance_reqwest::{Client, ReqwestTransport};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut transport = ReqwestTransport::builder();
    if let Ok(proxy) = env::var("COMPANY_PROXY") {
        transport = transport.proxy(&proxy);
    }
    if let Ok(file) = env::var("COMPANY_CA") {
        // Beside the platform's authorities; `tls_certs_only` takes their place.
        transport = transport.tls_certs_merge(fs::read(file)?);
    }
    // Spreads retries; no secret depends on it.
    let seed = RandomState::new().hash_one(());
    let (config, credentials) = (
        advance_reqwest::env::config()?,
        advance_reqwest::env::credentials()?,
    );
    let client = Client::new(transport.build()?, config, credentials, seed);
    // Costs nothing, and shows that the way there and back is open.
    match client.token().await {
        Ok(token) => println!("a token came; transaction {:?}", token.transaction_id()),
        Err(error) => println!("{error}\n{}", error.advice().explanation()),
    }
    Ok(())
}
