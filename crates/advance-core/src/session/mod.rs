//! How a call proceeds: the machine, without a socket, a clock, a lock or a thread.
//!
//! A [`Session`] holds what the calls of one account share. A [`Call`] does one [`Job`]: it calls an endpoint
//! ([`Call::new`]), fetches a picture ([`Call::download`]) or gets a token in hand ([`Call::token`]). It is a chain of
//! [`Step`]s, each a value that must be consumed, so a state cannot be skipped or visited twice. Time and entropy are
//! arguments.
//!
//! A [`Wait`] and a [`Batch`] are plans over calls, as an iterator is over a slice: they say which call to make next and
//! hear how it ended. They send nothing themselves.
//!
//! ```text
//!              Session::begin(call, now)
//!                        │
//!                        ▼        no token, or it soon ends, and none is asked for
//!     ┌───────────► ┌─────────┐ ────────────────────────────────► Send(generate-token) ──┐
//!     │             │ proceed │                                                          │
//!     │  ┌────────► └─────────┘ ──── somebody asks already ──► Wait(Until::Token) ──┐    │
//!     │  │               │                                                          │    │
//!     │  │               │ a token in hand                                          │    │
//!     │  │               ▼                                                          │    │
//!     │  │         Send(the call)                                                   │    │
//!     │  │               │                                                          │    │
//!     │  │               ▼ Awaiting::resume(outcome)                                │    │
//!     │  ├─── rejected token, once                                                  │    │
//!     │  ├─── may pass, and policy, budget and time allow ► Wait(Until::Elapsed) ─► │    │
//!     │  └──────────────────────────────── Pause::resume ◄──────────────────────────┘    │
//!     │                  │                                                               │
//!     │                  ▼                                                               │
//!     │            Done(result) ◄── refused, for everybody who waits for the same token ─┤
//!     └────────────────────────────────────── Awaiting::resume: a token, or try again ◄──┘
//! ```
//!
//! # Rules
//!
//! - **One token for all.** A fresh token is used as it is. Within the last tenth of its life (a minute at the most,
//!   jittered) one call renews it under a lease that runs out by itself; all others go on with the old one, and so
//!   does the renewing call if renewal fails. Renewal of one token is tried twice. On a cold start calls share one
//!   acquisition: the server's verdict reaches every call that waited for it, and no later one. A leader that is
//!   dropped, out of time or out of tries hands over to the next.
//! - **One token for several sessions**, where [`Session::share_tokens`] was called. The call that leads asks the store by a
//!   [`Step::Share`] before each token request, goes on with a token that another session brought, looks again while
//!   another session asks, and tells the store what it brought. A renewal does not wait for another session. A token from the store
//!   is young until it is 12 s old by the store's clock. If the store already had another token when a refused call asked, that is
//!   not counted as the call's replacement. A store that fails is left alone for 10 s; meanwhile the first renewal is put off, and
//!   any other call asks the vendor by itself. The rules of the store are in [`sharing`](crate::sharing).
//! - **A refused token is judged by evidence.** `IAM_FAILED`, or a 401 without an envelope, says that one request was
//!   refused: the token may be dead, a node may not know it yet, or this call may not be allowed. A token is *proven* by
//!   an answer that needed it, and *young* for 12 s while there is none. A call that is refused with a young token goes on
//!   with the one before it, or comes back after growing pauses. Otherwise it is sent once more at once. Refused again,
//!   it ends by its own error if anything was accepted that was sent after it heard of its first refusal; if nothing was,
//!   it asks for another token, while all others go on with the old one. If
//!   it has to wait before it may ask, and evidence comes for its token meanwhile, it is sent once more with that token. Where a
//!   call was served that had been refused with the same token, nodes differ, and a call gets up to three more chances.
//! - **Replacements are paced.** Two are 5 s apart at the least, 11 s from the third in a row on. One that ends with its
//!   caller's time, before an attempt's, is the next caller's to try. One that does not cure
//!   its call uses up a minute: of its path, if the doubted token was accepted there, else one that all share. A token
//!   that was accepted again and again and then falls silent is replaced all the same. A token that grew old unaccepted
//!   takes youth from its successors. No call is held by refusals for longer than 15 s, unless it waits for a replacement
//!   to be due; nothing that a business call is answered makes another call fail or wait.
//! - **Only generate-token's own refusals cool down**, for [5 s](COOL_DOWN). An error that several calls hear has no words
//!   and no id of one.
//! - **`Retry-After` to a token request** is for all calls. A call that needs a token waits as long, or gets the same error
//!   at once if it has less time; what is longer than [a minute](HOLD_OFF) binds only the call that was told. A busy server
//!   that did not say how long is left alone for a second when a call has used up its tries on it.
//! - **Life** begins when a token was asked for: the smaller of what was asked and `expiredTime` minus the reply's `Date`;
//!   without `Date`, minus the wall clock if that makes sense. It passes by the clock that went further, since the
//!   monotonic one [stands still](crate::Now) while some machines sleep: a token that is over by the wall clock alone is
//!   renewed at once, and not exported, but used until the monotonic clock ends it. Cool-downs and `Retry-After` to a
//!   token request pass the same way. Leases, deadlines and the pace of replacements keep to the monotonic clock.
//! - **Retries** follow the envelope's code, then the HTTP status, then the kind of failure, within
//!   [`RetryPolicy`] and the budget of their endpoint; a retry that succeeds gives back what it took. A wait past the total time is not begun; the last error is returned at once. A rejected token and a
//!   wrong clock are mended at once, unless the reply asks for a while.
//! - **Charges.** What may have been charged is not sent again unless the caller chose that; `PAY` forbids it.
//! - **Clock.** `PARAMETER_ERROR` to a token request whose reply's `Date` is more than 120 s off makes the session sign
//!   with the server's time from then on, once per call. A `Date` more than a day off, or beside an `Age`, is not
//!   believed. While a correction is in force, every token that arrives measures it again.
//! - **No lock is needed to read.** [`Awaiting::read`] and [`Wait::ended`] take no session. A client that keeps its
//!   session behind a lock takes it for the other transitions, and never while a reply is parsed or a caller's rule is asked.
//!
//! How many requests a call sends is bounded. Its own request goes out at most [`RetryPolicy::attempts`] + 24 times, and
//! all but two of those are for a young token, for nodes that differ, or for a token that others replaced.
//! Token requests come on top: besides renewals, at most attempts + 2 (one for a clock repair, one for a token dead on
//! arrival) and one more for each token that was issued to it; renewals at most once for each time its own request
//! goes out, once before, and once more after what was mended (the clock, or the keys). Few calls come near that: over a million simulated runs the most was attempts + 6.
//!
//! # A whole call, by hand
//!
//! Everything a client does, without one: what is sent is looked at, and the answers are made up.
//!
//! ```
//! use std::time::Duration;
//! use advance_core::{Charges, Config, Credentials, GetResult, Now, SignatureId, UnixMillis};
//! use advance_core::session::{Call, Session, Step, Until};
//! use advance_core::transport::{Failure, FailureKind, Sent};
//! use http::Response;
//!
//! let mut session = Session::new(Config::new(), Credentials::new("sampleaccesskey", "samplesecretkey")?, 7);
//! let at = |seconds| Now {
//!     wall: UnixMillis::new(1_700_000_000_000 + seconds * 1_000),
//!     mono: Duration::from_secs(seconds),
//! };
//! let reply = |json: &str| Ok(Response::new(json.as_bytes().to_vec()));
//! let call = || Call::new(GetResult::new(SignatureId::new("f302f5d2454a85c2").unwrap()));
//!
//! // There is no token, so the first call asks for one…
//! let Step::Send(request, limits, asking) = session.begin(call(), at(0)) else { panic!() };
//! assert!(request.uri().path().ends_with("/generate-token"));
//! assert_eq!(limits.within, Duration::from_secs(15));
//!
//! // …and a second call waits for it instead of asking as well.
//! let Step::Wait(Until::Token { seen, .. }, waiting) = session.begin(call(), at(1)) else { panic!() };
//!
//! // The token request gets lost on the way. It is free, so it is sent again after a backoff.
//! let lost = Err(Failure::new(FailureKind::Reset, Sent::Maybe));
//! let Step::Wait(Until::Elapsed(backoff), pause) = asking.resume(&mut session, at(2), lost) else { panic!() };
//! assert!(backoff <= Duration::from_millis(250));
//! let Step::Send(request, _, asking) = pause.resume(&mut session, at(3)) else { panic!() };
//! assert!(request.uri().path().ends_with("/generate-token"));
//!
//! // The token comes: the call itself goes out with it, and the calls that wait look again.
//! let token = reply(
//!     r#"{"code":"SUCCESS","message":"OK","data":{"token":"abc.def.ghi","expiredTime":1700003603000},
//!         "extra":null,"transactionId":"6c2c50a3049ce67e","pricingStrategy":"FREE"}"#,
//! );
//! let Step::Send(request, _, calling) = asking.resume(&mut session, at(4), token) else { panic!() };
//! assert!(request.uri().path().ends_with("/get-result"));
//! assert_eq!(request.headers()["x-access-token"], "abc.def.ghi");
//! assert_ne!(session.generation(), seen);
//!
//! // Failures come with HTTP 200 here.
//! let failed = reply(r#"{"code":"SIGNATURE_NOT_EXIST","message":"This signatureId is not exist","data":null,
//!     "extra":null,"transactionId":"b6d722f7e9f553ae","pricingStrategy":"FREE"}"#);
//! let Step::Done(Err(error)) = calling.resume(&mut session, at(5), failed) else { panic!() };
//! assert_eq!(error.transaction_id().unwrap().as_str(), "b6d722f7e9f553ae");
//! assert_eq!(error.charges(), Charges { free: 2, pay: 0, unknown: 1 }); // the lost one is unknown
//!
//! // The second call wakes up, uses the same token, and succeeds.
//! let Step::Send(_, _, calling) = waiting.resume(&mut session, at(5)) else { panic!() };
//! let done = reply(r#"{"code":"SUCCESS","message":"OK","data":{"idvCode":"SUCCESS"},"extra":null,
//!     "transactionId":"d3fde1547eeaf226","pricingStrategy":"PAY"}"#);
//! let Step::Done(Ok(response)) = calling.resume(&mut session, at(6), done) else { panic!() };
//! assert_eq!(response.charges(), Charges { free: 0, pay: 1, unknown: 0 });
//!
//! // A call that is dropped half-way says so; one that is not falls back on its lease.
//! let Step::Send(_, _, dropped) = session.begin(call(), at(7)) else { panic!() };
//! session.abandon(dropped.ticket());
//! # Ok::<(), advance_core::Error>(())
//! ```
//!
//! # In a worker on wasm, or in any other loop
//!
//! The clients need threads or a waker that survives a mutex; a single-threaded loop needs neither. This is a whole
//! client for an edge worker. `fetch` stands for the platform's: called with `redirect: "manual"`,
//! `cache: "no-store"`, `credentials: "omit"` and an `AbortSignal.timeout` of [`Limits::within`](crate::transport::Limits), and
//! reading at most `max_body` bytes. It tells too little of why it failed, so say [`Sent::Maybe`](crate::transport::Sent) unless
//! it never began. Not for a browser's page: the keys would be there for anybody to read.
//!
//! ```
//! use std::cell::RefCell;
//! use std::time::Duration;
//! use advance_core::{Endpoint, Error, Now, Response};
//! use advance_core::session::{Call, Session, Step, Until};
//! use advance_core::transport::{Failure, Limits};
//!
//! async fn call<E: Endpoint>(
//!     session: &RefCell<Session>,
//!     endpoint: E,
//!     fetch: impl AsyncFn(http::Request<Vec<u8>>, Limits) -> Result<http::Response<Vec<u8>>, Failure>,
//!     sleep: impl AsyncFn(Duration),
//!     now: impl Fn() -> Now,
//! ) -> Result<Response<E::Output>, Error> {
//!     let mut step = session.borrow_mut().begin(Call::new(endpoint), now());
//!     loop {
//!         step = match step {
//!             Step::Send(request, limits, awaiting) => {
//!                 let outcome = fetch(request, limits).await;
//!                 awaiting.resume(&mut session.borrow_mut(), now(), outcome)
//!             }
//!             Step::Wait(until, pause) => {
//!                 match until {
//!                     Until::Elapsed(duration) => sleep(duration).await,
//!                     Until::Token { seen, at_most } => {
//!                         let end = now().mono + at_most;
//!                         while session.borrow().generation() == seen && now().mono < end {
//!                             sleep(Duration::from_millis(20)).await;
//!                         }
//!                     }
//!                 }
//!                 pause.resume(&mut session.borrow_mut(), now())
//!             }
//!             // No store was given: see `Session::share_tokens`.
//!             Step::Share(_, _, sharing) => sharing.alone(&mut session.borrow_mut(), now()),
//!             Step::Done(result) => return result,
//!         }
//!     }
//! }
//! ```

