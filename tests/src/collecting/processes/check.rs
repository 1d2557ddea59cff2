//! What must hold at the end of a run.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use advance_collector::{Record, Store, StoreError};

use crate::collecting::vendor::Shop;

/// What was found; shown whole.
#[derive(Debug, Default)]
#[expect(dead_code, reason = "read by Debug")]
pub(super) struct Findings {
    pub(super) records: u64,
    pub(super) charged_twice: u64,
    pub(super) uncounted: u64,
    pub(super) counted_twice: u64,
    pub(super) without_outcome: u64,
    pub(super) untold: u64,
    pub(super) two_outcomes: u64,
    pub(super) told: u64,
    pub(super) pay: u64,
    pub(super) ours: advance_core::Charges,
    pub(super) unsure: u64,
    pub(super) above_the_rate: u64,
    pub(super) hold_ignored: u64,
}

impl Findings {
    /// The names of what does not hold.
    pub(super) fn broken(&self) -> Vec<&'static str> {
        [
            ("charged-twice", self.charged_twice),
            ("uncounted-charge", self.uncounted),
            ("counted-twice", self.counted_twice),
            ("no-outcome", self.without_outcome),
            ("outcome-untold", self.untold),
            ("two-outcomes", self.two_outcomes),
            ("above-the-rate", self.above_the_rate),
            ("hold-ignored", self.hold_ignored),
        ]
        .into_iter()
        .filter_map(|(name, count)| (count > 0).then_some(name))
        .collect()
    }
}

/// Looks at every verification.
pub(super) fn look(store: &dyn Store, shop: &Shop, path: &Path) -> Result<Findings, StoreError> {
    let text = fs::read_to_string(path.with_extension("told")).unwrap_or_default();
    let told: HashSet<&str> = text.lines().collect();
    let mut findings = Findings {
        told: text.lines().count() as u64,
        pay: shop.pay(),
        ..Findings::default()
    };
    let mut last: Option<Record> = None;
    loop {
        let page = store.list(last.as_ref().map(|record| &record.signature_id), 1_000)?;
        let Some(end) = page.last().cloned() else { break };
        for record in &page {
            one(record, shop, &told, &mut findings);
        }
        last = Some(end);
    }
    Ok(findings)
}

fn one(record: &Record, shop: &Shop, told: &HashSet<&str>, findings: &mut Findings) {
    let id = record.signature_id.as_str();
    let charged = shop.charged(id);
    findings.records += 1;
    findings.ours += record.charges;
    findings.charged_twice += u64::from(charged.results > 1);
    findings.uncounted += u64::from(charged.pay > record.charges.pay + record.charges.unknown);
    findings.counted_twice += u64::from(record.charges.pay > charged.pay);
    let Some(conclusion) = record.conclusion.as_ref().filter(|_| record.state.is_ended()) else {
        findings.without_outcome += 1;
        return;
    };
    findings.unsure += u64::from(conclusion.ending == advance_collector::Ending::Unsure);
    let line = format!("{id}.{} {}", record.revision, conclusion.ending);
    findings.untold += u64::from(!told.contains(line.as_str()));
    let outcomes =
        (1..=record.revision).filter(|revision| told.contains(format!("{id}.{revision} finished").as_str()));
    findings.two_outcomes += u64::from(outcomes.count() > 1);
}
