//! What a fleet under fire meets by chance alone, played to the end each time: two workers, one database, the vendor.

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use advance_collector::{
    AttemptId, Claim, Conclusion, Ending, Intended, Intent, Pending, Settlement, State, Store, Then, Wanted,
};
use advance_core::{Charges, SignatureId};
use advance_store_postgres::BlockingPostgresStore;

use super::cluster::Cluster;
use super::open;
use crate::collecting::Sabotage;
use crate::collecting::vendor::{Charging, Shop};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What a scene that is cut short leaves of a lease.
const SHORT: Duration = Duration::from_millis(300);

const LONG: Duration = Duration::from_secs(60);

/// Two workers and the vendor. All links of the vendor's have results.
struct Stage {
    workers: [BlockingPostgresStore; 2],
    shop: Shop,
    attempts: u128,
}

/// Plays each scene.
///
/// # Errors
/// The name of what did not hold.
#[expect(clippy::print_stdout, reason = "what was played")]
pub fn fleet_scenes(sabotage: Option<Sabotage>) -> Result<(), Box<dyn Error>> {
    let Some(cluster) = Cluster::start("-c fsync=off")? else {
        return Ok(());
    };
    let worker = || -> Outcome<BlockingPostgresStore> {
        let store = open(&cluster.url())?;
        #[cfg(feature = "sabotage")]
        let store = store.sabotaged(sabotage);
        #[cfg(not(feature = "sabotage"))]
        let _ = sabotage;
        Ok(store)
    };
    let mut stage = Stage {
        workers: [worker()?, worker()?],
        shop: Shop::new(Charging::PerResult, 0, 1),
        attempts: 0,
    };
    stage.a_worker_is_stopped_between_its_claim_and_its_intent()?;
    stage.a_worker_is_stopped_between_its_intent_and_its_answer()?;
    stage.a_commit_is_not_acknowledged_and_booked_again()?;
    stage.many_claim_at_once(&[worker()?, worker()?, worker()?, worker()?])?;
    println!("four scenes were played, and nothing was sent, booked or claimed twice");
    Ok(())
}

impl Stage {
    /// The claim is over, another worker has the verification, and the first goes on.
    fn a_worker_is_stopped_between_its_claim_and_its_intent(&mut self) -> Outcome<()> {
        let id = self.add("fenced")?;
        let stopped = self.claim(0, SHORT)?;
        let claim = self.claim(1, LONG)?;
        for (worker, claim) in [(0, stopped), (1, claim)] {
            if let Some(attempt) = self.intend(worker, &claim)? {
                let answer = self.ask(&id);
                self.workers[worker].settle(attempt, &answer)?;
            }
        }
        self.look(&id)
    }

    /// Its intent is committed, so that nobody else asks, however long ago its claim was.
    fn a_worker_is_stopped_between_its_intent_and_its_answer(&mut self) -> Outcome<()> {
        let id = self.add("intended")?;
        let claim = self.claim(0, SHORT)?;
        let attempt = self.intend(0, &claim)?.ok_or("a claim was fenced off")?;
        let answer = self.ask(&id);
        thread::sleep(SHORT * 2);
        for claim in self.workers[1].claim(&Wanted::new(1, LONG))? {
            if let Some(attempt) = self.intend(1, &claim)? {
                let answer = self.ask(&id);
                self.workers[1].settle(attempt, &answer)?;
            }
        }
        self.workers[0].settle(attempt, &answer)?;
        self.look(&id)
    }

    /// What was booked is booked again, by the worker that heard nothing of its commit.
    fn a_commit_is_not_acknowledged_and_booked_again(&mut self) -> Outcome<()> {
        let id = self.add("booked")?;
        let claim = self.claim(0, LONG)?;
        let attempt = self.intend(0, &claim)?.ok_or("a claim was fenced off")?;
        let answer = self.ask(&id);
        for _ in 0..2 {
            self.workers[0].settle(attempt, &answer)?;
        }
        self.look(&id)
    }

