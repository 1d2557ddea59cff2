//! The suites of a store through PgBouncer, which lends its connections for one transaction each.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod cluster;
mod fresh;

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use advance_collector::store::Watch;
use advance_collector::{Nudged, Pending, Store as _};
use advance_conformance::stores::{check, check_rates};
use advance_conformance::tokens;
use advance_core::SignatureId;
use advance_store_postgres::PostgresOptions;
use cluster::Cluster;
use fresh::Database;

const PORT: u16 = 6_432;

/// A pool that is smaller than what the stores of a test ask for.
const SETTINGS: &str = "\
auth_type = trust
pool_mode = transaction
default_pool_size = 3
max_client_conn = 1000
listen_addr =
";

/// A proxy that ends with this, or with this process, however that ends.
struct Bouncer(Child);

impl Bouncer {
    /// Nothing if this machine has no PgBouncer; that is said on standard error.
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    fn start(cluster: &Cluster) -> Option<Self> {
        let Some(program) = program() else {
            eprintln!("SKIPPED: there is no pgbouncer on this machine, so nothing was tried through one");
            return None;
        };
        let folder = cluster.folder();
        let place = folder.display();
        let mut users = String::from("\"advance\" \"\"\n");
        for number in 0..500 {
            writeln!(users, "\"case{number}\" \"\"").unwrap();
        }
        fs::write(folder.join("users"), users).unwrap();
        let settings = format!(
            "[databases]\n* = host={place} port=5432\n[pgbouncer]\n{SETTINGS}listen_port = {PORT}\n\
             unix_socket_dir = {place}\nauth_file = {place}/users\nlogfile = {place}/pgbouncer.log\n"
        );
        let config = folder.join("pgbouncer.ini");
        fs::write(&config, settings).unwrap();
        for file in [&config, &folder.join("users")] {
            fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
        }
        let mut shell = cluster.command_at(Path::new("/bin/sh"));
        shell
            .args(["-c", r#""$0" --quiet "$1" < /dev/null & cat; kill $!"#])
            .arg(program)
            .arg(config)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let bouncer = Self(shell.spawn().unwrap());
        let (socket, limit) = (
            folder.join(format!(".s.PGSQL.{PORT}")),
            Instant::now() + Duration::from_secs(60),
        );
        while UnixStream::connect(&socket).is_err() {
            let log = fs::read_to_string(folder.join("pgbouncer.log")).unwrap_or_default();
            assert!(Instant::now() < limit, "pgbouncer does not start: {log}");
            thread::sleep(Duration::from_millis(20));
        }
        Some(bouncer)
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        drop(self.0.wait());
    }
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<_> = std::env::split_paths(&path).collect();
    places.extend(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let programs = places.into_iter().map(|place| place.join("pgbouncer"));
    programs.into_iter().find(|program| program.is_file())
}

#[test]
#[ignore = "it is long: `cargo xtask release-gates fleet` runs it"]
fn a_store_keeps_every_rule_through_a_proxy_that_pools_transactions() {
    let Some(mut database) = Database::start() else {
        return;
    };
    let Some(_bouncer) = Bouncer::start(&database.cluster) else {
        return;
    };
    database.proxy = Some(PORT);
    check(|| Box::new(database.store()));
    tokens::check(|| Box::new(database.store()));
    check_rates(&database.store());
    a_nudge_is_heard_past_the_proxy_and_found_by_polling_without(&database);
}

fn a_nudge_is_heard_past_the_proxy_and_found_by_polling_without(database: &Database) {
    let fresh = database.store();
    let id = SignatureId::new("a").unwrap();
    let deaf = PostgresOptions::new(&fresh.url).unwrap();
    let deaf = deaf.connect_blocking().unwrap();
    let hearing = fresh.connect();
    hearing.add(&[Pending::of(id.clone())]).unwrap();
    let watch_of = |store: &advance_store_postgres::BlockingPostgresStore| {
        let (told, news) = channel();
        let watch: Arc<Watch> = Arc::new(move || {
            let _ = told.send(());
        });
        store.watch(&watch);
        (watch, news)
    };
    let ((_one, heard), (_other, unheard)) = (watch_of(&hearing), watch_of(&deaf));
    // Each is called once when it begins to listen, for it may have missed something before.
    heard.recv_timeout(Duration::from_secs(60)).unwrap();
    unheard.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(deaf.nudge(&id).unwrap(), Nudged::Due);
    heard.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(
        unheard.recv_timeout(Duration::from_millis(500)),
        Err(RecvTimeoutError::Timeout),
        "LISTEN works through the proxy: the documentation says that it does not"
    );
    assert!(deaf.rest().unwrap().due.unwrap().is_zero());
}
