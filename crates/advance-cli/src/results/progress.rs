//! How far a run is, for a person who watches.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::tally::Tally;
use crate::out::Out;

pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Nothing, unless somebody watches and there is something to watch.
    pub(super) fn new(total: u64, out: &Out) -> Self {
        let shown = out.is_watched() && !out.is_verbose() && total > 1;
        let target = if shown {
            ProgressDrawTarget::stderr_with_hz(8)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let template = "{wide_bar} {pos}/{len}  {per_sec}  {eta} left  {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.with_key(
                "per_sec",
                |state: &indicatif::ProgressState, write: &mut dyn std::fmt::Write| {
                    // Writing to a string cannot fail.
                    let _ = write!(write, "{:.0}/s", state.per_sec());
                },
            ));
        }
        bar.enable_steady_tick(Duration::from_millis(500));
        Self(bar)
    }

    pub(super) fn tell(&self, done: u64, tally: &Tally) {
        let mut message = format!("{} charged", tally.charges.pay);
        if tally.failed > 0 {
            message += &format!(", {} failed", tally.failed);
        }
        self.0.set_message(message);
        self.0.set_position(done);
    }

    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}
