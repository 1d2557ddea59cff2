//! A Postgres of the test's own: in a temporary folder, on a Unix socket, as a user who is not root.

use std::error::Error;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A server that ends with this.
#[derive(Debug)]
pub(crate) struct Cluster {
    folder: TempDir,
    bin: PathBuf,
    owner: Option<(u32, u32)>,
    settings: &'static str,
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
        let cluster = Self {
            folder,
            bin,
            owner,
            settings,
        };
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

    /// Its socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join(".s.PGSQL.5432")
    }

    /// How it is reached.
    pub(crate) fn url(&self) -> String {
        format!(
            "host={} user=advance dbname=postgres",
            self.folder.path().display()
        )
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin.join(name));
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It may have been ended by the test.
        drop(self.crash());
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
fn binaries() -> Option<PathBuf> {
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
