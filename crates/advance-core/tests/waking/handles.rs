//! The handle of a wait: what acts on it, where, and when it is let go.

use std::pin::pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use advance_core::session::{Event, WaitReason, Waited};
use advance_core::{AsyncClient, Client, WaitControl, WaitOutcome, WaitPolicy};

use crate::line::{
    BUSY, Bell, FINISHED, HANGS, Line, S, TOKEN, Task, UNFINISHED, aside, asynchronous, blocking, id, link,
};

fn policy() -> WaitPolicy {
    WaitPolicy::of(id()).backoff(S(100), S(400)).total(S(5_000))
}

fn wait<'a>(client: &'a AsyncClient<Line>, control: &'a WaitControl) -> Task<'a, Waited> {
    Task::begin(client.wait_for_result_with(control, policy()))
}

/// A wait whose first poll found nothing finished, in its first pause.
fn pausing<'a>(line: &Line, client: &'a AsyncClient<Line>, control: &'a WaitControl) -> Task<'a, Waited> {
    line.answer(0, TOKEN);
    line.answer(1, UNFINISHED);
    let task = wait(client, control);
    assert_eq!(line.sleeps().len(), 1);
    task
}

#[test]
fn a_nudge_ends_a_pause() {
    let (line, control) = (Line::default(), WaitControl::new());
    let client = asynchronous(&line);
    let mut wait = pausing(&line, &client, &control);
    control.nudge();
    assert_eq!(wait.bell.rung(), 1);
    line.answer(2, FINISHED);
    let waited = wait.ends();
    assert!(matches!(waited.outcome, WaitOutcome::Finished(_)), "{waited:?}");
    assert_eq!(waited.polls, 2);
}

/// No second poll goes out beside it, and the pause that follows is as short as the first.
#[test]
fn a_nudge_during_a_poll_makes_the_next_pause_short() {
    for nudged in [false, true] {
        let (line, control) = (Line::default(), WaitControl::new());
        let client = asynchronous(&line);
        let mut wait = pausing(&line, &client, &control);
        line.pass(S(200));
        assert!(wait.poll().is_pending());
        assert_eq!(line.asked().len(), 3);
        if nudged {
            control.nudge();
        }
        line.answer(2, UNFINISHED);
        assert!(wait.poll().is_pending());
        assert_eq!(line.asked().len(), 3);
        let pauses = line.sleeps();
        let short = pauses[1] <= S(100);
        assert_eq!(short, nudged, "{pauses:?}");
    }
}

#[test]
fn a_nudge_from_before_a_wait_is_not_for_it() {
    let (line, control) = (Line::default(), WaitControl::new());
    let client = asynchronous(&line);
    control.nudge();
    let policy = policy().first_poll_after(S(60));
    let _wait = Task::begin(client.wait_for_result_with(&control, policy));
    assert_eq!((line.asked().len(), line.sleeps()), (0, vec![S(60)]));
}

/// Pausing before it fails would only take time.
#[test]
fn a_wait_where_nothing_can_be_sent_ends_at_once() {
    let line = Line::default();
    line.is_unready();
    let client = asynchronous(&line);
    let wait = pin!(client.wait_for_result(policy().first_poll_after(S(60))));
    let Poll::Ready(waited) = wait.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it pauses")
    };
    assert!(matches!(waited.outcome, WaitOutcome::Failed(_)), "{waited:?}");
    assert!(line.asked().is_empty() && line.sleeps().is_empty());
}

/// The server is given the time that it needs, also when the person is back.
#[test]
fn a_nudge_ends_no_retries_backoff() {
    let (line, control) = (Line::default(), WaitControl::new());
    let client = asynchronous(&line);
    line.answer(0, TOKEN);
    line.answer(1, BUSY);
    let mut wait = wait(&client, &control);
    control.nudge();
    assert!(wait.poll().is_pending());
    assert_eq!((line.asked().len(), line.sleeps().len()), (2, 1));
}

