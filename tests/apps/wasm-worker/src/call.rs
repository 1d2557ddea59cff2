//! A whole call, step by step: what the clients do with threads or wakers, in a loop that has neither.

use std::cell::RefCell;
use std::time::Duration;

use advance_core::session::{Call, Session, Step, Until};
use advance_core::{Endpoint, Error, Response};

use crate::platform::Platform;

/// Several may be under way at once: the session is borrowed for a transition, and never across an await.
pub async fn call<E: Endpoint>(
    session: &RefCell<Session>,
    endpoint: E,
    platform: &Platform,
) -> Result<Response<E::Output>, Error> {
    let mut step = session.borrow_mut().begin(Call::new(endpoint), platform.now());
    loop {
        step = match step {
            Step::Send(request, limits, awaiting) => {
                let outcome = platform.fetch(request, &limits).await;
                awaiting.resume(&mut session.borrow_mut(), platform.now(), outcome)
            }
            Step::Wait(until, pause) => {
                match until {
                    Until::Elapsed(duration) => platform.pause(duration).await,
                    Until::Token { seen, at_most } => {
                        let end = platform.now().mono + at_most;
                        while session.borrow().generation() == seen && platform.now().mono < end {
                            platform.pause(Duration::from_millis(20)).await;
                        }
                    }
                }
                pause.resume(&mut session.borrow_mut(), platform.now())
            }
            // No store was given, so there is none to ask: see `Session::share_tokens`.
            Step::Share(_, _, sharing) => sharing.alone(&mut session.borrow_mut(), platform.now()),
            Step::Done(result) => return result,
        }
    }
}
