//! Many calls at a time over reqwest: how many are answered in a second.

use std::num::NonZeroUsize;
use std::time::Instant;

use advance_core::{BatchPolicy, SignatureId};
use futures_util::StreamExt as _;
use futures_util::stream;

use super::{Amount, Counts, by_hand, config, result_url, runtime};
use crate::measure::median;
use crate::row::{Row, Target};
use crate::samples;
use crate::server::Server;

const FLOOR: &str = "reqwest with the same bounds, `buffer_unordered` and serde";

pub fn in_flight(server: &Server, in_flight: usize, amount: Amount) -> (Row, Counts) {
    let runtime = runtime();
    let ours = advance_reqwest::client(config(server), samples::credentials()).expect("a client");
    let by_hand = ByHand::new(server);
    let id = samples::signature_id();
    let ours = |calls: usize| {
        let calls = stream::iter(0..calls).map(|_| ours.get_result(&id));
        runtime.block_on(calls.buffer_unordered(in_flight).for_each(|result| {
            assert!(result.is_ok());
            std::future::ready(())
        }));
    };
    let (row, connections, calls) = compare(
        format!("{in_flight} in flight over reqwest"),
        (server, in_flight, amount),
        0.97,
        ours,
        |calls| runtime.block_on(by_hand.calls(calls, in_flight)),
    );
    let counts = Counts {
        name: row.case.clone(),
        allocations: 0,
        calls,
        connections,
    };
    (row, counts)
}

pub fn batch(server: &Server, concurrency: usize, amount: Amount) -> Row {
    let runtime = runtime();
    let ours = advance_reqwest::client(config(server), samples::credentials()).expect("a client");
    let by_hand = ByHand::new(server);
    let policy = BatchPolicy::new().concurrency(NonZeroUsize::new(concurrency).expect("more than none"));
    let ours = |calls: usize| {
        let ids = (0..calls).map(|number| SignatureId::new(format!("{number:016x}")).expect("an id"));
        let result = runtime.block_on(ours.get_results(ids, policy.clone()));
        assert!(result.items.iter().all(|item| matches!(item.result, Some(Ok(_)))));
    };
    let name = format!("a batch of {}, {concurrency} at a time", amount.many);
    let (row, ..) = compare(name, (server, concurrency, amount), 0.95, ours, |calls| {
        runtime.block_on(by_hand.calls(calls, concurrency));
    });
    row
}

struct ByHand {
    client: reqwest::Client,
    url: String,
    token: String,
}

impl ByHand {
    fn new(server: &Server) -> Self {
        Self {
            client: by_hand::reqwest_client(),
            url: result_url(server),
            token: samples::token_text(),
        }
    }

    async fn calls(&self, calls: usize, in_flight: usize) {
        let calls = stream::iter(0..calls).map(|_| by_hand::by_reqwest(&self.client, &self.url, &self.token));
        // A program that asks for many results keeps them, as the batch does.
        let kept: Vec<_> = calls.buffer_unordered(in_flight).collect().await;
        drop(kept);
    }
}

/// How often each side is run in turn.
const ROUNDS: usize = 3;

fn compare(
    name: String,
    (server, in_flight, amount): (&Server, usize, Amount),
    target: f64,
    ours: impl Fn(usize),
    theirs: impl Fn(usize),
) -> (Row, u64, usize) {
    // So that there is a connection for each.
    ours(4 * in_flight);
    theirs(4 * in_flight);
    let mut opened = 0;
    let rate = |side: &dyn Fn(usize)| {
        let begun = Instant::now();
        side(amount.many);
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let calls = amount.many as f64;
        calls / begun.elapsed().as_secs_f64()
    };
    let rounds: Vec<(f64, f64)> = (0..ROUNDS)
        .map(|_| {
            let before = server.connections();
            let our = rate(&ours);
            opened += server.connections() - before;
            (our, rate(&theirs))
        })
        .collect();
    let ratio = median(rounds.iter().map(|(our, their)| our / their).collect());
    let our = median(rounds.iter().map(|(our, _)| *our).collect());
    let their = median(rounds.iter().map(|(_, their)| *their).collect());
    let figures = format!("{our:.0} and {their:.0} calls a second; {opened} connections opened anew");
    let row = Row::new(name, FLOOR, ratio, Target::AtLeast(target), figures);
    (row, opened, ROUNDS * amount.many)
}
