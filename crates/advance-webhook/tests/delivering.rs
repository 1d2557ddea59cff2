//! Receivers that fail, are slow, redirect or are gone, on a clock that stands still while nothing waits: each letter comes
//! at least once and in order, and a receiver that is back is not flooded.

#![cfg(feature = "deliver")]
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use advance_collector::{Conclusion, Ending, Event};
use advance_core::transport::{self, Failure, FailureKind, Limits, Phase, Transport};
use advance_core::{Charges, Now, SignatureId, UnixMillis};
use advance_store_sqlite::rusqlite::Connection;
use advance_webhook::deliver::{Counts, Courier, Letter, LetterState, Outbox, Schedule, Sent, Target};
use advance_webhook::{Secrets, Verifier, header};
use http::{Request, Response};

const FIRST: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SECOND: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const BEGIN: u64 = 1_790_000_000_000;
const HOUR: Duration = Duration::from_secs(3_600);

/// One attempt as the receiver saw it.
#[derive(Clone, Debug)]
struct Seen {
    at: Duration,
    id: String,
    signature_id: String,
    revision: u64,
    taken: bool,
}

type Behaviour = dyn Fn(Duration, usize) -> Result<Response<Vec<u8>>, (Failure, Duration)> + Send + Sync;

/// A receiver, and the clock of its world.
struct World {
    clock: Mutex<Duration>,
    seen: Mutex<Vec<Seen>>,
    known: Mutex<&'static str>,
    behaviour: Box<Behaviour>,
}

