//! What hangs, is silent or is held by another: a commit, a connection, a row, a lock.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod cluster;
mod fresh;

use std::num::NonZeroUsize;
use std::process::Command;
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use advance_collector::{
    AttemptId, Conclusion, Ending, Intended, Intent, Kind, Pending, Settled, Settlement, State, Store,
    StoreErrorKind, Then, Wanted, WantedPicture,
};
use advance_conformance::stores::Bench as _;
use advance_core::{Charges, ImageLink, SignatureId};
use advance_store_postgres::tokio_postgres::{Client, NoTls, connect};
use advance_store_postgres::{BlockingPostgresStore, PostgresOptions};
use fresh::{Database, Fresh};

/// It ends with the process.
static DATABASE: LazyLock<Option<Database>> = LazyLock::new(Database::start);

const LEASE: Duration = Duration::from_secs(30);

/// A schema of the test's own. Nothing on a machine without Postgres.
fn fresh() -> Option<Fresh> {
    DATABASE.as_ref().map(Database::store)
}

fn id(text: &str) -> SignatureId {
    SignatureId::new(text).unwrap()
}

fn add(store: &BlockingPostgresStore, ids: &[&str]) {
    let due = |text: &&str| Pending::of(id(text)).first_after(Duration::ZERO);
    store.add(&ids.iter().map(due).collect::<Vec<_>>()).unwrap();
}

/// A store of so many connections, whose name the server knows.
fn named(fresh: &Fresh, name: &str, connections: usize, patience: Duration) -> BlockingPostgresStore {
    PostgresOptions::new(&format!("{} application_name={name}", fresh.url))
        .unwrap()
        .connections(NonZeroUsize::new(connections).unwrap())
        .patience(patience)
        .connect_blocking()
        .unwrap()
}

/// Another session of a person's.
fn session(fresh: &Fresh) -> Client {
    fresh.runtime.block_on(async {
        let (client, connection) = connect(&fresh.url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    })
}

/// A number that the server knows.
fn number(fresh: &Fresh, query: &str) -> i64 {
    let session = session(fresh);
    let row = fresh.runtime.block_on(session.query_one(query, &[]));
    row.unwrap().get(0)
}

fn connections(fresh: &Fresh, name: &str) -> i64 {
    let query = format!("SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}'");
    number(fresh, &query)
}

/// Waits until so many of this name wait for a lock.
fn wait_for_waiting(fresh: &Fresh, name: &str, count: i64) {
    let query = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}' AND wait_event_type = 'Lock'"
    );
    while number(fresh, &query) < count {
        thread::sleep(Duration::from_millis(20));
    }
}

fn is_unavailable<T: std::fmt::Debug>(answer: Result<T, advance_collector::StoreError>) {
    assert_eq!(answer.unwrap_err().kind(), StoreErrorKind::Unavailable);
}

