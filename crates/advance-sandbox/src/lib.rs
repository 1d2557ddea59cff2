//! The vendor of the ADVANCE.AI H5 document verification API, on your own machine: for tests, simulations and demos.
//!
//! The vendor has no test environment of this product. This stands in for it in two forms that share one model:
//!
//! - [`Vendor`] is the model, pure: a request and a time go in, a reply comes out. Nothing in it waits or rolls dice,
//!   so that a simulation runs it a million times and gets the same again.
//! - [`Sandbox`] is the model behind a socket, on a thread of its own, for any program that speaks HTTP. It also serves the
//!   page where a person photographs an identity card; here that person chooses how the photograph turns out.
//!
//! It shares no code with the clients that are tested against it: it signs, checks and words its replies by itself,
//! after the documented examples, so that one mistake cannot hide on both sides.
//!
//! Over HTTP, in any test:
//!
//! ```
//! let sandbox = advance_sandbox::Sandbox::start_blocking()?;
//! // Give this to a client in place of https://api.advance.ai, with the two sample keys.
//! let base_url = sandbox.base_url();
//! # assert!(base_url.starts_with("http://127.0.0.1:"));
//! assert_eq!(sandbox.with_vendor(|vendor| vendor.token_requests()), 0);
//! # Ok::<(), advance_sandbox::StartError>(())
//! ```
//!
//! Without a socket, and with a clock that is an argument:
//!
//! ```
//! use advance_sandbox::{Outcome, UnixMs, Vendor};
//!
//! let mut vendor = Vendor::default();
//! let request = http::Request::post("/openapi/auth/ticket/v1/generate-token")
//!     .header("content-type", "application/json")
//!     .body(br#"{
//!         "accessKey": "sampleaccesskey",
//!         "signature": "02209bbeaf0d0a3dd587f6a1ba22f84c98d142e3b545e77db7e4906ca56349f5",
//!         "timestamp": 1665993522952
//!     }"#.to_vec())?;
//! let reply = vendor.handle(&request, UnixMs(1_665_993_522_952));
//! let reply: serde_json::Value = serde_json::from_slice(reply.body())?;
//! assert_eq!(reply["code"], "SUCCESS");
//! assert_eq!(reply["data"]["expiredTime"], 1_665_993_522_952_u64 + 3_600_000);
//!
//! // Later: end the verification that a client began.
//! assert!(!vendor.finish("f302f5d2454a85c2", Outcome::Forged), "this one was never begun");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Scenarios
//!
//! The `userId` of generate-url decides how a verification ends, and an access key decides what happens to an account:
//! [`Scenario::all`] is the table of both, served at `GET /__sandbox/scenarios`. Any other `userId`, or none, leaves the
//! verification unfinished until the page, a control call or [`Vendor::finish`] ends it. `sbx-` and an [`Outcome`] end
//! it at once; `sbx-pending-3` from the third poll on; `sbx-after-90s`, `sbx-late-5s`, `sbx-never`,
//! `sbx-link-expired`, `sbx-result-busy-10s` and others do what they say. Of access keys (their secret key is
//! `samplesecretkey`) there are `sbx-out-of-balance`, `sbx-token-late-300ms`, `sbx-bad-node-100` and others. A mistyped
//! name is refused with those that there are.
//!
//! # Time
//!
//! The vendor's [clock](model::Clock) can be moved, stopped, set and sped up, so that an application meets tomorrow now:
//!
//! ```
//! # let sandbox = advance_sandbox::Sandbox::start_blocking()?;
//! sandbox.advance_clock(std::time::Duration::from_secs(25 * 3600));
//! // Every token, link and picture that was given out before has expired.
//! # Ok::<(), advance_sandbox::StartError>(())
//! ```
//!
//! and from a shell by
//! `curl $SANDBOX/__sandbox/clock -H 'content-type: application/json' -d '{"advanceMs":90000000}'`.
//! `tests/later.rs` has "25 hours later" and "the token is known late" in ten lines of Rust and in four curl commands
//! each. A client that signs with its own machine's clock gets no token then: the vendor refuses a timestamp that is more
//! than 300 s off. It takes the time from [`Sandbox::clock`] or `GET /__sandbox/clock`, or the clock is set back.
//!
//! # Faults and stubs
//!
//! [`Vendor::fail_next`] plans failures of the next calls, [`Vendor::plan_fault`] faults that stand until they are over:
//! by call, number, probability, count and lifetime, any code, slow, in drops, of a wrong shape, or at the socket. Each
//! undoes itself. [`Vendor::stub`] answers a path of another of the vendor's products, with the token, the envelope, the
//! ledger and the journal of the three calls. [`Vendor::snapshot`] and [`Vendor::restore`] remember and bring back.
//!
//! # Control calls
//!
//! Programs in other languages do over HTTP, below `/__sandbox/`, what Rust does by a method. Replies are JSON and have proper statuses;
//! `GET /__sandbox/openapi.json` describes each of them. A POST needs `content-type: application/json`.
//!
//! | call | what it does |
//! |---|---|
//! | `POST verifications/{signatureId}` | ends one: see below |
//! | `GET verifications`, `GET verifications/{signatureId}` | what state they are in, the newest first |
//! | `GET`, `POST clock` | any of `reset`, `freeze`, `nowMs`, `advanceMs`, `speed` |
//! | `GET journal?since=N&count=N` | the last 10,000 requests, without keys, tokens, signatures or personal data |
//! | `GET journal/{n}` | the bodies of a request and its reply, redacted unless `?reveal=true` |
//! | `GET events` | the same as it happens, as server-sent events; see [`Sandbox::events`] |
//! | `GET ledger` | how many replies said `FREE`, `PAY` or nothing, in all and by endpoint |
//! | `GET`, `POST`, `DELETE faults` | what fails: see below |
//! | `POST`, `DELETE stubs` | answers of other paths: see below |
//! | `POST reset`, `snapshot`, `restore` | see [`Vendor::reset`], [`Vendor::snapshot`], [`Vendor::restore`] |
//! | `GET scenarios`, `fidelity`, `health` | the tables, and whether it is ready and what it forgot |
//!
//! **`POST verifications/{signatureId}`** takes `{"outcome":"ok"}` with any [`Outcome`]; beside it `override`, an object of members
//! to put into its data, and `afterMs` or `"never":true`. Or it takes `{"data":…}`, which get-result delivers byte by byte. A
//! verification that has ended otherwise is 409, unless `"again":true`.
//!
//! **`POST faults`** takes any of these members:
//!
//! - `busy`, `error`, `retryLater`, `fail`: the next calls fail. Each is an object: `endpoint` is needed, such as `"get-result"`;
//!   `times`, `retryAfter` (`"10s"`), `status`, `code` and `message` are not.
//! - `plan`: faults that stand until they are over, a list. Each has an `endpoint`; one of `nth`, `every`, `first`, `chance`;
//!   `times` and `forMs`; and one of `fail`, `delayMs`, `dribble`, `shape`, `socket`.
//! - `revokeTokens`: true. `disableAccount`, `enableAccount`: an access key.
//! - `charging`: `documented`, `pay-per-result`, `pay-per-poll` or `omit`.
//! - `region`: `region-wrong` or `parameter-error`. `unfinished`: `null-fields`, `null-data` or `signature-not-exist`.
//! - `strict`: true or false. `expiredTimeOffsetMs`, `dateOffsetMs`, `delayMs`: milliseconds.
//!
//! **`POST stubs`** needs a `path`; it takes `method`, `auth`, `data`, `code`, `message`, `price` (`"FREE"`) and `times` too.
//!
//! **No web page controls it.** Control calls and the dashboard are refused if their `Host` is neither loopback nor the
//! address that the sandbox was reached at, nor allowed by [`SandboxBuilder::allow_host`]; and if they come from a page
//! of another origin, unless [`SandboxBuilder::allow_origin`] names it. A program on the same machine can control it,
//! which is why it listens on loopback only unless told otherwise.
//!
//! # How much of this is known
//!
//! [`FIDELITY`](model::FIDELITY) lists every choice, and whether it is documented, known from a sibling product, or a
//! guess. For this product there is no test environment of the vendor's; some of its siblings have one.
//! [`Behaviour`](model::Behaviour) has the options where the documents contradict themselves or say nothing.
//!
//! # Bounds
//!
//! Up to 100,000 verifications in 48 MiB are remembered, 10,000 entries of the journal, 4 MiB of bodies; what is forgotten is
//! counted in `GET /__sandbox/health`. Tokens are signed and need no memory. Clients that dawdle over a head, a body or a
//! reply are let go.
//!
//! # Features
//!
//! None is on by default.
//!
//! - `drawing`: pictures of a card that has its text, instead of bars: about 30 crates more.
//! - `tls`: HTTPS with a certificate that is thrown away with the sandbox.
//!
//! # Where to go next
//!
//! - [`Sandbox`] and [`SandboxBuilder`]: what a test starts.
//! - [`Vendor`]: the model, for a test without sockets.
//! - [`Scenario`]: each name that decides how a verification ends.
//! - [`model::FIDELITY`]: what of this is documented, and what is a guess.
//! - The guide's page *Test your application*, in `xtask/guide` of the repository.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod card;
mod dashboard;
pub mod model;
mod page;
pub mod server;

#[doc(inline)]
pub use model::{Ending, Outcome, Ready, Scenario, UnixMs, Vendor, VendorConfig};
pub use server::{Event, Events, Sandbox, SandboxBuilder, StartError};
