//! A line to the vendor for waits and batches: plainer than the network of single calls, and as honest.

use std::time::Duration;

use advance_core::Charges;
use advance_core::transport::{Failure, FailureKind, Limits, Phase, Sent};
use advance_sandbox::model::Account;
use advance_sandbox::{UnixMs, Vendor, VendorConfig};
use http::{Request, Response};

use super::dice::Dice;
use super::source::Source;
use super::{ACCESS_KEY, SECRET_KEY};

const START: u64 = 1_700_000_000_000;

pub(super) type Outcome = Result<Response<Vec<u8>>, Failure>;

pub(super) struct Line {
    pub(super) vendor: Vendor,
    pub(super) dice: Dice,
    /// How often, in a thousand, something goes wrong with a request.
    rate: u64,
}

/// What becomes of a request.
pub(super) struct Fate {
    pub(super) outcome: Outcome,
    /// How long the client waits for it.
    pub(super) takes: Duration,
    /// What it cost, as far as the client can know.
    pub(super) bill: Charges,
    /// The reply got through, and says how a verification ended.
    pub(super) finished: bool,
    /// The reply got through, and is a refusal that waiting does not mend.
    pub(super) refused: bool,
    /// The reply to get-result got through.
    pub(super) answered: bool,
}

impl Line {
    pub(super) fn new(source: &Source, configure: impl FnOnce(&mut VendorConfig, &mut Dice)) -> Self {
        let mut dice = source.plan(3);
        let mut config = VendorConfig::seeded(source.seed);
        config.accounts = vec![Account::new(ACCESS_KEY, SECRET_KEY)];
        configure(&mut config, &mut dice);
        let rate = dice.pick(&[0, 50, 300, 700]);
        Self {
            vendor: Vendor::new(config),
            dice,
            rate,
        }
    }

    /// The vendor's time, and that of the client's wall clock.
    pub(super) fn time(at: Duration) -> UnixMs {
        UnixMs(START).after(at)
    }

    pub(super) fn now(at: Duration) -> advance_core::Now {
        advance_core::Now {
            wall: advance_core::UnixMillis::new(Self::time(at).as_millis()),
            mono: at,
        }
    }

    pub(super) fn send(&mut self, request: &Request<Vec<u8>>, limits: &Limits, at: Duration) -> Fate {
        let travel = self.dice.millis(1, 400);
        let fault = if self.dice.per_mille(self.rate) {
            self.dice.below(5)
        } else {
            u64::MAX
        };
        let lost = |kind, sent| {
            let mut bill = Charges::NONE;
            bill.record(Sent::charge(sent));
            (Err(Failure::new(kind, sent)), bill)
        };
        if fault == 0 {
            let (outcome, bill) = lost(FailureKind::Connect, Sent::No);
            return Fate::of(outcome, travel.min(limits.within), bill);
        }
        if fault == 1 || travel >= limits.within {
            let (outcome, bill) = lost(FailureKind::Timeout(Phase::Exchange), Sent::Maybe);
            return Fate::of(outcome, limits.within, bill);
        }
        if fault == 2 {
            let page = Response::builder()
                .status(503)
                .body(b"<html>Sorry</html>".to_vec());
            let mut bill = Charges::NONE;
            bill.unknown = 1;
            let outcome = page.map_err(|_| Failure::new(FailureKind::Other, Sent::Maybe));
            return Fate::of(outcome, travel, bill);
        }
        let before = self.vendor.ledger().total();
        let reply = self.vendor.handle(request, Self::time(at));
        let after = self.vendor.ledger().total();
        if fault == 3 {
            // The vendor did what it was asked to, and no reply arrives.
            let (outcome, bill) = lost(FailureKind::Reset, Sent::Maybe);
            return Fate::of(outcome, travel, bill);
        }
        let mut bill = Charges::NONE;
        bill.free = after.free - before.free;
        bill.pay = after.pay - before.pay;
        bill.unknown = 1 - bill.free - bill.pay;
        let text: String = String::from_utf8_lossy(reply.body()).split_whitespace().collect();
        let finished = text.contains("\"idvCode\":\"");
        let refused = text.contains("\"code\":\"SIGNATURE_NOT_EXIST\"");
        Fate {
            finished,
            refused,
            answered: request.uri().path().ends_with("/get-result"),
            ..Fate::of(Ok(reply), travel, bill)
        }
    }
}

impl Fate {
    const fn of(outcome: Outcome, takes: Duration, bill: Charges) -> Self {
        Self {
            outcome,
            takes,
            bill,
            finished: false,
            refused: false,
            answered: false,
        }
    }
}