impl World {
    fn new(
        behaviour: impl Fn(Duration, usize) -> Result<Response<Vec<u8>>, (Failure, Duration)>
        + Send
        + Sync
        + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            clock: Mutex::default(),
            seen: Mutex::default(),
            known: Mutex::new(FIRST),
            behaviour: Box::new(behaviour),
        })
    }

    fn passed(&self) -> Duration {
        *self.clock.lock().unwrap()
    }

    fn wall(&self) -> UnixMillis {
        UnixMillis::new(BEGIN).saturating_add(self.passed())
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

impl Transport for World {
    fn send(&self, request: Request<Vec<u8>>, _: &Limits) -> Result<Response<Vec<u8>>, Failure> {
        assert_eq!(
            request.uri(),
            "https://shop.example/hooks?tenant=1",
            "no redirect is followed"
        );
        let verifier = Verifier::new(Secrets::parse(*self.known.lock().unwrap()).unwrap());
        let now = UNIX_EPOCH + Duration::from_millis(self.wall().get());
        verifier.verify(request.headers(), request.body(), now).unwrap();
        let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        let mut seen = self.seen.lock().unwrap();
        let outcome = (self.behaviour)(self.passed(), seen.len());
        seen.push(Seen {
            at: self.passed(),
            id: request.headers()[header::ID].to_str().unwrap().to_owned(),
            signature_id: body["data"]["signatureId"].as_str().unwrap().to_owned(),
            revision: body["data"]["revision"].as_u64().unwrap(),
            taken: outcome
                .as_ref()
                .is_ok_and(|response| response.status().is_success()),
        });
        outcome.map_err(|(failure, took)| {
            *self.clock.lock().unwrap() += took;
            failure
        })
    }

    fn sleep(&self, duration: Duration) {
        *self.clock.lock().unwrap() += duration;
    }

    fn now(&self) -> Now {
        Now {
            wall: self.wall(),
            mono: self.passed(),
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "an answer, as the others are")]
fn status(status: u16) -> Result<Response<Vec<u8>>, (Failure, Duration)> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status.try_into().unwrap();
    response
        .headers_mut()
        .insert("location", "https://evil.example/".parse().unwrap());
    Ok(response)
}

fn asking_for(status: u16, seconds: u64) -> Result<Response<Vec<u8>>, (Failure, Duration)> {
    let mut response = self::status(status)?;
    response.headers_mut().insert("retry-after", seconds.into());
    Ok(response)
}

fn gone() -> Result<Response<Vec<u8>>, (Failure, Duration)> {
    Err((
        Failure::new(FailureKind::Connect, transport::Sent::No),
        Duration::ZERO,
    ))
}

fn event(signature_id: &str, revision: u32) -> Event {
    let ending = if revision == 1 {
        Ending::Unsure
    } else {
        Ending::Finished
    };
    let id = SignatureId::new(signature_id).unwrap();
    Event::new(id, revision, Conclusion::of(ending), Charges::NONE)
}

/// An outbox in memory, with so many letters; each second verification has two.
struct Post {
    outbox: Arc<Outbox>,
}

fn post(verifications: usize) -> Post {
    let outbox = Outbox::with_connection(Connection::open_in_memory().unwrap()).unwrap();
    filled(outbox, verifications)
}

fn filled(outbox: Outbox, verifications: usize) -> Post {
    for number in 0..verifications {
        let id = format!("sig-{number}");
        let revisions = if number % 2 == 0 { 1 } else { 2 };
        for revision in 1..=revisions {
            let letter = Letter::of(&event(&id, revision), UnixMillis::new(BEGIN));
            assert!(outbox.put(&letter).unwrap());
            assert!(!outbox.put(&letter).unwrap(), "it is kept once");
        }
    }
    Post {
        outbox: Arc::new(outbox),
    }
}

fn courier(world: &Arc<World>, post: &Post) -> Courier<Arc<World>> {
    let target = Target::new("https://shop.example/hooks?tenant=1", None).unwrap();
    let secrets = Secrets::parse(FIRST).unwrap();
    Courier::new(Arc::clone(world), Arc::clone(&post.outbox), target, secrets)
        .look_every(Duration::from_secs(100))
}

/// Runs until nothing waits, or this much time has passed.
fn deliver(world: &Arc<World>, post: &Post, most: Duration) {
    let until = world.passed() + most;
    courier(world, post).run(|| world.passed() >= until || post.outbox.counts().unwrap().waiting == 0);
}

/// Each letter was taken, and none before an earlier one of its verification.
#[track_caller]
fn each_came_in_order(world: &World, post: &Post, verifications: usize) {
    let counts = post.outbox.counts().unwrap();
    assert_eq!((counts.waiting, counts.dead), (0, 0));
    let mut taken: BTreeMap<String, u64> = BTreeMap::new();
    for seen in world.seen() {
        let before = taken.get(&seen.signature_id).copied().unwrap_or(0);
        assert!(
            seen.revision <= before + 1,
            "{seen:?} came before revision {}",
            before + 1
        );
        if seen.taken {
            taken.insert(seen.signature_id, before.max(seen.revision));
        }
    }
    assert_eq!(taken.len(), verifications);
    for (id, revision) in taken {
        let number: usize = id["sig-".len()..].parse().unwrap();
        assert_eq!(revision, if number.is_multiple_of(2) { 1 } else { 2 }, "{id}");
    }
}

/// The most that came within a second, and within the first second after `from`.
fn rush(world: &World, from: Duration) -> (usize, usize) {
    let times: Vec<Duration> = world.seen().iter().map(|seen| seen.at).collect();
    let within = |from: Duration| {
        let second = from..from + Duration::from_secs(1);
        times.iter().filter(|at| second.contains(at)).count()
    };
    let most = times.iter().map(|at| within(*at)).max().unwrap_or(0);
    (
        most,
        times
            .iter()
            .find(|at| **at >= from)
            .map_or(0, |first| within(*first)),
    )
}

#[test]
fn a_receiver_that_is_gone_for_an_hour_gets_each_and_is_not_flooded() {
    let post = post(200);
    let world = World::new(|at, _| if at < HOUR { gone() } else { status(204) });
    deliver(&world, &post, 24 * HOUR);
    each_came_in_order(&world, &post, 200);
    let probes = world.seen().iter().filter(|seen| !seen.taken).count();
    assert!(
        (50..=80).contains(&probes),
        "{probes} probes of a receiver that is gone"
    );
    let back = world.seen().iter().find(|seen| seen.taken).unwrap().at;
    assert!(
        back < HOUR + Duration::from_secs(75),
        "it is noticed soon: {back:?}"
    );
    let (most, first) = rush(&world, HOUR);
    assert!(
        most <= 24 && first <= 24,
        "{most} within a second, {first} in the first"
    );
    let done = world.seen().last().unwrap().at;
    assert!(done < back + HOUR / 10, "the backlog is gone soon: {done:?}");
}

#[test]
fn a_receiver_that_was_well_and_goes_is_probed_by_one_letter_at_a_time() {
    let post = post(200);
    let begins = Duration::from_secs(2);
    let world = World::new(move |at, _| {
        if (begins..HOUR).contains(&at) {
            gone()
        } else {
            status(204)
        }
    });
    deliver(&world, &post, 24 * HOUR);
    each_came_in_order(&world, &post, 200);
    assert!(
        world.seen().iter().filter(|seen| seen.at < begins).count() > 20,
        "it had some"
    );
    let probes = world.seen().iter().filter(|seen| !seen.taken).count();
    assert!((50..=85).contains(&probes), "{probes} probes");
}

#[test]
fn a_receiver_that_fails_now_and_then_gets_each_in_order() {
    let post = post(60);
    // Drawn once, so that it is the same each time; every fourth answer is a failure.
    let world = World::new(|_, number| match number * 7_919 % 101 {
        0..=15 => status(500),
        16..=20 => gone(),
        21..=25 => status(422),
        _ => status(200),
    });
    deliver(&world, &post, 100 * HOUR);
    each_came_in_order(&world, &post, 60);
}

#[test]
fn a_receiver_that_is_slow_or_redirects_at_first_gets_each() {
    for trouble in [301, 302, 307, 308, 503, 0] {
        let post = post(10);
        let world = World::new(move |at, _| match trouble {
            _ if at > HOUR / 2 => status(200),
            0 => {
                let slow = FailureKind::Timeout(Phase::Exchange);
                Err((
                    Failure::new(slow, transport::Sent::Maybe),
                    Duration::from_secs(15),
                ))
            }
            other => status(other),
        });
        deliver(&world, &post, 24 * HOUR);
        each_came_in_order(&world, &post, 10);
        let troubled = world.seen().iter().filter(|seen| !seen.taken).count();
        assert!(troubled < 50, "{trouble}: {troubled}");
    }
}

#[test]
fn a_receiver_is_left_alone_as_long_as_it_asks() {
    for (answer, seconds, least) in [
        (429, 120, 120),
        (503, 120, 120),
        (410, 0, 3_600),
        (503, 999_999, 3_600),
    ] {
        let post = post(3);
        let world = World::new(move |_, number| match number {
            0 => asking_for(answer, seconds),
            _ => status(200),
        });
        deliver(&world, &post, 24 * HOUR);
        let seen = world.seen();
        let pause = seen[1].at.saturating_sub(seen[0].at).as_secs();
        assert!((least..least + 5).contains(&pause), "{answer}: {pause} s");
        each_came_in_order(&world, &post, 3);
    }
}

#[test]
fn a_receiver_may_name_the_time_from_which_it_takes_letters() {
    for (date, after, least) in [
        // By the clock of the courier's machine, on which it is 14:13:20.
        (None, "Mon, 21 Sep 2026 14:15:20 GMT", 120),
        // By the receiver's own clock, which is an hour ahead.
        (
            Some("Mon, 21 Sep 2026 15:13:20 GMT"),
            "Mon, 21 Sep 2026 15:15:20 GMT",
            120,
        ),
        (None, "Tue, 22 Sep 2026 14:13:20 GMT", 3_600),
        // Against the standard, but plain enough.
        (None, "10s", 10),
        // Neither a date nor a number: the pause is the courier's own.
        (None, "soon", 1),
    ] {
        let post = post(3);
        let world = World::new(move |_, number| {
            let mut response = status(if number == 0 { 503 } else { 200 })?;
            response
                .headers_mut()
                .insert("retry-after", after.parse().unwrap());
            if let Some(date) = date {
                response.headers_mut().insert("date", date.parse().unwrap());
            }
            Ok(response)
        });
        deliver(&world, &post, 24 * HOUR);
        let seen = world.seen();
        let pause = seen[1].at.saturating_sub(seen[0].at).as_secs();
        assert!((least..least + 5).contains(&pause), "{after}: {pause} s");
    }
}

/// Keeps the outbox of this folder from booking that the first letter about this verification was delivered.
fn booking_fails(connection: &Connection, signature_id: &str) {
    let trigger = format!(
        "CREATE TRIGGER broken BEFORE UPDATE ON advance_letter
         WHEN new.signature_id = '{signature_id}' AND new.state = 'delivered'
         BEGIN SELECT RAISE(ABORT, 'broken'); END"
    );
    connection.execute_batch(&trigger).unwrap();
}

#[test]
fn an_outbox_that_fails_for_one_letter_books_the_others_of_the_round() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    let post = filled(Outbox::open(&path).unwrap(), 8);
    let breaking = Connection::open(&path).unwrap();
    // In the order in which they are handed out: one, two, then four of which this is the first.
    let broken = post
        .outbox
        .claim(9, Duration::ZERO, UnixMillis::new(BEGIN))
        .unwrap()
        .remove(3);
    booking_fails(&breaking, &broken.signature_id);
    let world = World::new(|_, _| status(200));
    let troubles = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&troubles);
    courier(&world, &post)
        .watched_by(move |sent| *counted.lock().unwrap() += usize::from(matches!(sent, Sent::Outbox(_))))
        .run(|| world.passed() >= Duration::from_secs(50));
    assert!(*troubles.lock().unwrap() > 0, "it is shown");
    breaking.execute_batch("DROP TRIGGER broken").unwrap();
    deliver(&world, &post, HOUR);
    each_came_in_order(&world, &post, 8);
    let twice: BTreeMap<String, usize> = world.seen().into_iter().fold(BTreeMap::new(), |mut all, seen| {
        *all.entry(seen.id).or_default() += 1;
        all
    });
    let twice: Vec<&String> = twice
        .iter()
        .filter(|(_, times)| **times > 1)
        .map(|(id, _)| id)
        .collect();
    assert_eq!(twice, [&broken.id], "no other is sent twice");
}

