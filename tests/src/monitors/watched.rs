//! The monitors at the work of a client over any transport, such as one with real sockets.
//!
//! An observer does not see requests, and a transport does not know whose they are. Between them they know both, as long as the
//! client makes one call at a time: a request is that of the call that was told of last, and what the client tells happened when
//! it last looked at the clock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use advance_core::client::Observer;
use advance_core::session::Event;
use advance_core::transport::{Failure, Limits};
use advance_core::{Charges, Credentials, Error, Now, Transport};
use http::{Request, Response};

use super::facts::call_of;
use super::{Monitors, Seen, Terms};
use crate::simulation::violation::{Checked, Violation};
use crate::simulation::{ACCESS_KEY, SECRET_KEY, requests};

/// Where the transport and the observer of one client meet. Clones are the same desk.
#[derive(Clone, Debug)]
pub struct Desk(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    monitors: Monitors,
    terms: Terms,
    now: Option<Now>,
    call: u64,
    /// The first.
    violation: Option<Violation>,
}

impl State {
    fn see(&mut self, seen: &Seen<'_>) {
        let Some(now) = self.now else { return };
        if self.violation.is_none() {
            self.violation = self.monitors.see(now, seen).err();
        }
    }
}

impl Desk {
    /// For a client whose calls have these terms, and [these keys](Self::credentials).
    pub fn new(terms: Terms) -> Self {
        Self(Arc::new(Mutex::new(State {
            monitors: Monitors::new(ACCESS_KEY, SECRET_KEY),
            terms,
            now: None,
            call: 0,
            violation: None,
        })))
    }

    /// The keys that the monitors know: the access key and the secret key.
    pub const KEYS: (&str, &str) = (ACCESS_KEY, SECRET_KEY);

    /// The same, to sign with.
    pub fn credentials() -> Credentials {
        requests::credentials()
    }

    /// This transport, at this desk.
    pub fn watch<T>(&self, transport: T) -> Watched<T> {
        Watched {
            transport,
            desk: self.clone(),
        }
    }

    /// A caller got this error.
    pub fn failed(&self, error: &Error) {
        self.lock().see(&Seen::Failed(error));
    }

    /// Nothing more happens, and the client has booked this.
    ///
    /// # Errors
    /// The first rule that was violated, now or before.
    pub fn over(&self, charges: Charges) -> Checked {
        let mut state = self.lock();
        state.see(&Seen::Over(charges));
        state.violation.clone().map_or(Ok(()), Err)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Desk {
    fn event(&self, event: &Event) {
        let mut state = self.lock();
        if let Event::CallBegun { .. } = event {
            let terms = state.terms;
            state.see(&Seen::Terms(terms));
        }
        state.call = call_of(event).unwrap_or(state.call);
        state.see(&Seen::Event(event));
    }
}

/// A transport at its desk.
#[derive(Debug)]
pub struct Watched<T> {
    transport: T,
    desk: Desk,
}

impl<T: Transport> Transport for Watched<T> {
    fn send(&self, request: Request<Vec<u8>>, limits: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        let call = {
            let mut state = self.desk.lock();
            let call = state.call;
            state.see(&Seen::Sent(call, &request, limits));
            call
        };
        let outcome = self.transport.send(request, limits);
        self.desk.lock().see(&Seen::Heard(call, outcome.as_ref()));
        outcome
    }

    fn sleep(&self, duration: Duration) {
        self.transport.sleep(duration);
    }

    fn now(&self) -> Now {
        let now = self.transport.now();
        self.desk.lock().now = Some(now);
        now
    }
}
