//! Values come back as they went in.

use std::time::Duration;

use advance_collector::{Conclusion, Ending, Pending, Settlement, State, Then, Work};
use advance_core::{Charges, Outcome, TransactionId, UnixMillis};

use super::{Bench, Desk, attempt_of, cases, done, id};

cases! {
    ids: "an id may be any text that an id can be"
    endings: "every ending, verdict and word of a conclusion comes back"
    large_numbers: "large charges are not wrapped, and ends of links are kept to the millisecond"
}

fn ids(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let long = "é".repeat(128);
    let texts = [
        "'; DROP TABLE x; --",
        "a b",
        "%_*?",
        "ü\u{1f600}",
        "\\",
        "\"",
        "0",
        "A",
        "a",
        &long,
    ];
    for text in texts {
        desk.add(text);
    }
    assert_eq!(done(desk.store.status()).waiting, texts.len() as u64);
    for text in texts {
        assert_eq!(desk.record(&id(text)).signature_id, id(text));
    }
    assert_eq!(desk.claim_all().len(), texts.len());
}

fn endings(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let verdicts = [
        None,
        Some(Outcome::Passed),
        Some(Outcome::Failed),
        Some(Outcome::NeedsReview),
    ];
    for (attempt, ending) in (1..).zip(Ending::ALL) {
        let a = desk.add(&format!("a{attempt}"));
        desk.intend(attempt);
        let mut conclusion = Conclusion::of(ending);
        conclusion.verdict = verdicts[(attempt % 4) as usize];
        conclusion.reasons = vec!["low_quality".into(), "forgery_label".into()];
        conclusion.code = Some("NEW'CODE \u{1f600}".into());
        conclusion.transaction_id = Some(TransactionId::from("\r\n'\u{1b}[2J"));
        conclusion.kept = attempt % 2 == 0;
        let settlement = Settlement::new(Charges::NONE, Then::Ended(conclusion.clone(), Vec::new()));
        done(desk.store.settle(attempt_of(attempt), &settlement));
        let record = desk.record(&a);
        assert_eq!(record.state, ending.state());
        assert_eq!(record.conclusion, Some(conclusion.clone()));
        let events = done(desk.store.untold(9, Duration::from_secs(9_000)));
        assert_eq!(events[0].conclusion, conclusion);
    }
    assert!(State::ALL.len() > 3);
}

fn large_numbers(bench: &dyn Bench) {
    let desk = Desk::new(bench);
    let ends = UnixMillis::new(4_102_444_800_123);
    let pending = Pending::of(id("a")).link_ends(ends).first_after(Duration::ZERO);
    done(desk.store.add(&[pending]));
    let claim = desk.intend(u128::MAX);
    let Work::Result(progress) = claim.work else {
        panic!("{claim:?}")
    };
    assert_eq!((progress.link_ends, progress.added), (Some(ends), bench.now()));
    let many = Charges {
        free: 1 << 40,
        pay: 1 << 41,
        unknown: 1 << 42,
    };
    let again = Settlement::new(many, Then::again(Duration::MAX, true));
    done(desk.store.settle(attempt_of(u128::MAX), &again));
    assert_eq!(desk.record(&id("a")).charges, many);
    assert_eq!(desk.record(&id("a")).link_ends, Some(ends));
    assert_eq!(desk.claim_all(), []);
}