#[test]
fn a_wait_that_is_polled_by_another_task_is_nudged_there() {
    let (line, control) = (Line::default(), WaitControl::new());
    let client = asynchronous(&line);
    line.answer(0, TOKEN);
    line.answer(1, UNFINISHED);
    let mut wait = pin!(client.wait_for_result_with(&control, policy()));
    let bells: [Arc<Bell>; 2] = Default::default();
    for bell in &bells {
        let waker = Waker::from(Arc::clone(bell));
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    control.nudge();
    assert_eq!(bells.map(|bell| bell.rung()), [0, 1]);
}

#[test]
fn a_handle_forgets_a_wait_that_is_over() {
    let (line, control) = (Line::default(), WaitControl::new());
    let client = asynchronous(&line);
    let wait = pausing(&line, &client, &control);
    let bell = Arc::downgrade(&wait.bell);
    drop(wait);
    assert!(bell.upgrade().is_none(), "its waker is kept");
}

/// What is told of a wait that is cancelled where `comes_to` leaves it, how many calls were given up, and how many
/// requests went out. The client says of the costs what the wait does.
fn cancelled(comes_to: impl FnOnce(&Line, &mut Task<'_, Waited>)) -> (Waited, usize, usize) {
    let (line, control) = (Line::default(), WaitControl::new());
    let given_up = Arc::new(Mutex::new(0));
    let count = Arc::clone(&given_up);
    let client = asynchronous(&line).with_observer(move |event: &Event| {
        if matches!(event, Event::CallAbandoned { .. }) {
            *count.lock().unwrap() += 1;
        }
    });
    line.answer(0, TOKEN);
    let mut wait = wait(&client, &control);
    comes_to(&line, &mut wait);
    let before = wait.bell.rung();
    control.cancel();
    // A request that is under way is seen to its end.
    if wait.bell.rung() == before {
        line.answer(1, FINISHED);
    }
    let waited = wait.ends();
    assert_eq!(client.charges(), waited.charges);
    let given_up = *given_up.lock().unwrap();
    (waited, given_up, line.asked().len())
}

#[test]
fn a_wait_that_is_cancelled_in_a_retries_backoff_sends_no_more() {
    let (waited, given_up, asked) = cancelled(|line, wait| {
        line.answer(1, BUSY);
        assert!(wait.poll().is_pending());
    });
    assert!(matches!(waited.outcome, WaitOutcome::Cancelled), "{waited:?}");
    assert_eq!((given_up, asked), (1, 2));
    assert_eq!(
        (waited.sends, waited.charges.free, waited.charges.unknown),
        (2, 2, 0)
    );
}

#[test]
fn a_wait_that_is_cancelled_in_its_pause_is_given_up() {
    let (waited, _, asked) = cancelled(|line, wait| {
        line.answer(1, UNFINISHED);
        assert!(wait.poll().is_pending());
    });
    assert!(matches!(waited.outcome, WaitOutcome::Cancelled), "{waited:?}");
    assert_eq!((waited.polls, asked), (1, 2));
    assert_eq!((waited.charges.free, waited.charges.unknown), (2, 0));
}

#[test]
fn a_wait_that_is_cancelled_in_its_poll_keeps_what_comes() {
    let (waited, given_up, asked) = cancelled(|_, _| {});
    assert!(matches!(waited.outcome, WaitOutcome::Finished(_)), "{waited:?}");
    assert_eq!((given_up, asked), (0, 2));
    assert_eq!(waited.charges.pay, 1);
}

#[test]
fn a_wait_that_is_cancelled_while_another_call_asks_for_the_token() {
    let (line, control) = (Line::default(), WaitControl::new());
    let client = asynchronous(&line);
    let mut leader = Task::begin(client.generate_url(link()));
    let mut wait = wait(&client, &control);
    // A nudge is none of its business there.
    control.nudge();
    assert_eq!(wait.bell.rung(), 1);
    assert!(wait.poll().is_pending());
    control.cancel();
    let waited = wait.ends();
    assert!(matches!(waited.outcome, WaitOutcome::Cancelled), "{waited:?}");
    assert_eq!((waited.sends, line.asked().len()), (0, 1));
    line.answer(0, TOKEN);
    assert!(leader.poll().is_pending());
    assert_eq!(line.asked(), ["generate-token", "generate-url"]);
}

/// It uses the handle as it is woken.
struct Curious(WaitControl, mpsc::Sender<bool>);

impl Wake for Curious {
    fn wake(self: Arc<Self>) {
        self.1.send(self.0.is_cancelled()).unwrap();
    }
}

#[test]
fn a_waker_may_use_the_handle_as_it_wakes() {
    let (tell, told) = mpsc::channel();
    let _hangs = aside(move || {
        let (line, control) = (Line::default(), WaitControl::new());
        let client = asynchronous(&line);
        line.answer(0, TOKEN);
        line.answer(1, UNFINISHED);
        let mut wait = pin!(client.wait_for_result_with(&control, policy()));
        let waker = Waker::from(Arc::new(Curious(control.clone(), tell)));
        let polled = wait.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
        control.cancel();
    });
    assert_eq!(told.recv_timeout(HANGS), Ok(true));
}

/// A wait on a thread of its own.
struct Aside {
    client: Client<Line>,
    ended: mpsc::Receiver<Waited>,
    pauses: mpsc::Receiver<WaitReason>,
    given_up: mpsc::Receiver<()>,
}

impl Aside {
    fn begin(line: &Line, control: &WaitControl) -> Self {
        let (tell, pauses) = mpsc::channel();
        let (tells, given_up) = mpsc::channel();
        let client = blocking(line).with_observer(move |event: &Event| {
            // Not every test listens to its end.
            let _ = match event {
                Event::Waiting { why, .. } => tell.send(*why).ok(),
                Event::CallAbandoned { .. } => tells.send(()).ok(),
                _ => None,
            };
        });
        let (waits, control) = (client.clone(), control.clone());
        let ended = aside(move || waits.wait_for_result_with(&control, policy()));
        Self {
            client,
            ended,
            pauses,
            given_up,
        }
    }

    /// It begins to wait for this. If it is not parked yet, it looks once more before it is.
    fn pauses(&self, why: WaitReason) {
        assert_eq!(self.pauses.recv_timeout(HANGS), Ok(why));
    }

    /// How it ends; a call is given up if it is cancelled between two requests, and only then.
    fn ends(self, given_up: usize) -> Waited {
        let waited = self.ended.recv_timeout(HANGS).expect("it is not woken");
        assert_eq!(self.client.charges(), waited.charges);
        assert_eq!(self.given_up.try_iter().count(), given_up);
        waited
    }
}

#[test]
fn a_thread_in_its_pause_is_nudged_and_cancelled() {
    let (line, control) = (Line::default(), WaitControl::new());
    line.answer(0, TOKEN);
    line.answer(1, UNFINISHED);
    let wait = Aside::begin(&line, &control);
    wait.pauses(WaitReason::Poll);
    control.nudge();
    assert!(line.is_asked(3), "it is not nudged");
    control.cancel();
    line.answer(2, UNFINISHED);
    let waited = wait.ends(1);
    assert!(matches!(waited.outcome, WaitOutcome::Cancelled), "{waited:?}");
    assert_eq!(waited.polls, 2);
    assert!(line.sleeps().is_empty(), "a pause that can be ended is no sleep");
}

#[test]
fn a_thread_that_backs_off_is_cancelled_and_not_nudged() {
    let (line, control) = (Line::default(), WaitControl::new());
    line.answer(0, TOKEN);
    line.answer(1, BUSY);
    let wait = Aside::begin(&line, &control);
    wait.pauses(WaitReason::Retry);
    control.nudge();
    assert!(line.is_looked_at_again(6), "it sends");
    control.cancel();
    let waited = wait.ends(1);
    assert!(matches!(waited.outcome, WaitOutcome::Cancelled), "{waited:?}");
    assert_eq!((waited.sends, waited.charges.unknown), (2, 0));
    assert_eq!(line.asked().len(), 2);
}

#[test]
fn a_thread_that_waits_for_the_token_of_another_call_is_cancelled() {
    let (line, control) = (Line::default(), WaitControl::new());
    let leader = blocking(&line);
    let (tell, pauses) = mpsc::channel();
    let client = leader.with_observer(move |event: &Event| {
        if let Event::Waiting { why, .. } = event {
            let _ = tell.send(*why);
        }
    });
    let leads = client.clone();
    let _hangs = aside(move || leads.token().is_ok());
    assert!(line.is_asked(1));
    let (waits, handle) = (client, control.clone());
    let ended = aside(move || waits.wait_for_result_with(&handle, policy()));
    assert_eq!(pauses.recv_timeout(HANGS), Ok(WaitReason::Token));
    control.cancel();
    let waited = ended.recv_timeout(HANGS).expect("it is not woken");
    assert!(matches!(waited.outcome, WaitOutcome::Cancelled), "{waited:?}");
    assert_eq!((waited.sends, line.asked().len()), (0, 1));
}

#[test]
fn a_thread_that_is_cancelled_in_its_poll_keeps_what_comes() {
    let (line, control) = (Line::default(), WaitControl::new());
    line.answer(0, TOKEN);
    let wait = Aside::begin(&line, &control);
    assert!(line.is_asked(2));
    control.cancel();
    line.answer(1, FINISHED);
    let waited = wait.ends(0);
    assert!(matches!(waited.outcome, WaitOutcome::Finished(_)), "{waited:?}");
    assert_eq!(waited.charges.pay, 1);
}

/// A pause that nothing can end is the transport's.
#[test]
fn a_wait_without_a_handle_sleeps() {
    let line = Line::default();
    line.answer(0, TOKEN);
    line.answer(1, UNFINISHED);
    line.answer(2, FINISHED);
    line.oversleeps(Duration::from_millis(1));
    let waited = blocking(&line).wait_for_result(policy());
    assert!(matches!(waited.outcome, WaitOutcome::Finished(_)), "{waited:?}");
    assert_eq!(line.sleeps().len(), 1);
}