/// What the inner process of the next test finds in its environment.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
const INNER: &str = "ADVANCE_TEST_WITHOUT_THREADS";

/// A second process of this test asks for stacks that no machine has, and so gets no thread.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
#[test]
fn a_courier_that_gets_no_thread_says_so_and_goes_on() {
    const NAME: &str = "a_courier_that_gets_no_thread_says_so_and_goes_on";
    if std::env::var_os(INNER).is_none() {
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", NAME, "--test-threads=1"])
            .env(INNER, "1")
            .env("RUST_MIN_STACK", (1_u64 << 60).to_string())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&status.stdout);
        assert!(status.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let post = post(1);
    let world = World::new(|_, _| status(200));
    let refused = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&refused);
    courier(&world, &post)
        .watched_by(move |sent| *counted.lock().unwrap() += usize::from(matches!(sent, Sent::NoThread(_))))
        .run(|| world.passed() >= Duration::from_secs(150));
    assert_eq!(
        *refused.lock().unwrap(),
        3,
        "at once, after a minute and after two"
    );
    let counts = post.outbox.counts().unwrap();
    assert_eq!((counts.waiting, world.seen().len()), (1, 0));
    assert_eq!(post.outbox.list(LetterState::Waiting, 1).unwrap()[0].failures, 0);
}

