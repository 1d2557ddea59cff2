//! What a seed decides about a batch, and how it must end.

use std::num::NonZeroUsize;
use std::time::Duration;

use advance_core::session::{BatchItem, Config};
use advance_core::wire::CodeClass;
use advance_core::{BatchPolicy, Charges, ErrorKind, RetryPolicy, SignatureId};
use advance_sandbox::model::Charging;

use super::super::line::Line;
use super::super::requests;
use super::super::source::Source;
use super::super::violation::{Checked, Invariant, ensure};

/// The longest that a call of it may take.
pub(super) const TOTAL: Duration = Duration::from_secs(30);

/// How many retries an endpoint has.
pub(super) const BUDGET: u32 = 1_000;

/// A batch to be worked off.
pub(super) struct Order {
    pub(super) config: Config,
    pub(super) policy: BatchPolicy,
    pub(super) ids: Vec<SignatureId>,
    /// Which of them the vendor knows.
    known: Vec<bool>,
    pub(super) limit: usize,
    pub(super) interval: Duration,
    /// It ends with the first that the vendor does not know.
    pub(super) stops: bool,
}

impl Order {
    /// The batch, and the line that it is worked off over.
    pub(super) fn draw(source: &Source) -> (Self, Line) {
        let mut line = Line::new(&source.shifted(0x5eed), |config, dice| {
            config.behaviour.charging =
                dice.pick(&[Charging::Documented, Charging::PayPerPoll, Charging::Omit]);
        });
        let limit = line.dice.pick(&[1, 2, 8]);
        let interval = line
            .dice
            .pick(&[Duration::ZERO, Duration::ZERO, Duration::from_millis(250)]);
        let stops = line.dice.one_in(4);
        let mut policy = BatchPolicy::new()
            .concurrency(NonZeroUsize::new(limit).unwrap_or(NonZeroUsize::MIN))
            .interval(interval);
        if stops {
            policy = policy.stop_on(|error| error.kind() == ErrorKind::Api(CodeClass::NotFound));
        }
        let known_id = requests::begin(&mut line.vendor, "sbx-ok", Line::time(Duration::ZERO))
            .signature_id()
            .clone();
        let (mut ids, mut known) = (Vec::new(), Vec::new());
        for _ in 0..line.dice.below(20) {
            let is_known = !line.dice.one_in(4);
            let unknown = SignatureId::new(format!("{:016x}", line.dice.next()));
            ids.push(match unknown {
                Ok(unknown) if !is_known => unknown,
                _ => known_id.clone(),
            });
            known.push(is_known);
        }
        let order = Self {
            config: Config::new().retry(RetryPolicy::new().total(TOTAL).budget(BUDGET)),
            policy,
            ids,
            known,
            limit,
            interval,
            stops,
        };
        (order, line)
    }

    /// Judges what came, in the order of the ids. A batch that was stopped may lack some.
    pub(super) fn judge(&self, items: &[BatchItem], stopped: bool) -> Checked {
        let fits = |item: &BatchItem| self.ids.get(item.index) == Some(&item.signature_id);
        let order = items.is_sorted_by(|one, next| one.index < next.index) && items.iter().all(fits);
        ensure(Invariant::WholeBatch, order, || {
            "the ids are not those that were given, in their order".to_owned()
        })?;
        let came = items.iter().filter(|item| item.result.is_some()).count();
        ensure(Invariant::WholeBatch, stopped || came == self.ids.len(), || {
            format!("{came} of {} have an outcome", self.ids.len())
        })?;
        for item in items {
            let known = self.known[item.index];
            let fits = match &item.result {
                None => true,
                Some(Ok(_)) => known,
                Some(Err(error)) => {
                    let unknown = error.kind() == ErrorKind::Api(CodeClass::NotFound);
                    unknown != known || !unknown
                }
            };
            ensure(Invariant::WholeBatch, fits, || {
                format!(
                    "number {} has the outcome of another: {:?}",
                    item.index, item.result
                )
            })?;
        }
        Ok(())
    }
}

/// What a batch says it cost is what its requests did.
pub(super) fn costs(said: Charges, bill: Charges) -> Checked {
    ensure(Invariant::TrueCharges, said == bill, || {
        format!("the batch says {said:?}, and its requests cost {bill:?}")
    })
}
