//! The core of an unofficial SDK for [ADVANCE.AI](https://www.advance.ai)'s H5 document verification: a backend trades its keys
//! for a short-lived token, asks for a link to the page where a person photographs their KTP card, and later fetches
//! the result.
//!
//! **Most programs do not name this crate.** They take `advance-reqwest` (async, for tokio) or `advance-ureq` (blocking).
//! Each brings an HTTP client, and re-exports what a program needs of this crate.
//!
//! This crate does no I/O. It builds requests, signs them, reads replies into domain types, and drives whole calls
//! as a pure state machine. To send them by another HTTP client, implement [`Transport`] or [`AsyncTransport`], or drive
//! [`Step`](session::Step) by hand.
//!
//! ```
//! use advance_core::{Config, Credentials, Error, GenerateUrl, Region, ReturnUrl, Transport};
//!
//! /// With any transport: get a link, send a person there.
//! fn verify(transport: impl Transport, credentials: Credentials) -> Result<String, Error> {
//!     // The last argument is a seed, for jitter: take a random number.
//!     let client = advance_core::Client::new(transport, Config::new(), credentials, 7);
//!     let link = client.generate_url(GenerateUrl::new(
//!         ReturnUrl::new("https://shop.example/verified")?,
//!         ReturnUrl::new("https://shop.example/not-verified")?,
//!         Region::IDN,
//!     ))?;
//!     // Keep the id to fetch the result, and the transaction id for the vendor's support.
//!     println!("{} {:?}", link.data().signature_id(), link.transaction_id());
//!     Ok(link.data().expose_url().to_owned())
//! }
//! ```
//!
//! # Rooms
//!
//! At the root of the crate are the names that the three calls and their errors need. The rest is in its module:
//!
//! - [`wire`]: what crosses the network: requests as bytes, replies as types. The pure floor.
//! - [`domain`]: what it means to a program that verifies people.
//! - [`url`]: what a URL looks like: base URL, return URL, the hosts of pictures.
//! - [`session`]: how a call proceeds: tokens, retries, charges, a wrong clock; waits and batches as plans over calls.
//! - [`sharing`]: the seam to a store in which clients share one token.
//! - [`transport`]: the seam to a network, and why an attempt failed.
//! - [`error`], [`secret`], [`time`]: what the others stand on.
//! - [`client`]: the two clients, which send what the machine says.
//!
//! # Features
//!
//! None is on by default.
//!
//! - `serialize`: `serde::Serialize` for what a reply holds and what is read of it. A documented reply comes back as the JSON
//!   that came, but for two things: absent and null are one outside `ocrResult`, and times are numbers. Undocumented members
//!   are gone. **The output holds personal data and secrets.**
//! - `tracing`: `client::Tracing`, an [`Observer`] that turns events into spans, with OpenTelemetry's names.
//! - `proptest`: strategies for the types of the wire and the domain, and the suites over them.
//!
//! # Secrets and personal data
//!
//! `Debug` and `Display` of every type here, and every error and its sources, leave out keys, tokens, signatures, the
//! queries of links, and what was read off a card. Reading them is explicit (`expose…`, [`Printed::text`](domain::Printed::text)). Owned
//! text of these kinds is wiped when dropped. Not wiped: copies that an HTTP client or the operating system makes on
//! the way, header values inside a request, and what the caller copies.
//!
//! The vendor's messages and codes are shown, escaped and cut. They may repeat what the vendor was sent: an [`Error`] takes
//! out the secrets of its call, a bare [`Envelope`](wire::Envelope) knows of none.
//!
//! # Where to go next
//!
//! - An application takes `advance-reqwest` or `advance-ureq`, which re-export what it needs of this crate.
//! - A transport of your own: [`transport`], and the suite in `advance-conformance`.
//! - Another product of the vendor: [`Endpoint`].
//! - Neither client fits: drive the steps yourself; [`session`] has a complete loop.
//! - What the vendor's documents leave open or contradict: [`quirks`].
//! - The guide is in `xtask/guide` of the repository.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod advice;
mod charge;
pub mod client;
pub mod domain;
pub mod error;
mod escape;
#[doc = include_str!("../QUIRKS.md")]
#[allow(
    clippy::doc_markdown,
    clippy::doc_link_with_quotes,
    reason = "the documents' own words, as they stand there"
)]
pub mod quirks {}
mod redact;
mod scan;
pub mod secret;
pub mod session;
pub mod sharing;
#[cfg(feature = "proptest")]
pub mod strategies;
#[cfg(feature = "proptest")]
pub mod suites;
pub mod time;
pub mod transport;
pub mod url;
mod wipe;
pub mod wire;

pub use advice::Advice;
pub use charge::{Charge, Charges};
#[cfg(not(target_arch = "wasm32"))]
#[doc(inline)]
pub use client::Client;
#[doc(inline)]
pub use client::{AsyncClient, Observer, WaitControl};
#[doc(inline)]
pub use domain::{
    ImageLink, Ktp, Outcome, Region, SignatureId, TransactionId, UserId, Verdict, Verification,
    VerificationLink,
};
#[doc(inline)]
pub use error::{Error, ErrorKind};
#[doc(inline)]
pub use secret::Credentials;
#[doc(inline)]
pub use session::{BatchPolicy, Config, Response, RetryPolicy, WaitOutcome, WaitPolicy};
#[doc(inline)]
pub use time::{Now, UnixMillis};
#[doc(inline)]
pub use transport::{AsyncTransport, Transport};
#[doc(inline)]
pub use url::{BaseUrl, ReturnUrl, ReturnedUrl};
#[doc(inline)]
pub use wire::{Code, Endpoint, GenerateToken, GenerateUrl, GetResult, Period};
