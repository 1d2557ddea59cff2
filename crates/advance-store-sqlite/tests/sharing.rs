//! The file is the application's as well.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::time::Duration;

use advance_collector::{
    AttemptId, Conclusion, Ending, Intended, Intent, Pending, Settled, Settlement, Store, StoreErrorKind,
    Then, Wanted,
};
use advance_core::{Charges, SignatureId};
use advance_store_sqlite::SqliteStore;
use advance_store_sqlite::rusqlite::{Connection, params};

fn pending(text: &str) -> Pending {
    Pending::of(SignatureId::new(text).unwrap()).first_after(Duration::ZERO)
}

fn finish(store: &dyn Store, attempt: u128) -> Result<Settled, advance_collector::StoreError> {
    let claim = store
        .claim(&Wanted::new(1, Duration::from_secs(30)))
        .unwrap()
        .pop()
        .unwrap();
    let attempt = AttemptId::new(attempt);
    let intent = Intent::new(&claim, attempt, true, Duration::from_secs(30));
    assert_eq!(store.intend(&intent).unwrap(), Intended::Committed);
    let then = Then::Ended(Conclusion::of(Ending::Finished), Vec::new());
    store.settle(attempt, &Settlement::new(Charges::NONE, then))
}

#[test]
fn a_verification_is_remembered_if_the_applications_transaction_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let mut shop = Connection::open(&path).unwrap();
    shop.execute_batch("CREATE TABLE orders (id INTEGER PRIMARY KEY, signature_id TEXT)")
        .unwrap();
    let store = SqliteStore::with_connection(Connection::open(&path).unwrap()).unwrap();
    for (id, commits) in [("kept", true), ("gone", false)] {
        let transaction = shop.transaction().unwrap();
        transaction
            .execute("INSERT INTO orders (signature_id) VALUES (?1)", [id])
            .unwrap();
        assert_eq!(store.add_within(&transaction, &[pending(id)]).unwrap(), 1);
        if commits {
            transaction.commit().unwrap();
        }
    }
    let ids: Vec<_> = store
        .list(None, 9)
        .unwrap()
        .into_iter()
        .map(|record| record.signature_id)
        .collect();
    assert_eq!(ids, [SignatureId::new("kept").unwrap()]);
}

#[test]
fn an_outcome_is_told_in_the_transaction_that_books_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let shop = Connection::open(&path).unwrap();
    shop.execute_batch("CREATE TABLE told (event TEXT PRIMARY KEY)")
        .unwrap();
    let store = SqliteStore::open(&path)
        .unwrap()
        .tell_within(|transaction, event| {
            transaction
                .execute("INSERT INTO told VALUES (?1)", params![event.id()])
                .map(drop)
        });
    store.add(&[pending("a"), pending("b")]).unwrap();
    assert_eq!(finish(&store, 1).unwrap(), Settled::Booked);
    assert!(store.untold(9, Duration::ZERO).unwrap().is_empty(), "it was told");
    let told: String = shop
        .query_row("SELECT event FROM told", [], |row| row.get(0))
        .unwrap();
    assert_eq!(told, "a.1");
    // A hook that fails takes the settlement back with it.
    shop.execute_batch("DROP TABLE told").unwrap();
    assert!(finish(&store, 2).is_err());
    assert_eq!(store.status().unwrap().done, 1);
}

#[test]
fn a_store_of_a_newer_version_or_of_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    drop(SqliteStore::open(&path).unwrap());
    let connection = Connection::open(&path).unwrap();
    connection
        .execute("INSERT INTO advance_schema VALUES (99, 'later')", [])
        .unwrap();
    assert_eq!(
        SqliteStore::open(&path).unwrap_err().kind(),
        StoreErrorKind::OtherVersion
    );
    let page = folder.path().join("page.html");
    std::fs::write(&page, "<html>".repeat(1_000)).unwrap();
    assert_eq!(
        SqliteStore::open(&page).unwrap_err().kind(),
        StoreErrorKind::Damaged
    );
    let nowhere = folder.path().join("no").join("such");
    assert_eq!(
        SqliteStore::open(nowhere).unwrap_err().kind(),
        StoreErrorKind::Denied
    );
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = SqliteStore::open(&path).unwrap();
    store.add(&[pending("a")]).unwrap();
    for name in ["store.db", "store.db-wal"] {
        let mode = std::fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
