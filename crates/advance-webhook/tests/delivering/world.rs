//! A receiver that behaves as a test wants, and a clock that stands still while nothing waits.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use advance_collector::outbox::{MemoryOutbox, Outbox};
use advance_collector::{Conclusion, Ending, Event};
use advance_core::transport::{self, Failure, FailureKind, Limits, Transport};
use advance_core::{Charges, Now, SignatureId, UnixMillis};
use advance_webhook::deliver::{Courier, Target, letter};
use advance_webhook::{Secrets, Verifier, header};
use http::{Request, Response};

pub(crate) const FIRST: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub(crate) const SECOND: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const BEGIN: u64 = 1_790_000_000_000;
pub(crate) const HOUR: Duration = Duration::from_secs(3_600);

/// One attempt as the receiver saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) at: Duration,
    pub(crate) id: String,
    pub(crate) signature_id: String,
    pub(crate) revision: u64,
    pub(crate) taken: bool,
}

type Behaviour = dyn Fn(Duration, usize) -> Result<Response<Vec<u8>>, (Failure, Duration)> + Send + Sync;

/// A receiver, and the clock of its world.
pub(crate) struct World {
    pub(crate) clock: Mutex<Duration>,
    pub(crate) seen: Mutex<Vec<Seen>>,
    pub(crate) known: Mutex<&'static str>,
    pub(crate) behaviour: Box<Behaviour>,
}

impl World {
    pub(crate) fn new(
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

    pub(crate) fn passed(&self) -> Duration {
        *self.clock.lock().unwrap()
    }

    pub(crate) fn wall(&self) -> UnixMillis {
        UnixMillis::new(BEGIN).saturating_add(self.passed())
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
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
pub(crate) fn status(status: u16) -> Result<Response<Vec<u8>>, (Failure, Duration)> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status.try_into().unwrap();
    response
        .headers_mut()
        .insert("location", "https://evil.example/".parse().unwrap());
    Ok(response)
}

pub(crate) fn asking_for(status: u16, seconds: u64) -> Result<Response<Vec<u8>>, (Failure, Duration)> {
    let mut response = self::status(status)?;
    response.headers_mut().insert("retry-after", seconds.into());
    Ok(response)
}

pub(crate) fn gone() -> Result<Response<Vec<u8>>, (Failure, Duration)> {
    Err((
        Failure::new(FailureKind::Connect, transport::Sent::No),
        Duration::ZERO,
    ))
}

pub(crate) fn event(signature_id: &str, revision: u32) -> Event {
    let ending = if revision == 1 {
        Ending::Unsure
    } else {
        Ending::Finished
    };
    let id = SignatureId::new(signature_id).unwrap();
    Event::new(id, revision, Conclusion::of(ending), Charges::NONE)
}

/// Letters about so many verifications, in memory; each second verification has two.
pub(crate) fn post(world: &Arc<World>, verifications: usize) -> Arc<MemoryOutbox> {
    let clock = Arc::clone(world);
    let outbox = Arc::new(MemoryOutbox::with_clock(move || clock.wall()));
    for number in 0..verifications {
        let id = format!("sig-{number}");
        let revisions = if number % 2 == 0 { 1 } else { 2 };
        for revision in 1..=revisions {
            let letter = letter(&event(&id, revision), world.wall());
            assert!(outbox.put(&letter).unwrap());
            assert!(!outbox.put(&letter).unwrap(), "it is kept once");
        }
    }
    outbox
}

pub(crate) fn courier(world: &Arc<World>, outbox: &Arc<impl Outbox + 'static>) -> Courier<Arc<World>> {
    let target = Target::new("https://shop.example/hooks?tenant=1", None).unwrap();
    let secrets = Secrets::parse(FIRST).unwrap();
    let outbox = Arc::<_>::clone(outbox);
    Courier::new(Arc::clone(world), outbox, target, secrets).look_every(Duration::from_secs(100))
}

/// Runs until nothing waits, or this much time has passed.
pub(crate) fn deliver(world: &Arc<World>, post: &Arc<impl Outbox + 'static>, most: Duration) {
    let until = world.passed() + most;
    courier(world, post).run(|| world.passed() >= until || post.counts().unwrap().waiting == 0);
}

/// Each letter was taken, and none before an earlier one of its verification.
#[track_caller]
pub(crate) fn each_came_in_order(world: &World, post: &impl Outbox, verifications: usize) {
    let counts = post.counts().unwrap();
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
