//! A scripted server over loopback that does all that a network can do to a client, and keeps a journal of it.
//!
//! Every server runs on threads of its own and joins them when it is dropped.
//!
//! ```
//! use std::io::{Read, Write};
//! use std::net::TcpStream;
//!
//! use advance_conformance::server::{Action, Script, Server};
//!
//! // Promises nine bytes, sends one, and closes.
//! let torn = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{";
//! let server = Server::plain(Script::every([Action::Read, Action::send(torn)]))?;
//!
//! let mut client = TcpStream::connect(server.address())?;
//! client.write_all(b"POST /x HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n{}")?;
//! let mut reply = String::new();
//! client.read_to_string(&mut reply)?;
//!
//! assert_eq!(reply, torn);
//! assert_eq!(server.journal().requests()[0].body, b"{}");
//! # Ok::<(), std::io::Error>(())
//! ```

mod action;
mod backlog;
mod connection;
mod journal;
mod pki;
mod request;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::ServerConfig;

pub use action::{Action, PATIENCE, Script};
pub use backlog::Backlog;
pub use journal::{Journal, Seen};
pub(crate) use pki::BEHIND_A_PROXY;
pub use pki::{Identity, Pki};

use connection::Connection;

/// A server that plays its script to everybody who connects.
pub struct Server {
    address: SocketAddr,
    journal: Arc<Journal>,
    stop: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
    secure: bool,
}

impl Server {
    /// Listens on a free port of 127.0.0.1, without TLS.
    ///
    /// # Errors
    /// What the operating system says, if it gives no port or no thread.
    pub fn plain(script: Script) -> io::Result<Self> {
        Self::listen(script, None)
    }

    /// The same with TLS, as this identity.
    ///
    /// # Errors
    /// What the operating system says, if it gives no port or no thread.
    pub fn tls(script: Script, identity: &Identity) -> io::Result<Self> {
        Self::listen(script, Some(identity.config()))
    }

    fn listen(script: Script, tls: Option<Arc<ServerConfig>>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let journal = Arc::new(Journal::default());
        let stop = Arc::new(AtomicBool::new(false));
        let secure = tls.is_some();
        let shared = (Arc::clone(&journal), Arc::clone(&stop));
        let acceptor = std::thread::Builder::new()
            .name("hostile-accept".into())
            .spawn(move || accept(&listener, &script, tls.as_ref(), &shared.0, &shared.1))?;
        Ok(Self {
            address,
            journal,
            stop,
            acceptor: Some(acceptor),
            secure,
        })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// An absolute URL of this server; `target` begins with a slash.
    pub fn url(&self, target: &str) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}{target}", self.address)
    }

    /// What it saw so far.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the acceptor; if it cannot be woken it is past accepting already.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

fn accept(
    listener: &TcpListener,
    script: &Script,
    tls: Option<&Arc<ServerConfig>>,
    journal: &Arc<Journal>,
    stop: &Arc<AtomicBool>,
) {
    let mut players: Vec<JoinHandle<()>> = Vec::new();
    let count = AtomicUsize::new(0);
    while let Ok((stream, _)) = listener.accept() {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let number = count.fetch_add(1, Ordering::SeqCst);
        journal.connected();
        let actions = script.connection(number);
        let Ok(mut connection) = Connection::new(stream, tls, number, Arc::clone(journal), Arc::clone(stop))
        else {
            continue;
        };
        let player = std::thread::Builder::new()
            .name("hostile-connection".into())
            .spawn(move || connection.play(&actions));
        // Without a thread the connection is dropped: one more thing that a network can do.
        players.extend(player);
        players.retain(|player| !player.is_finished());
    }
    for player in players {
        let _ = player.join();
    }
}
