//! Why a sandbox did not start.

use std::fmt;
use std::io;
use std::net::SocketAddr;

/// Why a sandbox did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// Other machines could reach this address, and that was not allowed.
    NotLoopback(SocketAddr),
    /// The address could not be listened on.
    Listen {
        /// The address.
        listen: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// Links cannot begin with this.
    PublicBase(String),
    /// There is no certificate to be had; what the TLS library says.
    Tls(String),
    /// There is no thread or runtime to be had.
    Thread(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLoopback(addr) => write!(
                f,
                "{addr} can be reached by other machines, which would control the sandbox; allow it explicitly"
            ),
            Self::Listen { listen, source } if source.kind() == io::ErrorKind::AddrInUse => {
                write!(f, "{listen} is in use already; port 0 is a free one")
            }
            Self::Listen { listen, .. } => write!(f, "the sandbox cannot listen on {listen}"),
            Self::PublicBase(base) => write!(
                f,
                "links cannot begin with {base:?}; they can with https://NAME, a port and a path, and no more"
            ),
            Self::Tls(why) => write!(f, "the sandbox cannot make its certificate: {why}"),
            Self::Thread(_) => f.write_str("the sandbox cannot start its thread"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotLoopback(_) | Self::PublicBase(_) | Self::Tls(_) => None,
            Self::Listen { source, .. } | Self::Thread(source) => Some(source),
        }
    }
}
