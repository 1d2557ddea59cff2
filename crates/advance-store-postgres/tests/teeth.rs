//! Each protection that is taken away is missed by the suite, by name.
#![cfg(all(unix, feature = "sabotage"))]
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod cluster;
mod fresh;

use advance_collector::row::Protection;
use advance_conformance::stores::store_cases;
use fresh::Database;

#[test]
fn each_protection_is_missed_by_name() {
    let Some(database) = Database::start() else { return };
    for (protection, name) in [
        (Protection::Intent, "intended_for_all"),
        (Protection::Fence, "intended_once"),
        (Protection::AttemptId, "settled_once"),
        (Protection::SkipLocked, "claimed_by_one"),
    ] {
        let case = store_cases().into_iter().find(|case| case.name == name).unwrap();
        let mut store = database.store();
        assert!(
            case.broken_by(&store).is_none(),
            "{name} fails without a sabotage"
        );
        store = database.store();
        store.broken = Some(protection);
        assert!(
            case.broken_by(&store).is_some(),
            "{name} does not miss {protection:?}"
        );
    }
}
