//! What a call costs, and how much memory it takes, as everything grows by powers of ten.

use std::fs;
use std::future::Future;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::Duration;

use advance_core::{AsyncClient, AsyncTransport, BatchPolicy, Client, Config, SignatureId, WaitPolicy};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use serde::Serialize;
use tokio::sync::Mutex;

use crate::alloc;
use crate::net::{runtime, work};
use crate::network::{Memory, Silence, Yielding};
use crate::pure::client_with_token;
use crate::row::{Row, Target};
use crate::samples;

/// One line of the chart.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Growth {
    pub of: &'static str,
    /// How many there are, and the microseconds that each takes.
    pub points: Vec<(usize, f64)>,
}

/// How many bytes one of each takes.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Size {
    pub of: &'static str,
    pub bytes: usize,
    pub note: &'static str,
}

type Boxed<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// A million of everything where there is memory for it.
pub fn most() -> usize {
    const NEEDED_KIB: u64 = 12 << 20;
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let free = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    if free.is_some_and(|free| free >= NEEDED_KIB) {
        1_000_000
    } else {
        100_000
    }
}

pub fn lines(most: usize) -> Vec<Growth> {
    let line = |of, measure: fn(usize) -> f64| Growth {
        of,
        points: powers(most).map(|count| (count, best(measure, count))).collect(),
    };
    vec![
        line("calls at once", calls),
        line("ids of a batch", ids),
        line("waits at once, begun and given up", waits),
        line("cold callers, each joining", |count| join_and_leave(count)[0]),
        line("cold callers, each leaving", |count| join_and_leave(count)[1]),
        line("cold callers, to all done", all_done),
        line("clients with a token, asked in turn", clients),
    ]
}

fn powers(most: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(10), |count| Some(count * 10)).take_while(move |count| *count <= most)
}

/// The least of three, in this thread's own work: what the machine does beside it only adds. Of the largest, which take
/// seconds, one is enough.
fn best(measure: fn(usize) -> f64, count: usize) -> f64 {
    let times = if count < 100_000 { 3 } else { 1 };
    (0..times).map(|_| measure(count)).fold(f64::INFINITY, f64::min)
}

#[expect(clippy::cast_precision_loss, reason = "a small number")]
fn each(begun: Duration, count: usize) -> f64 {
    (work() - begun).as_secs_f64() * 1e6 / count as f64
}

fn client<T: AsyncTransport>(transport: T) -> AsyncClient<T> {
    AsyncClient::new(transport, Config::new(), samples::credentials(), 7)
}

fn warm<T: AsyncTransport>(transport: T) -> AsyncClient<T> {
    let client = client(transport);
    assert!(client.adopt_token(samples::held()));
    client
}

fn calls(count: usize) -> f64 {
    let (client, id) = (warm(Yielding), samples::signature_id());
    runtime().block_on(async {
        let begun = work();
        let mut calls: FuturesUnordered<_> = (0..count).map(|_| client.get_result(&id)).collect();
        while calls.next().await.is_some() {}
        each(begun, count)
    })
}

fn ids(count: usize) -> f64 {
    let client = warm(Yielding);
    let ids: Vec<_> = (0..count)
        .map(|number| SignatureId::new(format!("{number:016x}")).expect("an id"))
        .collect();
    let policy = BatchPolicy::new().concurrency(NonZeroUsize::new(64).expect("more than none"));
    runtime().block_on(async {
        let begun = work();
        let mut results = client.results(ids, policy);
        while results.next().await.is_some() {}
        each(begun, count)
    })
}

fn waits(count: usize) -> f64 {
    let client = warm(Silence);
    let begun = work();
    let mut waiting: Vec<_> = (0..count).map(|_| wait(&client)).collect();
    poll(&mut waiting);
    drop(waiting);
    each(begun, count)
}

fn wait<T: AsyncTransport>(client: &AsyncClient<T>) -> Boxed<'_> {
    waiting(client, Duration::ZERO)
}

fn waiting<T: AsyncTransport>(client: &AsyncClient<T>, first: Duration) -> Boxed<'_> {
    let policy = WaitPolicy::of(samples::signature_id()).first_poll_after(first);
    Box::pin(async move { drop(client.wait_for_result(policy).await) })
}

