//! An unofficial SDK for ADVANCE.AI's H5 document verification, async: the client of [`advance_core`] over reqwest and
//! tokio.
//!
//! ```no_run
//! use advance_reqwest::{GenerateUrl, Region, ReturnUrl, WaitPolicy};
//!
//! # async fn verify() -> Result<(), Box<dyn std::error::Error>> {
//! // ADVANCE_ACCESS_KEY and ADVANCE_SECRET_KEY; `client` takes them from elsewhere.
//! let client = advance_reqwest::from_env()?;
//!
//! let back = ReturnUrl::new("https://shop.example/verified")?;
//! let failed = ReturnUrl::new("https://shop.example/not-verified")?;
//! let link = client.generate_url(GenerateUrl::new(back, failed, Region::IDN)).await?.into_data();
//! // Send it to this person only: the page takes any visitor who has the address for them.
//! let address = link.expose_url();
//! # drop(address.to_owned());
//!
//! // Ask until the person has finished, or the link has ended. An hour, at the most.
//! let result = client.wait_for_result(WaitPolicy::link(&link)).await.into_result()?;
//! println!("{}, charged: {:?}", result.data().verdict().outcome, client.charges());
//! # Ok(())
//! # }
//! ```
//!
//! [`ReqwestTransport`] sends what the core asks for and reports what came back. Everything that a careless HTTP
//! client would do beside that is switched off:
//!
//! | | here |
//! |---|---|
//! | redirects | never followed, so that no token reaches another origin; a 3xx is a response |
//! | retries | none of reqwest's own; see below for the one resend that hyper makes |
//! | status | every status is a response, its body kept |
//! | time | [`Limits::within`] is a total: resolving, connecting, sending and the last byte of the body |
//! | connecting | 10 s of that at most: name, TCP, proxy and TLS together |
//! | size | [`Limits::max_body`], by `Content-Length` before reading and by counting while reading; heads up to 64 KiB |
//! | compression | not asked for and not undone |
//! | protocol | HTTP/1.1 only, as the blocking sibling `advance-ureq` |
//! | plain `http` | refused before anything is sent, but for this very machine, or an [`InsecureHost`] that you name |
//! | TLS | rustls with *ring* and the platform's root certificates, loaded when first needed; [`ReqwestTransport::builder`] adds roots, pins, shows a certificate |
//! | proxies | none unless you name one or say [`proxy_from_env`](Builder::proxy_from_env); never for loopback |
//! | `User-Agent` | the request's own; the core sets it |
//! | cookies, `Referer` | none |
//! | errors | carry no URL |
//!
//! # Runtimes
//! Any number of tokio runtimes may use a transport; each has connections of its own, for a connection belongs to the
//! runtime that opened it. (One [from your own builder](ReqwestTransport::from_builder) belongs to the first runtime that
//! sends; another one is refused.) Outside tokio a send is refused at once; within it, the runtime's time driver must be
//! on (`enable_time` or `enable_all`), as everywhere in reqwest. A bare `block_on` within a task stops the thread that has
//! to drive the connection, so that the call runs into its limit: use `tokio::task::block_in_place`.
//!
//! # The crypto provider
//! The first transport that is made installs *ring* as rustls's default provider of the process, if there is none. Without
//! that, two calls in your own program would panic because of us:
//!
//! - `reqwest::Client::new()`, for the feature of reqwest that we turn on brings no provider;
//! - `rustls::ClientConfig::builder()`, if another crate brings a second provider, for rustls does not choose between two.
//!
//! If you make such a client before ours, call [`install_default_provider`] first. To use another provider, install it at
//! the start of `main`: a provider that is there stays. aws-lc-rs, which reqwest's own feature `rustls` brings, was not taken:
//! it needs a C compiler, and most programs would have two providers.
//!
//! # In production
//! How to run it behind a proxy, with an authority or a certificate of your own, in containers and in several runtimes:
//! [`in_production`].
//!
//! # The one resend
//! A kept-alive connection may be closed by the server just when it is picked. hyper then opens another one and
//! hands over the same request, but only if it had not begun to write it: not one byte was sent, so this counts as one
//! send. Once the first byte may have left, nothing is sent again and the failure says [`Sent::Maybe`].
//!
//! # What is logged beneath
//! This crate logs nothing, and nothing secret or personal is logged by what is beneath it, at TRACE either: reqwest
//! 0.13.5, hyper 1.12.0 and hyper-util 0.1.21 were searched for it. `connection_verbose`, which makes reqwest log every byte, is
//! turned off on a builder of your own too.
//!
//! # Features
//! - `rustls` (default): TLS as above.
//! - `native-tls`: TLS by the platform's library; used if `rustls` is off, or if your own builder asks for it. OpenSSL
//!   takes a connection that is cut for one that ended, so a body without a length may come short; it then fails as JSON
//!   that breaks off.
//! - `socks`: SOCKS5 proxies: `socks5h://` (the proxy looks names up) and `socks5://` (this machine does).
//! - `serialize`: `serde::Serialize` for what a reply holds. The output holds personal data and secrets.
//! - `tracing`: `core::client::Tracing`, an observer that turns events into spans.
//! - neither `rustls` nor `native-tls`: bring your own, through reqwest's features and [`ReqwestTransport::from_builder`].
//!
//! # Where to go next
//! - [`Client`] has the three calls, waits and batches; [`Config`] has their settings.
//! - [`in_production`]: proxies, authorities, containers, runtimes, signals.
//! - [`ErrorKind`] and [`Advice`]: why a call failed, and what to do about it.
//! - [`Endpoint`]: another product of the vendor, by the same client.
//! - `advance-sandbox` tests an application without an account. `advance-collector` waits for results across restarts.
//! - The guide is in `xtask/guide` of the repository.
//!
//! [`InsecureHost`]: advance_core::url::InsecureHost
//! [`Limits::within`]: advance_core::transport::Limits::within
//! [`Limits::max_body`]: advance_core::transport::Limits::max_body
//! [`Sent::Maybe`]: advance_core::transport::Sent::Maybe

#![cfg_attr(docsrs, feature(doc_cfg))]

mod body;
mod chain;
mod classify;
mod client;
mod clients;
mod elsewhere;
mod harden;
mod over_reqwest;
mod proxy;
mod tls;
mod witness;

pub use advance_core as core;
#[doc(inline)]
pub use advance_core::{
    Advice, BaseUrl, BatchPolicy, Charge, Charges, Code, Config, Credentials, Endpoint, Error, ErrorKind,
    GenerateToken, GenerateUrl, GetResult, ImageLink, Ktp, Observer, Outcome, Period, Region, Response,
    RetryPolicy, ReturnUrl, ReturnedUrl, SignatureId, TransactionId, UnixMillis, UserId, Verdict,
    Verification, VerificationLink, WaitControl, WaitOutcome, WaitPolicy,
};
#[doc(no_inline)]
pub use advance_core::{domain, error, secret, session, time, transport, url, wire};
#[doc(inline)]
pub use advance_net::TlsVersion;
#[cfg(feature = "rustls")]
#[doc(inline)]
pub use advance_net::tls::install_default_provider;
#[doc(inline)]
pub use advance_net::{env, in_production};
pub use client::{Client, client, from_env};
pub use over_reqwest::{Builder, ReqwestTransport};
pub use reqwest;
