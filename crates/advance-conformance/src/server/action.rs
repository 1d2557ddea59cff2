//! What a server can be told to do with a connection.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::journal::Seen;

/// The longest that a script holds a connection that neither side ends, so that a client without limits ends as well.
pub const PATIENCE: Duration = Duration::from_secs(4);

/// Depends on the request.
type ByRequest<T> = Arc<dyn Fn(&Seen) -> T + Send + Sync>;

/// One thing to do with a connection. A connection whose actions are over is closed.
#[derive(Clone)]
#[non_exhaustive]
pub enum Action {
    /// Reads a whole request into the journal. If the peer has closed, the connection is over.
    Read,
    /// Waits for the first bytes, of any kind, and leaves them out of the journal.
    ReadAny,
    /// Sends these bytes.
    Send(Arc<[u8]>),
    /// Sends these bytes one by one.
    Dribble {
        /// What to send.
        bytes: Arc<[u8]>,
        /// The pause after each byte.
        every: Duration,
    },
    /// Sends the same bytes over and over.
    Flood {
        /// What to send.
        unit: Arc<[u8]>,
        /// How often.
        times: u64,
        /// The pause after each time.
        every: Duration,
    },
    /// Answers the last request that was read.
    Answer(ByRequest<Vec<u8>>),
    /// Goes on with other actions, as the last request that was read asks for. The actions after it are not reached.
    Choose(ByRequest<Vec<Action>>),
    /// Does nothing for this long.
    Pause(Duration),
    /// Does nothing until the peer closes, or [`PATIENCE`] is over. What comes is not read.
    Hold,
    /// Reads and drops what comes until the peer closes, or [`PATIENCE`] is over.
    Drain,
    /// Says that nothing more will be sent (FIN), and goes on listening.
    HalfClose,
    /// Closes with RST.
    Reset,
    /// Closes without TLS's `close_notify`, as an attacker on the path would.
    Cut,
    /// Relays everything to this address, as a proxy does after `CONNECT`.
    Tunnel(SocketAddr),
    /// Starts over with the first action, for the next request of a connection that stays open.
    Again,
}

impl Action {
    /// [`Action::Send`].
    pub fn send(bytes: impl AsRef<[u8]>) -> Self {
        Self::Send(bytes.as_ref().into())
    }

    /// [`Action::Dribble`].
    pub fn dribble(bytes: impl AsRef<[u8]>, every: Duration) -> Self {
        Self::Dribble {
            bytes: bytes.as_ref().into(),
            every,
        }
    }

    /// [`Action::Flood`] without pauses.
    pub fn flood(unit: impl AsRef<[u8]>, times: u64) -> Self {
        Self::Flood {
            unit: unit.as_ref().into(),
            times,
            every: Duration::ZERO,
        }
    }

    /// [`Action::Answer`].
    pub fn answer(answer: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::Answer(Arc::new(answer))
    }

    /// [`Action::Choose`].
    pub fn choose(choose: impl Fn(&Seen) -> Vec<Self> + Send + Sync + 'static) -> Self {
        Self::Choose(Arc::new(choose))
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read => f.write_str("Read"),
            Self::ReadAny => f.write_str("ReadAny"),
            Self::Send(bytes) => write!(f, "Send({} bytes)", bytes.len()),
            Self::Dribble { bytes, every } => write!(f, "Dribble({} bytes, {every:?})", bytes.len()),
            Self::Flood { unit, times, .. } => write!(f, "Flood({} bytes, {times} times)", unit.len()),
            Self::Answer(_) => f.write_str("Answer"),
            Self::Choose(_) => f.write_str("Choose"),
            Self::Pause(duration) => write!(f, "Pause({duration:?})"),
            Self::Hold => f.write_str("Hold"),
            Self::Drain => f.write_str("Drain"),
            Self::HalfClose => f.write_str("HalfClose"),
            Self::Reset => f.write_str("Reset"),
            Self::Cut => f.write_str("Cut"),
            Self::Tunnel(address) => write!(f, "Tunnel({address})"),
            Self::Again => f.write_str("Again"),
        }
    }
}

/// What to do with each connection, in the order of their arrival.
#[derive(Clone, Debug)]
pub struct Script {
    connections: Vec<Arc<[Action]>>,
}

impl Script {
    /// The same actions for every connection.
    pub fn every(actions: impl Into<Arc<[Action]>>) -> Self {
        Self {
            connections: vec![actions.into()],
        }
    }

    /// Reads a request and sends these bytes, for every request of every connection.
    pub fn reply(bytes: impl AsRef<[u8]>) -> Self {
        Self::every([Action::Read, Action::send(bytes), Action::Again])
    }

    /// Other actions for the next connection and all that follow.
    #[must_use]
    pub fn then(mut self, actions: impl Into<Arc<[Action]>>) -> Self {
        self.connections.push(actions.into());
        self
    }

    pub(super) fn connection(&self, number: usize) -> Arc<[Action]> {
        self.connections
            .get(number)
            .or_else(|| self.connections.last())
            .map_or_else(|| Arc::from([]), Arc::clone)
    }
}
