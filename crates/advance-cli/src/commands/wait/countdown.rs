//! How long a wait lasts still, and what it has cost, for a person who watches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::net::attempts::Attempts;
use crate::out::Out;
use crate::time::span;
use crate::view::charges;

pub(super) struct Countdown(Option<(ProgressBar, Arc<AtomicBool>, JoinHandle<()>)>);

/// One line with a sign of life, cut at the terminal's width. A bar has nothing to show: no one knows the end.
fn line(target: ProgressDrawTarget) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, target);
    match ProgressStyle::with_template("{spinner} {wide_msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

impl Countdown {
    /// Nothing, unless somebody watches.
    pub(super) fn start(attempts: &Attempts, total: Duration, out: &Out) -> Self {
        if !out.is_watched() || out.is_verbose() {
            return Self(None);
        }
        let bar = line(ProgressDrawTarget::stderr());
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

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;

    use indicatif::TermLike;

    use super::*;

    #[derive(Clone, Debug, Default)]
    struct Screen(Arc<Mutex<String>>);

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            40
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_person_sees_what_is_waited_for_on_one_line() {
        let screen = Screen::default();
        let bar = line(ProgressDrawTarget::term_like(Box::new(screen.clone())));
        bar.set_message("waiting for the person, 59 min left; 2 requests, none charged");
        bar.tick();
        let seen = screen.0.lock().unwrap().clone();
        assert!(seen.contains("waiting for the person, 59 min left"), "{seen}");
        assert!(!seen.contains("none charged"), "it is cut at 40 columns: {seen}");
    }
}
