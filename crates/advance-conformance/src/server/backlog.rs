//! A listener that accepts no connection: its backlog is full, so that a connect hangs as it does behind a silent firewall.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use super::action::PATIENCE;

/// More fillers than any backlog asked for here takes.
const FILLERS: usize = 64;

/// A listener with a full backlog, until it is dropped or [`PATIENCE`] is over.
pub struct Backlog {
    address: SocketAddr,
    release: Option<Sender<()>>,
    holder: Option<JoinHandle<()>>,
}

impl Backlog {
    /// Listens on a free port of 127.0.0.1 and fills the backlog.
    ///
    /// # Errors
    /// What the operating system says; [`io::ErrorKind::Unsupported`] if its backlog cannot be filled.
    pub fn full() -> io::Result<Self> {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        listener.listen(1)?;
        let address = listener
            .local_addr()?
            .as_socket()
            .ok_or(io::ErrorKind::AddrNotAvailable)?;
        let mut fillers = Vec::new();
        for _ in 0..FILLERS {
            match TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
                Ok(stream) => fillers.push(stream),
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                    return Self::hold(address, (listener, fillers));
                }
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::Unsupported.into())
    }

    fn hold(address: SocketAddr, held: (Socket, Vec<TcpStream>)) -> io::Result<Self> {
        let (release, released) = channel::<()>();
        let holder = std::thread::Builder::new()
            .name("hostile-backlog".into())
            .spawn(move || {
                // Dropping the sender ends the wait.
                let _ = released.recv_timeout(PATIENCE);
                drop(held);
            })?;
        Ok(Self {
            address,
            release: Some(release),
            holder: Some(holder),
        })
    }

    /// Where no connection is accepted.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl fmt::Debug for Backlog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backlog")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Drop for Backlog {
    fn drop(&mut self) {
        self.release = None;
        if let Some(holder) = self.holder.take() {
            let _ = holder.join();
        }
    }
}
