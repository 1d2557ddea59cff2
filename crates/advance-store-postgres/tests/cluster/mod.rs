//! A Postgres of the test's own: in a temporary folder, on a Unix socket, as a user who is not root.

use std::error::Error;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A server that ends with this, or with this process, however that ends.
#[derive(Debug)]
pub(crate) struct Cluster {
    folder: TempDir,
    bin: PathBuf,
    owner: Option<(u32, u32)>,
    settings: &'static str,
    watcher: Option<Child>,
}

type Outcome<T> = Result<T, Box<dyn Error>>;

impl Cluster {
    /// Starts one, with these settings besides. Nothing if this machine has no Postgres; that is said on standard error.
    ///
    /// # Errors
    /// If there is one, and it does not start.
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    pub(crate) fn start(settings: &'static str) -> Outcome<Option<Self>> {
        let Some(bin) = binaries() else {
            eprintln!(
                "SKIPPED: there is no Postgres on this machine (initdb is neither in PG_BIN, nor in PATH, nor where Debian puts \
                 it), so nothing was tried on one"
            );
            return Ok(None);
        };
        let folder = tempfile::Builder::new().prefix("pg").tempdir()?;
        let owner = another_user()?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        if let Some((user, group)) = owner {
            chown(folder.path(), Some(user), Some(group))?;
        }
        let mut cluster = Self {
            folder,
            bin,
            owner,
            settings,
            watcher: None,
        };
        cluster.watcher = Some(cluster.watch()?);
        let mut initdb = cluster.command("initdb");
        initdb.args([
            "--username=advance",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "-D",
        ]);
        run(initdb.arg(cluster.data()))?;
        cluster.resume()?;
        Ok(Some(cluster))
    }

    /// Starts the server again.
    ///
    /// # Errors
    /// If it does not start.
    pub(crate) fn resume(&self) -> Outcome<()> {
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' {}",
            self.folder.path().display(),
            self.settings
        );
        let mut start = self.command("pg_ctl");
        start.args(["start", "-w", "-t", "120", "-s", "-o", &options, "-D"]);
        run(start
            .arg(self.data())
            .arg("-l")
            .arg(self.folder.path().join("log")))
    }

    /// Ends the server as a crash would: what it did not write is gone, and it recovers at the next start.
    ///
    /// # Errors
    /// If it is not running.
    #[allow(dead_code, reason = "not all who start one crash it")]
    pub(crate) fn crash(&self) -> Outcome<()> {
        let mut stop = self.command("pg_ctl");
        run(stop
            .args(["stop", "-m", "immediate", "-s", "-w", "-D"])
            .arg(self.data()))
    }

    /// The folder of its socket.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// How it is reached; without TLS, so that no root certificates are loaded for each connection.
    pub(crate) fn url(&self) -> String {
        format!(
            "host={} user=advance dbname=postgres sslmode=disable",
            self.folder().display()
        )
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Ends the server and takes its folder away once this process has closed its end of a pipe.
    fn watch(&self) -> Outcome<Child> {
        let script = r#"cat; "$0" stop -m immediate -s -w -D "$1"; rm -rf "$2""#;
        let mut shell = self.command_at(Path::new("/bin/sh"));
        shell.args(["-c", script]);
        shell
            .arg(self.bin.join("pg_ctl"))
            .arg(self.data())
            .arg(self.folder());
        // What a terminal tells the test to end does not end this.
        shell.process_group(0);
        shell
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Ok(shell.spawn()?)
    }

    fn command(&self, name: &str) -> Command {
        self.command_at(&self.bin.join(name))
    }

    /// A program that runs as the server does.
    pub(crate) fn command_at(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut watcher) = self.watcher.take() {
            drop(watcher.stdin.take());
            drop(watcher.wait());
        }
    }
}

fn run(command: &mut Command) -> Outcome<()> {
    // A server that is started keeps what it inherits, so nothing of it may be a pipe.
    let said = tempfile::tempfile()?;
    command.stdout(said.try_clone()?).stderr(said.try_clone()?);
    if command.status()?.success() {
        return Ok(());
    }
    let mut text = String::new();
    let mut said = said;
    std::io::Seek::rewind(&mut said)?;
    std::io::Read::read_to_string(&mut said, &mut text)?;
    Err(format!("{command:?}: {text}").into())
}

/// Where its programs are: `PG_BIN`, the PATH, or where Debian puts the newest.
pub(crate) fn binaries() -> Option<PathBuf> {
    let mut places: Vec<PathBuf> = std::env::var_os("PG_BIN")
        .map(PathBuf::from)
        .into_iter()
        .collect();
    places.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    let debian = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut debian: Vec<_> = debian.map(|version| version.path().join("bin")).collect();
    debian.sort();
    places.extend(debian.into_iter().rev());
    places.into_iter().find(|place| place.join("initdb").is_file())
}

/// Postgres refuses to run as root: whom to run it as there, by the accounts of this machine.
fn another_user() -> Outcome<Option<(u32, u32)>> {
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let accounts = fs::read_to_string("/etc/passwd")?;
    let account = |name: &str| -> Option<(u32, u32)> {
        let line = accounts
            .lines()
            .find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2);
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    };
    let found = account("postgres").or_else(|| account("nobody"));
    found
        .map(Some)
        .ok_or_else(|| "there is no account that Postgres could run as".into())
}