fn poll(futures: &mut [Boxed<'_>]) {
    let mut cx = Context::from_waker(Waker::noop());
    for future in futures {
        assert!(future.as_mut().poll(&mut cx).is_pending());
    }
}

fn join_and_leave(count: usize) -> [f64; 2] {
    let client = client(Silence);
    let mut waiting: Vec<Boxed<'_>> = (0..count)
        .map(|_| -> Boxed<'_> { Box::pin(async { drop(client.token().await) }) })
        .collect();
    let begun = work();
    poll(&mut waiting);
    let join = each(begun, count);
    let begun = work();
    // The one that came last leaves first; the leader is the last to go.
    while let Some(caller) = waiting.pop() {
        drop(caller);
    }
    [join, each(begun, count)]
}

fn all_done(count: usize) -> f64 {
    let client = client(Yielding);
    runtime().block_on(async {
        let begun = work();
        let mut callers: FuturesUnordered<_> = (0..count).map(|_| client.token()).collect();
        while let Some(token) = callers.next().await {
            assert!(token.is_ok());
        }
        each(begun, count)
    })
}

/// The floor of it: a mutex of tokio's around a token.
fn all_done_by_hand(count: usize) -> f64 {
    let token: Mutex<Option<String>> = Mutex::new(None);
    let ask = || async {
        let mut token = token.lock().await;
        if token.is_none() {
            tokio::task::yield_now().await;
            *token = Some(samples::token_text());
        }
        token.clone()
    };
    runtime().block_on(async {
        let begun = work();
        let mut callers: FuturesUnordered<_> = (0..count).map(|_| ask()).collect();
        while callers.next().await.is_some() {}
        each(begun, count)
    })
}

fn clients(count: usize) -> f64 {
    let clients: Vec<Client<Memory>> = (0..count).map(|_| client_with_token()).collect();
    let begun = work();
    for client in &clients {
        drop(client.token());
    }
    each(begun, count)
}

/// Cold callers and waits beside their floors.
pub fn rows(most: usize) -> (Vec<Row>, Vec<Size>) {
    let mut rows = Vec::new();
    for count in powers(most).filter(|count| *count >= 1_000) {
        let (ours, theirs) = (best(all_done, count), best(all_done_by_hand, count));
        rows.push(Row::new(
            format!("{count} cold callers, to all done"),
            "a mutex of tokio's around the token",
            ours / theirs,
            Target::AtMost(2.0),
            format!("{ours:.2} and {theirs:.2} µs each"),
        ));
    }
    let sizes = sizes(most);
    let wait = sizes
        .iter()
        .find(|size| size.of == WAIT)
        .map_or(0, |size| size.bytes);
    let sleeper = sizes
        .iter()
        .find(|size| size.of == SLEEPER)
        .map_or(1, |size| size.bytes);
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let ratio = wait as f64 / 1_536.0;
    rows.push(Row::new(
        format!("memory of each of {most} waits"),
        "1.5 KiB",
        ratio,
        Target::AtMost(1.0),
        format!("{wait} bytes; a sleeping task {sleeper}"),
    ));
    (rows, sizes)
}

const WAIT: &str = "a wait that pauses";
const SLEEPER: &str = "a sleeping future";

fn sizes(count: usize) -> Vec<Size> {
    let runtime = runtime();
    let _inside = runtime.enter();
    let asleep = warm(Yielding);
    let silent = warm(Silence);
    let id = samples::signature_id();
    vec![
        one(SLEEPER, "the floor", count, || {
            Box::pin(tokio::time::sleep(Duration::from_secs(600)))
        }),
        one(
            "a wait that asks",
            "its request is under way, without what the HTTP client has",
            count,
            || wait(&silent),
        ),
        one(
            WAIT,
            "before its first poll, over a transport that sleeps by tokio",
            count,
            || waiting(&asleep, Duration::from_secs(600)),
        ),
        one(
            "a call in flight",
            "of `get_result`, without what the HTTP client has",
            count,
            || Box::pin(async { drop(silent.get_result(&id).await) }),
        ),
        Size {
            of: "a client with its token",
            bytes: size(count.min(1_000), client_with_token),
            note: "without a transport",
        },
    ]
}

/// A future that was polled once.
fn one<'a>(of: &'static str, note: &'static str, count: usize, make: impl Fn() -> Boxed<'a>) -> Size {
    let bytes = size(count, || {
        let mut made = make();
        poll(std::slice::from_mut(&mut made));
        made
    });
    Size { of, bytes, note }
}

fn size<T>(count: usize, make: impl Fn() -> T) -> usize {
    drop(make());
    let mut made = Vec::with_capacity(count);
    let before = alloc::live();
    for _ in 0..count {
        made.push(make());
    }
    let bytes = alloc::live() - before;
    usize::try_from(bytes).unwrap_or_default() / count
}
