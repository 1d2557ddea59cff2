//! An unofficial SDK for ADVANCE.AI's H5 document verification, blocking: the client of [`advance_core`] over ureq.
//!
//! ```no_run
//! use advance_ureq::{GenerateUrl, Region, ReturnUrl, WaitPolicy};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // ADVANCE_ACCESS_KEY and ADVANCE_SECRET_KEY; `client` takes them from elsewhere.
//! let client = advance_ureq::from_env()?;
//!
//! let back = ReturnUrl::new("https://shop.example/verified")?;
//! let failed = ReturnUrl::new("https://shop.example/not-verified")?;
//! let link = client.generate_url(GenerateUrl::new(back, failed, Region::IDN))?.into_data();
//! // Send it to this person only: the page takes any visitor who has the address for them.
//! let address = link.expose_url();
//! # drop(address.to_owned());
//!
//! // Ask until the person has finished, or the link has ended. An hour, at the most.
//! let result = client.wait_for_result(WaitPolicy::link(&link)).into_result()?;
//! println!("{}, charged: {:?}", result.data().verdict().outcome, client.charges());
//! # Ok(())
//! # }
//! ```
//!
//! [`UreqTransport`] sends what the core asks for and reports what came back. Everything that a careless HTTP
//! client would do beside that is switched off:
//!
//! | | here |
//! |---|---|
//! | redirects | never followed, so that no token reaches another origin; a 3xx is a response |
//! | retries | none |
//! | status | every status is a response, its body kept |
//! | time | [`Limits::within`] is a total: resolving, connecting, sending and the last byte of the body |
//! | connecting | 10 s of that at most: name, TCP, proxy and TLS together |
//! | size | [`Limits::max_body`], by `Content-Length` before reading and by counting while reading; heads up to 64 KiB |
//! | compression | not asked for and not undone, even where another crate turns on ureq's `gzip` or `brotli` |
//! | protocol | HTTP/1.1, all that ureq speaks |
//! | plain `http` | refused before anything is sent, but for this very machine, or an [`InsecureHost`] that you name; never through a proxy |
//! | TLS | rustls with *ring* and the platform's root certificates, loaded when first needed; [`UreqTransport::builder`] adds roots, pins, shows a certificate |
//! | proxies | none unless you name one or say [`proxy_from_env`](Builder::proxy_from_env); never for loopback |
//! | `User-Agent` | the request's own; the core sets it |
//! | cookies, `Referer` | none, even where another crate turns on ureq's `cookies` |
//! | errors | carry no URL |
//!
//! # The crypto provider
//! The first transport that is made installs *ring* as rustls's default provider of the process, if there is none. Without
//! that, `rustls::ClientConfig::builder()` in your own program would panic if another crate brings a second provider, for
//! rustls does not choose between two. If you call it before you make our client, call [`install_default_provider`] first. To
//! use another provider, install it at the start of `main`: a provider that is there stays.
//!
//! # In production
//! How to run it behind a proxy, with an authority or a certificate of your own, in containers and in several runtimes:
//! [`in_production`].
//!
//! # Threads
//! Everything happens on the thread that calls, with one exception: the operating system's name lookup cannot be
//! interrupted. To keep a call's total, names (not IP addresses) are looked up on at most four helper threads that
//! all calls of a transport share and that end when they have been idle for a few seconds. A caller stops waiting
//! when its time is up; the helper finishes its lookup later. If all four hang in a dead resolver, further lookups
//! fail by timeout. Names are looked up only to open a connection, not for a request on a kept-alive one.
//!
//! # Kept-alive connections
//! A connection is probed before it is used again; one that the server closed meanwhile is replaced and nothing was
//! sent on it. If it closes in the very moment of sending, the failure is [`FailureKind::Reset`] with [`Sent::Maybe`].
//!
//! # Where it differs from `advance-reqwest`
//! Several addresses of one host are tried in turn within the time to connect, where reqwest lets IPv6 and IPv4 race. The
//! first one is given 250 ms before the other family is tried, so a network that swallows IPv6 costs that much for each new
//! connection. In async code a call blocks the thread that it is made on: `spawn_blocking` is its place.
//!
//! # What is logged beneath
//! This crate logs nothing. The crates beneath it log through `log`, and where TRACE is on for them, secrets and
//! personal data are in it:
//!
//! | crate and version | target | what | stopped by |
//! |---|---|---|---|
//! | ureq-proto 0.7.1 | `ureq_proto::util` | at TRACE, all that is sent and received, in rows of 16 bytes | `ureq_proto=debug` |
//! | ureq 3.5.2 | `ureq::run` | at DEBUG, the URL; the query of a photograph's link is masked only if TRACE is off for `ureq` | `ureq=debug` |
//!
//! A program that turns TRACE on says `trace,ureq=debug,ureq_proto=debug`. The second one needs a logger that answers
//! `log_enabled!` by target, as those of `env_logger` and `tracing-subscriber` do; `log::set_max_level(Debug)` stops both.
//!
//! # Features
//! - `rustls` (default): TLS as above.
//! - `native-tls`: TLS by the platform's library; used if `rustls` is off, or if your own builder asks for it. OpenSSL
//!   takes a connection that is cut for one that ended, so a body without a length may come short; it then fails as JSON
//!   that breaks off.
//! - `socks`: SOCKS5 proxies: `socks5h://` (the proxy looks names up) and `socks5://` (this machine does).
//! - `serialize`: `serde::Serialize` for what a reply holds. The output holds personal data and secrets.
//! - `tracing`: `core::client::Tracing`, an observer that turns events into spans.
//! - neither `rustls` nor `native-tls`: `https` is refused.
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
//! [`FailureKind::Reset`]: advance_core::transport::FailureKind::Reset
//! [`Sent::Maybe`]: advance_core::transport::Sent::Maybe

#![cfg_attr(docsrs, feature(doc_cfg))]

mod body;
mod bounds;
mod classify;
mod client;
mod gate;
mod guard;
mod harden;
mod lookups;
mod mask;
mod names;
mod over_ureq;
mod proxy;
mod stages;
mod tls;

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
pub use over_ureq::{Builder, UreqTransport};
pub use ureq;