    /// Each verification has one claim.
    fn many_claim_at_once(&self, others: &[BlockingPostgresStore]) -> Outcome<()> {
        let ids: Result<Vec<_>, _> = (0..400)
            .map(|number| SignatureId::new(format!("claimed{number}")))
            .collect();
        let pending: Vec<_> = ids?
            .into_iter()
            .map(|id| Pending::of(id).first_after(Duration::ZERO))
            .collect();
        self.workers[0].add(&pending)?;
        let claimed = Mutex::new((BTreeSet::new(), 0));
        let claim_all = |store: &BlockingPostgresStore| -> Result<(), advance_collector::StoreError> {
            loop {
                let claims = store.claim(&Wanted::new(7, LONG))?;
                if claims.is_empty() {
                    return Ok(());
                }
                if let Ok(mut claimed) = claimed.lock() {
                    claimed.1 += claims.len();
                    claimed
                        .0
                        .extend(claims.into_iter().map(|claim| claim.signature_id));
                }
            }
        };
        let done: Result<Vec<_>, _> = thread::scope(|scope| {
            let workers: Vec<_> = others
                .iter()
                .chain(&self.workers)
                .map(|store| scope.spawn(|| claim_all(store)))
                .collect();
            workers.into_iter().map(thread::ScopedJoinHandle::join).collect()
        });
        done.map_err(|_| "a worker panicked")?
            .into_iter()
            .collect::<Result<(), _>>()?;
        let (ids, claims) = claimed.into_inner()?;
        if (ids.len(), claims) == (pending.len(), pending.len()) {
            return Ok(());
        }
        Err(format!(
            "claimed-twice: {claims} claims of {} verifications",
            pending.len()
        )
        .into())
    }

    fn add(&self, name: &str) -> Outcome<SignatureId> {
        let id = SignatureId::new(name)?;
        self.workers[0].add(&[Pending::of(id.clone()).first_after(Duration::ZERO)])?;
        Ok(id)
    }

    /// The one verification there is, as soon as it is due.
    fn claim(&self, worker: usize, lease: Duration) -> Outcome<Claim> {
        let limit = Instant::now() + LONG;
        loop {
            if let Some(claim) = self.workers[worker].claim(&Wanted::new(1, lease))?.pop() {
                return Ok(claim);
            }
            if Instant::now() > limit {
                return Err("never-due".into());
            }
            thread::sleep(SHORT / 10);
        }
    }

    /// Nothing if the claim is fenced off.
    fn intend(&mut self, worker: usize, claim: &Claim) -> Outcome<Option<AttemptId>> {
        self.attempts += 1;
        let attempt = AttemptId::new(self.attempts);
        let intended = self.workers[worker].intend(&Intent::new(claim, attempt, true, LONG))?;
        Ok((intended == Intended::Committed).then_some(attempt))
    }

    /// Asks the vendor: each answer brings the result, and is charged.
    fn ask(&mut self, id: &SignatureId) -> Settlement {
        let body = serde_json::json!({"signatureId": id.as_str()});
        self.shop
            .handle("/get-result", body.to_string().as_bytes(), 1_000);
        let mut charges = Charges::NONE;
        charges.pay = 1;
        Settlement::new(charges, Then::Ended(Conclusion::of(Ending::Finished), Vec::new()))
    }

    fn look(&self, id: &SignatureId) -> Outcome<()> {
        let record = self.workers[0].get(id)?.ok_or("forgotten")?;
        let charged = self.shop.charged(id.as_str());
        let fault = if charged.results > 1 {
            "charged-twice"
        } else if record.charges.pay > charged.pay {
            "counted-twice"
        } else if record.charges.pay + record.charges.unknown < charged.pay {
            "uncounted-charge"
        } else if record.state != State::Done || record.revision != 1 {
            "no-outcome"
        } else {
            return Ok(());
        };
        Err(format!("{fault}: {charged:?}, {record:?}").into())
    }
}
