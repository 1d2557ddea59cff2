//! What is Postgres's own: rows that others hold, migrations by hand, news, an application's transaction.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod cluster;
mod fresh;

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use advance_collector::rate::{Rate, RateStore as _, Slot};
use advance_collector::store::Watch;
use advance_collector::{AsyncStore as _, Nudged, Pending, Store, StoreErrorKind, Wanted};
use advance_conformance::stores::store_cases;
use advance_core::SignatureId;
use advance_store_postgres::PostgresOptions;
use advance_store_postgres::tokio_postgres::{NoTls, connect};
use fresh::{Database, Fresh};

const MIGRATIONS: [&str; 4] = [
    include_str!("../migrations/0001_pending_verifications.sql"),
    include_str!("../migrations/0002_rates.sql"),
    include_str!("../migrations/0003_shared_tokens.sql"),
    include_str!("../migrations/0004_letters.sql"),
];

fn id(text: &str) -> SignatureId {
    SignatureId::new(text).unwrap()
}

fn pending(text: &str) -> Pending {
    Pending::of(id(text)).first_after(Duration::ZERO)
}

/// One cluster for all, for starting one takes longer than all of them.
#[test]
fn what_is_postgres_own() {
    let Some(database) = Database::start() else { return };
    a_claim_passes_by_what_a_stopped_worker_holds(&database.store());
    a_person_migrates(&database.store());
    a_nudge_of_another_process_is_heard(&database.store());
    a_verification_is_remembered_if_the_applications_transaction_is(&database.store());
    nothing_is_left_in_a_connection(&database.store());
    a_partitioned_table_does_the_same(&database.store());
    nobody_has_a_turn_for_five_seconds_after_a_start_of_the_server(&database.store());
}

fn a_claim_passes_by_what_a_stopped_worker_holds(fresh: &Fresh) {
    let store = fresh.connect();
    store.add(&[pending("held"), pending("free")]).unwrap();
    fresh.execute("BEGIN; SELECT * FROM advance_verification WHERE signature_id = 'held' FOR UPDATE");
    let begun = Instant::now();
    let claims = store.claim(&Wanted::new(9, Duration::from_secs(30))).unwrap();
    let ids: Vec<_> = claims.into_iter().map(|claim| claim.signature_id).collect();
    assert_eq!(ids, [id("free")]);
    // A claim that waited would have waited for the whole of the lock's timeout.
    assert!(begun.elapsed() < Duration::from_secs(9));
    fresh.execute("ROLLBACK");
    assert_eq!(
        store
            .claim(&Wanted::new(9, Duration::from_secs(30)))
            .unwrap()
            .len(),
        1
    );
}

/// A crash forgets the last turns that were given.
fn nobody_has_a_turn_for_five_seconds_after_a_start_of_the_server(fresh: &Fresh) {
    let (store, second) = (fresh.connect(), Duration::from_secs(1));
    let after_the_start = |millis: u64| {
        fresh.execute(&format!(
            "CREATE OR REPLACE FUNCTION advance_now() RETURNS bigint LANGUAGE sql VOLATILE AS \
             'SELECT (extract(epoch FROM pg_postmaster_start_time()) * 1000)::bigint + {millis}'"
        ));
    };
    let take = || match store
        .take("x", &Rate::every(second), second * 60, second * 60)
        .unwrap()
    {
        Slot::In(wait) => wait,
        Slot::Later(wait) => panic!("later by {wait:?}"),
    };
    let about = |wait: Duration, seconds: u32| {
        let wanted = second * seconds;
        assert!(
            wait.abs_diff(wanted) <= Duration::from_millis(1),
            "{wait:?} is not {wanted:?}"
        );
    };
    after_the_start(1_000);
    about(take(), 0);
    about(take(), 4);
    about(store.held("x", second * 60).unwrap(), 4);
    after_the_start(6_000);
    about(store.held("x", second * 60).unwrap(), 0);
    about(take(), 0);
    about(take(), 1);
}

fn a_person_migrates(fresh: &Fresh) {
    let by_hand = format!("{}_by_hand", fresh.url.trim_end_matches('\''));
    let url = format!("{by_hand}'");
    let schema = by_hand.rsplit('=').next().unwrap();
    fresh.execute(&format!("CREATE SCHEMA {schema}"));
    let options = PostgresOptions::new(&url).unwrap().without_migrations();
    let refused = options.clone().connect_blocking().unwrap_err();
    assert_eq!(refused.kind(), StoreErrorKind::OtherVersion);
    let told = std::error::Error::source(&refused).unwrap().to_string();
    assert!(told.contains("version 0") && told.contains("needs 4"), "{told}");
    fresh.execute(&format!("SET search_path = {schema}"));
    for script in MIGRATIONS {
        fresh.execute(script);
    }
    let store = options.clone().connect_blocking().unwrap();
    assert_eq!(store.add(&[pending("a")]).unwrap(), 1);
    fresh.execute("INSERT INTO advance_schema (version) VALUES (99)");
    for options in [options.clone(), PostgresOptions::new(&url).unwrap()] {
        assert_eq!(
            options.connect_blocking().unwrap_err().kind(),
            StoreErrorKind::OtherVersion
        );
    }
    fresh.execute("DROP TABLE advance_picture, advance_doubt, advance_verification");
    assert_eq!(
        store.add(&[pending("b")]).unwrap_err().kind(),
        StoreErrorKind::OtherVersion
    );
}