mod acquire;
mod again;
mod budget;
mod call;
mod config;
mod download;
mod echo;
mod entropy;
mod event;
mod evidence;
mod fleet;
mod flight;
mod headers;
mod held;
mod job;
mod judge;
mod life;
mod pacing;
mod passing;
mod plan;
#[cfg(test)]
mod properties;
mod response;
mod retry;
mod retry_after;
mod sabotage;
#[expect(clippy::module_inception, reason = "the session is what this module is about")]
mod session;
mod shared_token;
mod skew;
mod step;
mod token;
mod until;
mod usable_token;

pub(crate) use call::Bounds;
pub use call::Call;
pub use config::Config;
pub use download::Download;
pub use event::{CallId, Event, Purpose, WaitReason};
pub use job::Job;
pub use plan::{
    Batch, BatchItem, BatchPolicy, BatchRest, BatchResult, BatchStep, Wait, WaitOutcome, WaitPolicy,
    WaitStanding, WaitStep, Waited, nothing_yet,
};
pub use response::Response;
pub use retry::RetryPolicy;
pub use retry_after::RetryAfter;
#[cfg(feature = "sabotage")]
pub use sabotage::Rule;
pub use session::{ExportedToken, Session, Ticket};
pub use step::{Answered, Awaiting, Pause, Sharing, Step};
pub use token::{COOL_DOWN, Generation, HOLD_OFF};
pub use until::Until;
pub use usable_token::UsableToken;
