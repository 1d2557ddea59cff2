//! What a caller hands to a session, and what a call ends with.

use std::num::NonZeroUsize;

use http::Response as HttpResponse;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::read::verification_link;
use super::scalars::{
    access_token, base_url, charges, credentials, duration, get_result, period, signature_id, unix_millis,
};
use super::words::{failure_kind, sent};
use super::{documents, hostile};
use crate::domain::Verification;
use crate::error::Error;
use crate::secret::{AccessToken, Credentials};
use crate::session::{
    BatchItem, BatchPolicy, BatchResult, Call, Config, ExportedToken, Response, RetryPolicy, Session, Step,
    WaitOutcome, WaitPolicy, Waited,
};
use crate::suites::parser::Ask;
use crate::time::{Now, UnixMillis};
use crate::transport::{Failure, FailureKind, Limits, Sent};
use crate::url::DownloadPolicy;
use crate::wire::GetResult;

/// Any failure of a transport, without a source.
pub fn failure() -> impl Strategy<Value = Failure> + Clone {
    (failure_kind(), sent()).prop_map(|(kind, sent)| Failure::new(kind, sent))
}

/// Any limits of an attempt.
pub fn limits() -> impl Strategy<Value = Limits> + Clone {
    (duration(), any::<usize>()).prop_map(|(within, max_body)| Limits::new(within, max_body))
}

/// Any policy of retries.
pub fn retry_policy() -> impl Strategy<Value = RetryPolicy> + Clone {
    (
        any::<u32>(),
        duration(),
        duration(),
        duration(),
        any::<bool>(),
        any::<u32>(),
    )
        .prop_map(|(attempts, base, cap, total, maybe_charged, budget)| {
            RetryPolicy::new()
                .attempts(attempts)
                .backoff(base, cap)
                .total(total)
                .retry_maybe_charged(maybe_charged)
                .budget(budget)
        })
}

/// Any configuration.
pub fn config() -> impl Strategy<Value = Config> + Clone {
    let agent = "[!-~][ -~]{0,30}[!-~]";
    (
        base_url(),
        period(),
        retry_policy(),
        limits(),
        any::<bool>(),
        agent,
    )
        .prop_filter_map(
            "a User-Agent",
            |(base_url, period, retry, limits, repair_clock, agent)| {
                let config = Config::new()
                    .base_url(base_url)
                    .period(period)
                    .retry(retry)
                    .attempt_timeout(limits.within)
                    .max_body(limits.max_body)
                    .repair_clock(repair_clock);
                config.user_agent(&agent).ok()
            },
        )
}

/// Any list of hosts that pictures may be fetched from.
pub fn download_policy() -> impl Strategy<Value = DownloadPolicy> + Clone {
    let host = prop_oneof![
        "(\\*\\.)?[a-z]{1,10}\\.example",
        "127\\.0\\.0\\.[1-9]",
        "2001:db8::[1-9a-f]"
    ];
    (any::<bool>(), vec(host, 0..4), any::<usize>()).prop_filter_map("of hosts", |(known, hosts, bytes)| {
        let policy = if known {
            DownloadPolicy::new()
        } else {
            DownloadPolicy::nowhere()
        };
        hosts
            .iter()
            .try_fold(policy.max_bytes(bytes), |policy, host| policy.host(host).ok())
    })
}

/// Any way to wait, with the rule of the default for what is not finished.
pub fn polling() -> impl Strategy<Value = WaitPolicy> {
    let waits = prop_oneof![
        verification_link().prop_map(|link| WaitPolicy::link(&link)),
        signature_id().prop_map(WaitPolicy::of),
    ];
    (
        waits,
        duration(),
        duration(),
        option::of(duration()),
        any::<bool>(),
    )
        .prop_map(|(polling, first, cap, total, not_exist)| {
            let polling = polling.backoff(first, cap).signature_not_exist(not_exist);
            match total {
                Some(total) => polling.total(total),
                None => polling,
            }
        })
}

/// Any policy of batches that go to their end.
pub fn batch_policy() -> impl Strategy<Value = BatchPolicy> + Clone {
    (1..1_000_usize, duration()).prop_filter_map("one at least", |(limit, interval)| {
        let limit = NonZeroUsize::new(limit)?;
        Some(BatchPolicy::new().concurrency(limit).interval(interval))
    })
}

/// Any token that was kept.
pub fn exported_token() -> impl Strategy<Value = ExportedToken> + Clone {
    (access_token(), unix_millis()).prop_map(|(token, ends)| ExportedToken::new(token, ends))
}

