//! A listener that lets nobody in: its backlog is full, so that a connect hangs as it does behind a silent firewall.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// More fillers than any backlog asked for here takes.
const FILLERS: usize = 64;

/// A listener with a full backlog, until it is dropped.
pub struct Backlog {
    address: SocketAddr,
    _listener: Socket,
    _fillers: Vec<TcpStream>,
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
                    return Ok(Self {
                        address,
                        _listener: listener,
                        _fillers: fillers,
                    });
                }
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Where nobody gets in.
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