/// The commit of an intent does not answer in time, so nothing is sent and the attempt is taken back. Then it lands.
fn a_hanging_commit(fresh: &Fresh, kind: Kind, table: &str, key: i64) {
    let store = fresh.connect();
    add(&store, &["a"]);
    let mut claim = store.claim(&Wanted::new(1, LEASE)).unwrap().pop().unwrap();
    if kind != Kind::Result {
        let first = AttemptId::new(1);
        let intended = store.intend(&Intent::new(&claim, first, true, LEASE)).unwrap();
        assert_eq!(intended, Intended::Committed);
        let picture = WantedPicture::new(kind, ImageLink::from("https://pictures.example/a.png"));
        let ended = Then::Ended(Conclusion::of(Ending::Finished), vec![picture]);
        store
            .settle(first, &Settlement::new(Charges::NONE, ended))
            .unwrap();
        claim = store.claim(&Wanted::new(1, LEASE)).unwrap().pop().unwrap();
    }
    fresh.execute(&format!(
        "CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql \
         AS 'BEGIN PERFORM pg_advisory_xact_lock_shared({key}); RETURN NULL; END'; \
         CREATE CONSTRAINT TRIGGER stall AFTER INSERT OR UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW WHEN (NEW.state = 'asking') EXECUTE FUNCTION stall(); \
         BEGIN; SELECT pg_advisory_xact_lock({key})"
    ));
    let attempt = AttemptId::new(2);
    let name = format!("hangs{key}");
    let hasty = named(fresh, &name, 1, Duration::from_secs(2));
    is_unavailable(hasty.intend(&Intent::new(&claim, attempt, true, LEASE)));
    wait_for_waiting(fresh, &name, 1);
    let back = Settlement::new(Charges::NONE, Then::Back(Duration::ZERO));
    let settled = thread::scope(|scope| {
        let settled = scope.spawn(|| store.settle(attempt, &back));
        // It would have had its answer by now.
        thread::sleep(Duration::from_millis(500));
        fresh.execute("ROLLBACK");
        settled.join().unwrap()
    });
    assert_eq!(settled.unwrap(), Settled::Booked);
    fresh.set(fresh.now().saturating_add(Duration::from_secs(3_600)));
    assert_eq!(store.sweep(0).unwrap(), 0, "it was given up as a doubt");
    let record = store.get(&id("a")).unwrap().unwrap();
    assert_eq!(record.charges, Charges::NONE);
    assert_ne!(record.state, State::Unsure);
    let claim = store.claim(&Wanted::new(1, LEASE)).unwrap().pop().unwrap();
    let again = Intent::new(&claim, AttemptId::new(3), true, LEASE);
    assert_eq!(store.intend(&again).unwrap(), Intended::Committed);
}

#[test]
fn an_intent_whose_commit_hangs_is_taken_back() {
    let Some(fresh) = fresh() else { return };
    a_hanging_commit(&fresh, Kind::Result, "advance_verification", 77);
}

#[test]
fn a_pictures_intent_whose_commit_hangs_is_taken_back() {
    let Some(fresh) = fresh() else { return };
    a_hanging_commit(&fresh, Kind::Image, "advance_picture", 78);
}

#[test]
fn no_more_connections_are_open_than_the_limit_says() {
    let Some(fresh) = fresh() else { return };
    let store = named(&fresh, "counted", 1, Duration::from_secs(2));
    add(&store, &["a"]);
    fresh.execute("BEGIN; SELECT * FROM advance_verification FOR UPDATE");
    for _ in 0..2 {
        is_unavailable(store.nudge(&id("a")));
        assert_eq!(connections(&fresh, "counted"), 1);
    }
    fresh.execute("ROLLBACK");
    // Its place is free as soon as the server has answered.
    store.nudge(&id("a")).unwrap();
}

#[test]
fn an_operation_has_one_deadline_for_all_that_it_waits_for() {
    let Some(fresh) = fresh() else { return };
    let patience = Duration::from_secs(4);
    let store = named(&fresh, "deadline", 1, patience);
    add(&store, &["a", "b"]);
    let sessions = ["a", "b"].map(|row| {
        let session = session(&fresh);
        let lock =
            format!("BEGIN; SELECT * FROM advance_verification WHERE signature_id = '{row}' FOR UPDATE");
        fresh.runtime.block_on(session.batch_execute(&lock)).unwrap();
        session
    });
    thread::scope(|scope| {
        let first = scope.spawn(|| store.nudge(&id("a")));
        wait_for_waiting(&fresh, "deadline", 1);
        let (begun, store) = (Instant::now(), &store);
        let second = scope.spawn(move || {
            let answer = store.nudge(&id("b"));
            (answer, begun.elapsed())
        });
        // The only connection is free again when most of the time is over.
        thread::sleep(Duration::from_secs(3).saturating_sub(begun.elapsed()));
        fresh
            .runtime
            .block_on(sessions[0].batch_execute("ROLLBACK"))
            .unwrap();
        drop(first.join().unwrap());
        let (answer, took) = second.join().unwrap();
        is_unavailable(answer);
        assert!(took < patience + Duration::from_secs(2), "{took:?}");
    });
}