/// Any call of get-result.
pub fn call() -> impl Strategy<Value = Call<GetResult>> + Clone {
    let maybe_charged = option::of(any::<bool>());
    (get_result(), option::of(duration()), maybe_charged).prop_map(|(endpoint, total, maybe_charged)| {
        let call = Call::new(endpoint);
        let call = total.into_iter().fold(call, Call::total);
        maybe_charged.into_iter().fold(call, Call::retry_maybe_charged)
    })
}

type Reply = Result<(u16, Vec<u8>), Failure>;

/// What one call ends with, by the machine itself: all else that it asks for cannot be had.
fn ended(
    (keys, token, ask, reply): (Credentials, AccessToken, GetResult, Reply),
) -> Option<Result<Response<Verification>, Error>> {
    let now = Now {
        wall: UnixMillis::new(1_700_000_000_000),
        mono: std::time::Duration::ZERO,
    };
    let mut session = Session::new(Config::new().retry(RetryPolicy::never()), keys, 7);
    session.adopt_token(ExportedToken::new(token, UnixMillis::new(1_700_003_600_000)), now);
    let came = match reply {
        Ok((status, body)) => Ok(HttpResponse::builder().status(status).body(body).ok()?),
        Err(failure) => Err(failure),
    };
    let mut came = Some(came);
    let mut step = session.begin(Call::new(ask), now);
    // A rejected token is replaced once, so a few steps are enough.
    for _ in 0..8 {
        step = match step {
            Step::Done(result) => return Some(result),
            Step::Wait(_, pause) => pause.resume(&mut session, now),
            Step::Share(_, _, sharing) => sharing.alone(&mut session, now),
            Step::Send(_, _, awaiting) => {
                let lost = || Err(Failure::new(FailureKind::Connect, Sent::No));
                awaiting.resume(&mut session, now, came.take().unwrap_or_else(lost))
            }
        };
    }
    None
}

/// Any result, as a call brings it.
pub fn response() -> impl Strategy<Value = Response<Verification>> {
    let reply = documents::success(Ask::GetResult).prop_map(|body| Ok((200, body.into_bytes())));
    (credentials(), access_token(), get_result(), reply)
        .prop_filter_map("a result", |parts| ended(parts)?.ok())
}

/// All that a call may fail with: the vendor's word, a reply that is none, a lost connection, a refusal.
pub fn error() -> impl Strategy<Value = Error> {
    let reply = prop_oneof![
        3 => documents::failure().prop_map(|body| Ok((200, body.into_bytes()))),
        2 => hostile::body(Ask::GetResult).prop_map(|body| Ok((200, body.into_bytes()))),
        1 => (select(vec![204, 302, 403, 404, 429, 500, 503]), hostile::body(Ask::GetResult).prop_map(hostile::Body::into_bytes)).prop_map(Ok),
        2 => failure().prop_map(Err),
    ];
    let ends = (credentials(), access_token(), get_result(), reply)
        .prop_filter_map("a failure", |parts| ended(parts)?.err());
    prop_oneof![8 => ends.boxed(), 1 => Just(Error::invalid("value", "must be another one")).boxed()]
}

fn result() -> impl Strategy<Value = Result<Response<Verification>, Error>> {
    prop_oneof![response().prop_map(Ok), error().prop_map(Err)]
}

/// Any end of a wait.
pub fn wait_outcome() -> impl Strategy<Value = WaitOutcome> {
    prop_oneof![
        response().prop_map(WaitOutcome::Finished),
        error().prop_map(WaitOutcome::Failed),
        Just(()).prop_map(|()| WaitOutcome::LinkExpired),
        Just(()).prop_map(|()| WaitOutcome::ChargeLimit),
        Just(()).prop_map(|()| WaitOutcome::Cancelled),
        Just(()).prop_map(|()| WaitOutcome::TimedOut),
    ]
}

/// Any wait that has ended.
pub fn waited() -> impl Strategy<Value = Waited> {
    (
        signature_id(),
        wait_outcome(),
        any::<u32>(),
        charges(),
        any::<u32>(),
        option::of(error()),
    )
        .prop_map(
            |(signature_id, outcome, polls, charges, sends, last_error)| Waited {
                signature_id,
                outcome,
                polls,
                charges,
                sends,
                last_error,
            },
        )
}

/// Any one of a batch.
pub fn batch_item() -> impl Strategy<Value = BatchItem> {
    (0..1_000_usize, signature_id(), option::of(result())).prop_map(|(index, signature_id, result)| {
        BatchItem {
            index,
            signature_id,
            result,
        }
    })
}

/// Any batch that has ended.
pub fn batch_result() -> impl Strategy<Value = BatchResult> {
    (vec(batch_item(), 0..4), charges()).prop_map(|(items, charges)| BatchResult { items, charges })
}
