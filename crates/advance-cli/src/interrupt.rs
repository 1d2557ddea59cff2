//! What a command does when it is interrupted: it says what was done, what it cost and how to go on.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::runtime;

use crate::out::Out;
use crate::report;
use crate::signals::Signals;
use crate::stop::Stop;

type Hook = Box<dyn Fn() -> Stop + Send>;

/// From its making on, a signal is told instead of ending the process silently.
#[derive(Clone)]
pub(crate) struct Interrupt(Arc<Shared>);

struct Shared {
    gentle: AtomicBool,
    asked: AtomicBool,
    hook: Mutex<Hook>,
}

impl Interrupt {
    /// Ends the process with what this says.
    pub(crate) fn listen(out: &Out, hook: impl Fn() -> Stop + Send + 'static) -> Self {
        let shared = Arc::new(Shared {
            gentle: AtomicBool::new(false),
            asked: AtomicBool::new(false),
            hook: Mutex::new(Box::new(hook)),
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

    /// Whether to end.
    pub(crate) fn asked(&self) -> bool {
        self.0.asked.load(Ordering::SeqCst)
    }
}

fn watch(out: &Out, shared: &Shared) {
    let Ok(runtime) = runtime::Builder::new_current_thread().enable_io().build() else {
        return;
    };
    runtime.block_on(async {
        let Ok(mut signals) = Signals::listen() else {
            return;
        };
        loop {
            signals.next().await;
            if shared.gentle.load(Ordering::SeqCst) && !shared.asked.swap(true, Ordering::SeqCst) {
                out.progress("interrupted: requests that are under way are seen to their end; interrupt again to end at once");
                continue;
            }
            let stop = shared.hook.lock().unwrap_or_else(PoisonError::into_inner)();
            process::exit(report::exit(&stop, out).into());
        }
    });
}
