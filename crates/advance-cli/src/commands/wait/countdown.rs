//! How long a wait lasts still, and what it has cost, for a person who watches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget};

use crate::net::attempts::Attempts;
use crate::out::Out;
use crate::time::span;
use crate::view::charges;

pub(super) struct Countdown(Option<(ProgressBar, Arc<AtomicBool>, JoinHandle<()>)>);

impl Countdown {
    /// Nothing, unless somebody watches.
    pub(super) fn start(attempts: &Attempts, total: Duration, out: &Out) -> Self {
        if !out.is_watched() || out.is_verbose() {
            return Self(None);
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.enable_steady_tick(Duration::from_millis(120));
        let over = Arc::new(AtomicBool::new(false));
        let (attempts, shown, ended) = (attempts.clone(), bar.clone(), Arc::clone(&over));
        let begun = Instant::now();
        let tell = move || {
            while !ended.load(Ordering::Relaxed) {
                let (sent, cost) = attempts.totals();
                let left = span(total.saturating_sub(begun.elapsed()));
                shown.set_message(format!(
                    "waiting for the person, {left} left; {}",
                    charges::sentence(sent, cost)
                ));
                thread::park_timeout(Duration::from_millis(500));
            }
        };
        let teller = thread::Builder::new().name("countdown".to_owned()).spawn(tell);
        Self(teller.ok().map(|teller| (bar, over, teller)))
    }

    /// Leaves nothing behind on the screen.
    pub(super) fn end(self) {
        if let Some((bar, over, teller)) = self.0 {
            over.store(true, Ordering::Relaxed);
            teller.thread().unpark();
            bar.finish_and_clear();
        }
    }
}