#[test]
fn what_is_never_taken_is_a_dead_letter_and_can_be_sent_again() {
    let post = post(2);
    let world = World::new(|at, number| {
        if at < 100 * HOUR {
            status(400)
        } else {
            assert!(number >= 20);
            status(200)
        }
    });
    deliver(&world, &post, 99 * HOUR);
    // The first letter of each verification; the second of the other one follows when the first is dead.
    let dead = post.outbox.list(LetterState::Dead, 10).unwrap();
    assert_eq!(dead.len(), 2);
    assert!(
        dead.iter()
            .all(|letter| letter.failures == 10 && letter.trouble.as_deref() == Some("status 400"))
    );
    let attempts: Vec<Duration> = world
        .seen()
        .iter()
        .filter(|seen| seen.id == dead[0].id)
        .map(|seen| seen.at)
        .collect();
    assert_eq!(attempts.len(), 10);
    let pauses = attempts
        .windows(2)
        .map(|two| two[1].saturating_sub(two[0]).as_secs());
    for (pause, planned) in pauses.zip([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]) {
        let most = planned * 6 / 5 + 2;
        assert!((planned..=most).contains(&pause), "{pause} s for {planned} s");
    }
    world.sleep(2 * HOUR);
    let before = world.seen().len();
    assert_eq!(post.outbox.resend_dead(world.wall()).unwrap(), 2);
    assert!(!post.outbox.resend("evt_unknown", world.wall()).unwrap());
    // The second letter of the other verification is in the middle of its schedule.
    deliver(&world, &post, 30 * HOUR);
    let counts = post.outbox.counts().unwrap();
    assert_eq!((counts.waiting, counts.delivered, counts.dead), (0, 3, 0));
    assert_eq!(world.seen().len(), before + 3);
}

