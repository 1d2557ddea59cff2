//! What a command does when it is interrupted: it says what was done, what it cost and how to go on.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use advance_core::WaitControl;
use tokio::runtime;

use crate::out::Out;
use crate::report;
use crate::signals::Signals;
use crate::stop::Stop;

/// How long a wait that is cancelled may take to end before it is said why it has not.
const MOMENT: Duration = Duration::from_millis(300);

type Hook = Box<dyn Fn() -> Stop + Send>;

/// From its making on, a signal is told instead of ending the process silently.
#[derive(Clone)]
pub(crate) struct Interrupt(Arc<Shared>);

struct Shared {
    gentle: AtomicBool,
    asked: AtomicBool,
    hook: Mutex<Hook>,
    wait: Mutex<Option<WaitControl>>,
}

impl Interrupt {
    /// Ends the process with what this says.
    pub(crate) fn listen(out: &Out, hook: impl Fn() -> Stop + Send + 'static) -> Self {
        let shared = Arc::new(Shared {
            gentle: AtomicBool::new(false),
            asked: AtomicBool::new(false),
            hook: Mutex::new(Box::new(hook)),
            wait: Mutex::new(None),
        });
        let (out, seen) = (out.clone(), Arc::clone(&shared));
        // Without a thread or a listener, a signal ends the process as it always did.
        let _ = thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || watch(&out, &seen));
        Self(shared)
    }

    /// Says something else from now on.
    pub(crate) fn say(&self, hook: impl Fn() -> Stop + Send + 'static) {
        *self.0.hook.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(hook);
    }

    /// From now on the first signal only asks to end; the second ends.
    pub(crate) fn gently(&self) {
        self.0.gentle.store(true, Ordering::SeqCst);
    }

    /// From now on the first signal cancels this wait, which then ends by itself; the second ends.
    pub(crate) fn cancels(&self, control: WaitControl) {
        *self.0.wait.lock().unwrap_or_else(PoisonError::into_inner) = Some(control);
        self.gently();
    }

    /// What a signal makes this command say.
    pub(crate) fn said(&self) -> Stop {
        self.0.said()
    }

    /// Whether to end.
    pub(crate) fn asked(&self) -> bool {
        self.0.asked.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn said(&self) -> Stop {
        self.hook.lock().unwrap_or_else(PoisonError::into_inner)()
    }

    /// Whether the first signal was answered by asking the work to end.
    fn asks(&self) -> bool {
        self.gentle.load(Ordering::SeqCst) && !self.asked.swap(true, Ordering::SeqCst)
    }

    /// Cancels the wait, if there is one.
    fn cancel(&self) -> bool {
        let wait = self.wait.lock().unwrap_or_else(PoisonError::into_inner).clone();
        wait.map(|control| control.cancel()).is_some()
    }
}

fn watch(out: &Out, shared: &Shared) {
    let Ok(runtime) = runtime::Builder::new_current_thread().enable_all().build() else {
        return;
    };
    runtime.block_on(async {
        let Ok(mut signals) = Signals::listen() else {
            return;
        };
        loop {
            signals.next().await;
            if shared.asks() {
                // A wait that pauses ends at once, and says itself what there is to say.
                let again = shared.cancel() && tokio::time::timeout(MOMENT, signals.next()).await.is_ok();
                if !again {
                    out.progress("interrupted: requests that are under way are seen to their end; interrupt again to end at once");
                    continue;
                }
            }
            process::exit(report::exit(&shared.said(), out).into());
        }
    });
}