fn a_nudge_of_another_process_is_heard(fresh: &Fresh) {
    let (worker, shop) = (fresh.connect(), fresh.connect());
    worker
        .add(&[Pending::of(id("a")).first_after(Duration::from_secs(60))])
        .unwrap();
    let (say, heard) = channel();
    let watch: Arc<Watch> = Arc::new(move || say.send(()).unwrap_or_default());
    worker.watch(&watch);
    // Once for what may have come before it listened.
    heard.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(shop.nudge(&id("unknown")).unwrap(), Nudged::Unknown);
    assert_eq!(shop.nudge(&id("a")).unwrap(), Nudged::Due);
    heard.recv_timeout(Duration::from_secs(60)).unwrap();
    assert!(heard.try_recv().is_err(), "what is not due is no news");
    // The connection that listens is lost, and made anew.
    fresh.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN advance_news'",
    );
    heard.recv_timeout(Duration::from_secs(60)).unwrap();
    drop(watch);
    assert_eq!(shop.nudge(&id("a")).unwrap(), Nudged::Due);
    assert!(
        heard.recv_timeout(Duration::from_secs(60)).is_err(),
        "none watches any more"
    );
}

fn a_verification_is_remembered_if_the_applications_transaction_is(fresh: &Fresh) {
    let url = fresh.url.clone();
    fresh.runtime.block_on(async move {
        let store = PostgresOptions::new(&url).unwrap().connect().await.unwrap();
        let (mut shop, connection) = connect(&url, NoTls).await.unwrap();
        tokio::spawn(connection);
        for (text, commits) in [("kept", true), ("gone", false)] {
            let transaction = shop.transaction().await.unwrap();
            assert_eq!(store.add_within(&transaction, &[pending(text)]).await.unwrap(), 1);
            if commits {
                transaction.commit().await.unwrap();
            }
        }
        let records = store.list(None, 9).await.unwrap();
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].signature_id, id("kept"));
    });
}

/// What a proxy that pools transactions would hand on to somebody else.
fn nothing_is_left_in_a_connection(fresh: &Fresh) {
    let store = fresh.connect();
    store.add(&[pending("a")]).unwrap();
    store.claim(&Wanted::new(9, Duration::from_secs(30))).unwrap();
    fresh.runtime.block_on(async {
        // Those of this store are idle by now, and no transaction is open.
        let states = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'advance-collector' \
            AND state <> 'idle'";
        let open: i64 = fresh.client.query_one(states, &[]).await.unwrap().get(0);
        assert_eq!(open, 0);
        let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'";
        let locks: i64 = fresh.client.query_one(locks, &[]).await.unwrap().get(0);
        assert_eq!(locks, 0);
    });
}

/// As the guide's page on scale has it: a person partitions the table before the first row.
fn a_partitioned_table_does_the_same(fresh: &Fresh) {
    let (head, rest) = MIGRATIONS[0]
        .split_once("    tell_tries      bigint  NOT NULL DEFAULT 0\n)")
        .unwrap();
    let (_, rest) = rest.split_once(";\n").unwrap();
    fresh.execute(
        "DROP TABLE advance_letter, advance_notify, advance_schema, advance_rate, advance_token, advance_forgotten, advance_doubt, advance_picture, advance_verification; \
         DROP FUNCTION advance_now",
    );
    fresh.execute(&format!(
        "{head} tell_tries bigint NOT NULL DEFAULT 0) PARTITION BY HASH (signature_id); \
         CREATE TABLE part0 PARTITION OF advance_verification FOR VALUES WITH (MODULUS 2, REMAINDER 0) WITH (fillfactor = 70); \
         CREATE TABLE part1 PARTITION OF advance_verification FOR VALUES WITH (MODULUS 2, REMAINDER 1) WITH (fillfactor = 70); \
         {rest}"
    ));
    for script in &MIGRATIONS[1..] {
        fresh.execute(script);
    }
    fresh.stop_clock();
    for name in [
        "longest_due_first",
        "claimed_by_one",
        "settled_by_one",
        "set_back",
    ] {
        let case = store_cases().into_iter().find(|case| case.name == name).unwrap();
        if let Some(broken) = case.broken_by(fresh) {
            panic!("{}: {}", broken.name, broken.found);
        }
        fresh.execute("TRUNCATE advance_verification CASCADE");
    }
}
