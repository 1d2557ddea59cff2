//! One client that threads share, beside a client for each.

use std::hint::black_box;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use advance_core::Client;

use crate::measure::median;
use crate::network::Memory;
use crate::pure::client_with_token;
use crate::row::{Row, Target};
use crate::samples;

pub fn measure(rounds: usize, calls: usize) -> Vec<Row> {
    [2, 8]
        .map(|threads| shared(threads, rounds, calls / threads))
        .into()
}

fn shared(threads: usize, rounds: usize, calls: usize) -> Row {
    let one: Vec<_> = vec![Arc::new(client_with_token()); threads];
    let each: Vec<_> = (0..threads).map(|_| Arc::new(client_with_token())).collect();
    let rounds: Vec<(f64, f64)> = (0..rounds)
        .map(|_| (rate(&one, calls), rate(&each, calls)))
        .collect();
    let ratio = median(rounds.iter().map(|(one, each)| one / each).collect());
    let one = median(rounds.iter().map(|(one, _)| *one).collect());
    let each = median(rounds.iter().map(|(_, each)| *each).collect());
    Row::new(
        format!("one client, {threads} threads"),
        "a client for each thread",
        ratio,
        Target::AtLeast(0.97),
        format!("{one:.0} and {each:.0} calls a second"),
    )
}

fn rate(clients: &[Arc<Client<Memory>>], calls: usize) -> f64 {
    let begun = Instant::now();
    thread::scope(|scope| {
        for client in clients {
            scope.spawn(move || {
                let id = samples::signature_id();
                for _ in 0..calls {
                    drop(black_box(client.get_result(&id)));
                }
            });
        }
    });
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let calls = (calls * clients.len()) as f64;
    calls / begun.elapsed().as_secs_f64()
}