#[test]
fn a_process_that_dies_while_it_sends_costs_a_minute_and_no_letter() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("outbox.db");
    let died = filled(Outbox::open(&path).unwrap(), 5).outbox;
    let world = World::new(|_, _| status(200));
    let lease = Duration::from_secs(60);
    let claimed = died.claim(9, lease, world.wall()).unwrap();
    assert_eq!(claimed.len(), 5, "one of each verification");
    drop(died);
    let post = Post {
        outbox: Arc::new(Outbox::open(&path).unwrap()),
    };
    assert!(post.outbox.claim(9, lease, world.wall()).unwrap().is_empty());
    deliver(&world, &post, HOUR);
    each_came_in_order(&world, &post, 5);
    assert!(world.seen()[0].at >= lease);
    // A clock that is set back by a week holds nothing up.
    post.outbox
        .resend(&world.seen()[0].id, world.wall().saturating_add(7 * 24 * HOUR))
        .unwrap();
    deliver(&world, &post, HOUR);
    assert_eq!(post.outbox.counts().unwrap().waiting, 0);
}

#[test]
fn a_secret_is_changed_while_it_runs() {
    let post = post(1);
    let world = World::new(|_, number| status(if number == 0 { 500 } else { 200 }));
    let courier = courier(&world, &post).schedule(Schedule::new(vec![Duration::from_secs(60)]));
    courier.run(|| world.seen().len() == 1);
    courier.change_secrets(Secrets::parse(&format!("{SECOND},{FIRST}")).unwrap());
    *world.known.lock().unwrap() = SECOND;
    courier.run(|| post.outbox.counts().unwrap().waiting == 0);
    each_came_in_order(&world, &post, 1);
}

#[test]
fn a_body_holds_what_was_chosen_and_the_outbox_no_more_than_the_verdict() {
    let post = post(1);
    let world = World::new(|_, _| status(200));
    let seen = Arc::new(Mutex::new(0));
    let asked = Arc::clone(&seen);
    let courier = courier(&world, &post).enclosing(move |signature_id| {
        *asked.lock().unwrap() += 1;
        // The first time it cannot be had.
        (*asked.lock().unwrap() > 1).then(|| serde_json::json!({ "of": signature_id, "nik": "3174…" }))
    });
    courier.run(|| post.outbox.counts().unwrap().waiting == 0);
    assert_eq!((*seen.lock().unwrap(), world.seen().len()), (2, 1));
    let kept = post.outbox.list(LetterState::Delivered, 1).unwrap().remove(0);
    assert!(!kept.body.contains("3174"));
    let body: serde_json::Value = serde_json::from_str(&kept.body).unwrap();
    assert_eq!(body["type"], "verification.ended");
    assert_eq!(body["timestamp"], "2026-09-21T14:13:20Z");
    assert_eq!(body["data"]["ending"], "unsure");
    let id = kept.id.strip_prefix("evt_").unwrap();
    assert!(
        id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{id}"
    );
}

#[test]
fn what_is_old_is_forgotten_when_delivered_and_a_person_at_once() {
    let post = post(2);
    let now = UnixMillis::new(BEGIN);
    let claimed = post.outbox.claim(9, HOUR, now).unwrap();
    let first = claimed
        .iter()
        .find(|letter| letter.signature_id == "sig-1")
        .unwrap();
    post.outbox.delivered(&first.id, now).unwrap();
    let dead = claimed
        .iter()
        .find(|letter| letter.signature_id == "sig-0")
        .unwrap();
    post.outbox.failed(&dead.id, "status 400", None, now).unwrap();
    for id in ["sig-0", "sig-1"] {
        post.outbox.forget_delivered(id).unwrap();
    }
    let counts = post.outbox.counts().unwrap();
    assert_eq!((counts.waiting, counts.delivered, counts.dead), (1, 0, 1));
    let second = post.outbox.list(LetterState::Waiting, 9).unwrap().remove(0);
    assert_eq!((second.signature_id.as_str(), second.revision), ("sig-1", 2));
    for id in ["sig-0", "sig-1"] {
        post.outbox.forget(id).unwrap();
    }
    assert_eq!(post.outbox.counts().unwrap(), Counts::default());
}
