//! The vendor of the ADVANCE.AI H5 document verification API, on your own machine: for tests, simulations and demos.
//!
//! There is no test environment of the real one. This stands in for it in two forms that share one model:
//!
//! - [`Vendor`] is the model, pure: a request and a time go in, a reply comes out. Nothing in it waits or rolls dice,
//!   so that a simulation runs it a million times and gets the same again.
//! - [`Sandbox`] is the model behind a socket, on a thread of its own, for whatever speaks HTTP. It also serves the
//!   page where a person photographs an identity card; here that person chooses how the photograph turns out.
//!
//! It shares no code with the clients that are tested against it: it signs, checks and words its replies by itself,
//! after the documented examples, so that one mistake cannot hide on both sides.
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
//! assert!(!vendor.finish("f302f5d2454a85c2", Outcome::Forged), "nobody began this one");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
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
//! # How a verification ends
//!
//! The `userId` of generate-url decides. Any other one, or none, leaves it unfinished until the page, a control call
//! or [`Vendor::finish`] ends it.
//!
//! | `userId` | how it ends |
//! |---|---|
//! | `sbx-ok` | both codes `SUCCESS`, and the eighteen fields of a person who does not exist |
//! | `sbx-forged` | `FORGERY_DETECTED`, `modifiedNIK` and `b&wPhotocopied`; the text was read |
//! | `sbx-low-quality` | `LOW_QUALITY_IMAGE`, `blur` and `dim`; no OCR |
//! | `sbx-no-card` | `CARD_NOT_FOUND`; no OCR |
//! | `sbx-ocr-empty` | `SUCCESS`, but `OCR_NO_RESULT` with eighteen nulls |
//! | `sbx-pending-3` | as `sbx-ok`, from the third poll on; any other number will do |
//!
//! # Control calls
//!
//! What tests do by a method of [`Vendor`], others do over HTTP. Replies are JSON and have proper statuses. Whoever
//! can reach the sandbox can control it, which is why it listens on loopback only unless told otherwise.
//!
//! | call | body |
//! |---|---|
//! | `POST /__sandbox/verifications/{signatureId}` | `{"outcome":"ok"}`, also `forged`, `low-quality`, `no-card`, `ocr-empty`, `sample`; or `{"data":…}`, which get-result delivers as it is |
//! | `GET /__sandbox/journal` | the last 10,000 requests, without keys, tokens, signatures or anybody's data |
//! | `GET /__sandbox/ledger` | how many replies said `FREE`, `PAY` or nothing, in all and by endpoint |
//! | `POST /__sandbox/reset` | see [`Vendor::reset`] |
//! | `POST /__sandbox/faults` | any of: `busy`, `error`, `retryLater`, `fail`, each `{"endpoint":"get-result","times":2,"retryAfter":"10s","status":200,"code":…,"message":…}` of which only `endpoint` is needed; `revokeTokens`: true; `disableAccount`, `enableAccount`: an access key; `charging`: `documented`, `pay-per-result`, `pay-per-poll`, `omit`; `region`: `region-wrong`, `parameter-error`; `unfinished`: `null-fields`, `null-data`, `signature-not-exist`; `expiredTimeOffsetMs`, `dateOffsetMs`, `delayMs`: milliseconds |
//!
//! # What of this is known
//!
//! | behaviour | known from |
//! |---|---|
//! | paths, parameters, the six keys of the envelope, codes and messages of the examples, the signature | the vendor's document |
//! | `data` of each call, HS512 tokens and their claims, links of 3,600 s and 24 h, null `ocrCode` | the vendor's document |
//! | `REGION_WRONG` (example) or `PARAMETER_ERROR` (table) for a region; see [`RegionRefusal`](model::RegionRefusal) | the vendor's document, which contradicts itself |
//! | HTTP status 200 for failures; a timestamp 300 s off passes; `IAM_FAILED` for tokens; a new token leaves the old one alone; rules for redirect addresses; `Retry-After: 10s` | the vendor's documents for sibling products |
//! | `IAM_FAILED` with `Account is disabled` once inside, `ACCOUNT_DISABLED` at the door | the vendor's documents, taken together |
//! | what get-result says before the end; see [`Unfinished`](model::Unfinished) | a guess |
//! | what a result costs; see [`Charging`](model::Charging) | a guess, except that the example is `FREE` |
//! | `signatureId` and `errorCode` on the way back, and which of the two addresses | a guess; the document says which, not what |
//! | `periodSecond` out of range, values of a wrong type: `Parameter error,please check you input.` | a guess at which of the documented messages |
//! | an unknown access key: `IAM_FAILED`, `Access key not found or expired` | a guess after the glossary |
//! | signatures are judged before disabled accounts; a token is no longer good in the very millisecond it expires; another account's verification does not exist | guesses |
//! | messages of HTTP 413 and 415, and `CLIENT_ERROR` for a body that is no object | guesses after `HTTP 400 - Bad Request` |
//! | the order in which parameters are judged; no cropped image and no `idvResult` without a card | guesses |
//!
//! Verifications and tokens are remembered up to 100,000 each. Pictures are drawn, and the word SANDBOX is on them.

mod card;
mod dashboard;
pub mod model;
mod page;
pub mod server;

pub use model::{Ending, Outcome, Ready, Scenario, UnixMs, Vendor, VendorConfig};
pub use server::{Event, Events, Sandbox, SandboxBuilder, StartError};