#[test]
fn a_silent_connection_costs_one_operation_and_not_one_for_each_that_is_idle() {
    let Some(fresh) = fresh() else { return };
    let store = named(&fresh, "silent", 3, Duration::from_secs(3));
    add(&store, &["a"]);
    fresh.execute("BEGIN; LOCK TABLE advance_forgotten IN ACCESS EXCLUSIVE MODE");
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| drop(store.status()));
        }
        wait_for_waiting(&fresh, "silent", 3);
        fresh.execute("ROLLBACK");
    });
    let pids: Vec<String> = fresh.runtime.block_on(async {
        let query = "SELECT pid::text FROM pg_stat_activity WHERE application_name = 'silent'";
        let rows = fresh.client.query(query, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    });
    assert_eq!(pids.len(), 3);
    let signal = |name: &str| {
        let sent = Command::new("kill").arg(name).args(&pids).status();
        assert!(sent.unwrap().success());
    };
    signal("-STOP");
    let answers = [store.rest(), store.rest()];
    signal("-CONT");
    let [silent, next] = answers;
    is_unavailable(silent);
    next.unwrap();
}

#[test]
fn a_worker_that_is_stopped_while_it_reads_holds_no_snapshot_for_ever() {
    let Some(fresh) = fresh() else { return };
    let store = fresh.connect();
    add(&store, &["a"]);
    fresh.execute(
        "CREATE FUNCTION ends() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN \
         IF current_setting('idle_in_transaction_session_timeout') = '0' THEN RAISE 'it is idle for ever'; END IF; \
         RETURN true; END $$; \
         ALTER TABLE advance_picture RENAME TO pictures; \
         CREATE VIEW advance_picture AS SELECT * FROM pictures WHERE (SELECT ends())",
    );
    store.get(&id("a")).unwrap();
    store.list(None, 9).unwrap();
    store.status().unwrap();
}

#[test]
fn a_sweep_passes_by_what_another_worker_holds() {
    let Some(fresh) = fresh() else { return };
    let store = fresh.connect();
    add(&store, &["free", "held"]);
    fresh.execute(
        "INSERT INTO advance_picture (signature_id, kind, state, due_at, fence, attempt, link, received_at) \
         SELECT signature_id, 'image', 'asking', 1, 1, lpad(signature_id, 32, '0'), 'https://pictures.example/a', 1 \
         FROM advance_verification",
    );
    fresh.execute("UPDATE advance_picture SET attempt = lpad('1', 32, '0') WHERE signature_id = 'free'");
    fresh.execute("UPDATE advance_picture SET attempt = lpad('2', 32, '0') WHERE signature_id = 'held'");
    fresh.execute("BEGIN; SELECT * FROM advance_verification WHERE signature_id = 'held' FOR UPDATE");
    assert_eq!(store.sweep(9).unwrap(), 1);
    fresh.execute("ROLLBACK");
    assert_eq!(store.sweep(9).unwrap(), 1);
    assert_eq!(store.sweep(9).unwrap(), 0);
}

/// At the server's default isolation the second of them would not see what the first has made.
#[test]
fn two_processes_may_migrate_at_once() {
    let Some(fresh) = fresh() else { return };
    fresh.execute("CREATE SCHEMA at_once");
    let (server, _) = fresh.url.rsplit_once('=').unwrap();
    let url = format!("{server}=at_once'");
    fresh.execute("BEGIN; SELECT pg_advisory_xact_lock(x'00616476616e6365'::bigint)");
    let opened: Vec<_> = thread::scope(|scope| {
        let open = || {
            let options = PostgresOptions::new(&format!("{url} application_name=migrates")).unwrap();
            options.patience(Duration::from_secs(60)).connect_blocking()
        };
        let opening = [scope.spawn(open), scope.spawn(open)];
        wait_for_waiting(&fresh, "migrates", 2);
        fresh.execute("ROLLBACK");
        opening.map(|opened| opened.join().unwrap()).into()
    });
    for store in opened {
        store.unwrap().rest().unwrap();
    }
}
