//! A line to the database that breaks at the worst moment: after the database has committed, and before the answer.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::simulation::dice::Dice;

/// One commit in so many is cut.
const CUT: u64 = 60;

pub(super) struct Proxy {
    pub(super) port: u16,
    line: Arc<Line>,
}

struct Line {
    socket: PathBuf,
    dice: Mutex<Dice>,
    calm: AtomicBool,
    partitioned: AtomicBool,
    cuts: AtomicU64,
}

impl Proxy {
    pub(super) fn start(socket: PathBuf) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let line = Arc::new(Line {
            socket,
            dice: Mutex::new(Dice::new(11, 3)),
            calm: AtomicBool::new(false),
            partitioned: AtomicBool::new(false),
            cuts: AtomicU64::new(0),
        });
        let shared = Arc::clone(&line);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let line = Arc::clone(&shared);
                // A connection that breaks is its client's affair.
                thread::spawn(move || drop(line.serve(&client)));
            }
        });
        Ok(Self { port, line })
    }

    /// Nothing passes for so long, in either direction, and nothing is closed.
    pub(super) fn partition(&self, time: Duration) {
        self.line.partitioned.store(true, Ordering::SeqCst);
        thread::sleep(time);
        self.line.partitioned.store(false, Ordering::SeqCst);
    }

    /// Cuts no more.
    pub(super) fn calm(&self) {
        self.line.calm.store(true, Ordering::SeqCst);
    }

    pub(super) fn cuts(&self) -> u64 {
        self.line.cuts.load(Ordering::SeqCst)
    }
}

impl Line {
    fn serve(self: Arc<Self>, client: &TcpStream) -> io::Result<()> {
        // While the database is down, this closes the connection at once, as its own machine would.
        let server = UnixStream::connect(&self.socket)?;
        let (mut answers, mut back) = (server.try_clone()?, client.try_clone()?);
        let line = Arc::clone(&self);
        thread::spawn(move || {
            drop(line.carry(&mut answers, &mut back, |_| false));
            drop(back.shutdown(Shutdown::Both));
        });
        let (mut requests, mut there) = (client.try_clone()?, server.try_clone()?);
        let done = self.carry(&mut requests, &mut there, |bytes| self.cuts_here(bytes));
        drop((client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both)));
        done
    }

    /// Carries bytes to the end, or until what was carried makes it cut.
    fn carry(
        &self,
        from: &mut impl io::Read,
        to: &mut impl io::Write,
        cuts: impl Fn(&[u8]) -> bool,
    ) -> io::Result<()> {
        let mut bytes = vec![0; 64 * 1_024];
        loop {
            let count = from.read(&mut bytes)?;
            while self.partitioned.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(20));
            }
            if count == 0 {
                return Ok(());
            }
            let cut = cuts(&bytes[..count]);
            to.write_all(&bytes[..count])?;
            if cut {
                return Ok(());
            }
        }
    }

    /// Whether this has a commit that is to be cut. The answer cannot come through: it takes the database longer than
    /// closing takes here, or not, and both are wanted.
    fn cuts_here(&self, bytes: &[u8]) -> bool {
        let commits = bytes.windows(7).any(|window| window == b"COMMIT\0");
        let cut = commits
            && !self.calm.load(Ordering::SeqCst)
            && self
                .dice
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .below(CUT)
                == 0;
        self.cuts.fetch_add(u64::from(cut), Ordering::SeqCst);
        cut
    }
}
