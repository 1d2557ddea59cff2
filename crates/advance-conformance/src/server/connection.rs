//! One connection, played by its script.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::SockRef;

use super::action::{Action, PATIENCE};
use super::journal::{Journal, Seen};
use super::request::{Progress, parse};

/// How often a blocked connection looks whether its server has stopped.
const TICK: Duration = Duration::from_millis(10);

enum Wire {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Wire {
    const fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => &stream.sock,
        }
    }
}

impl Read for Wire {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(into),
            Self::Tls(stream) => stream.read(into),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

pub(super) struct Connection {
    wire: Wire,
    number: usize,
    unread: Vec<u8>,
    last: Option<Seen>,
    journal: Arc<Journal>,
    stop: Arc<AtomicBool>,
}

/// The script of this connection is over.
struct Over;

/// How a script came to its end.
enum Next {
    Again,
    Closed,
}

impl From<io::Error> for Over {
    fn from(_: io::Error) -> Self {
        Self
    }
}

impl Connection {
    pub(super) fn new(
        stream: TcpStream,
        tls: Option<&Arc<ServerConfig>>,
        number: usize,
        journal: Arc<Journal>,
        stop: Arc<AtomicBool>,
    ) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TICK))?;
        stream.set_write_timeout(Some(TICK))?;
        let wire = match tls {
            None => Wire::Plain(stream),
            Some(config) => {
                let session = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
                Wire::Tls(Box::new(StreamOwned::new(session, stream)))
            }
        };
        Ok(Self {
            wire,
            number,
            unread: Vec::new(),
            last: None,
            journal,
            stop,
        })
    }

    pub(super) fn play(&mut self, actions: &[Action]) {
        while let Ok(Next::Again) = self.run(actions) {}
    }

    fn run(&mut self, actions: &[Action]) -> Result<Next, Over> {
        for action in actions {
            match action {
                Action::Again => return Ok(Next::Again),
                Action::Reset => {
                    SockRef::from(self.wire.socket()).set_linger(Some(Duration::ZERO))?;
                    return Err(Over);
                }
                Action::Cut => {
                    self.wire.socket().shutdown(Shutdown::Both)?;
                    return Err(Over);
                }
                Action::Choose(choose) => {
                    let chosen = choose(self.last.as_ref().ok_or(Over)?);
                    return self.run(&chosen);
                }
                _ => self.act(action)?,
            }
        }
        self.close();
        Ok(Next::Closed)
    }

    fn act(&mut self, action: &Action) -> Result<(), Over> {
        match action {
            Action::Read => self.read_request(),
            Action::ReadAny => self.fill().map(drop),
            Action::Send(bytes) => self.write(bytes),
            Action::Dribble { bytes, every } => bytes.chunks(1).try_for_each(|byte| {
                self.write(byte)?;
                self.pause(*every)
            }),
            Action::Flood { unit, times, every } => (0..*times).try_for_each(|_| {
                self.write(unit)?;
                self.pause(*every)
            }),
            Action::Answer(answer) => {
                let reply = self.last.as_ref().map(|seen| answer(seen)).ok_or(Over)?;
                self.write(&reply)
            }
            Action::Pause(duration) => self.pause(*duration),
            Action::Hold => self.hold(),
            Action::Drain => self.drain(),
            Action::HalfClose => Ok(self.wire.socket().shutdown(Shutdown::Write)?),
            Action::Tunnel(address) => self.tunnel(*address),
            // They end the script, and are seen to there.
            Action::Reset | Action::Cut | Action::Again | Action::Choose(_) => Ok(()),
        }
    }

    fn read_request(&mut self) -> Result<(), Over> {
        loop {
            match parse(&self.unread, self.number) {
                Progress::Whole(seen, length) => {
                    self.unread.drain(..length);
                    self.journal.saw(seen.clone());
                    self.last = Some(seen);
                    return Ok(());
                }
                Progress::Garbage => return Err(Over),
                Progress::Partial => self.fill()?,
            }
        }
    }

    /// Reads some more bytes.
    fn fill(&mut self) -> Result<(), Over> {
        let mut room = [0; 16 * 1024];
        loop {
            self.going()?;
            match self.wire.read(&mut room) {
                Ok(0) => {
                    self.journal.peer_left();
                    return Err(Over);
                }
                Ok(length) => {
                    self.unread.extend_from_slice(&room[..length]);
                    return Ok(());
                }
                Err(error) if later(&error) => {}
                Err(_) => {
                    self.journal.peer_left();
                    return Err(Over);
                }
            }
        }
    }

    fn write(&mut self, mut bytes: &[u8]) -> Result<(), Over> {
        while !bytes.is_empty() {
            self.going()?;
            match self.wire.write(bytes) {
                Ok(0) => return Err(Over),
                Ok(length) => {
                    self.journal.wrote(length);
                    bytes = &bytes[length..];
                }
                Err(error) if later(&error) => {}
                Err(_) => {
                    self.journal.peer_left();
                    return Err(Over);
                }
            }
        }
        Ok(())
    }

    fn pause(&self, duration: Duration) -> Result<(), Over> {
        let until = Instant::now() + duration;
        loop {
            self.going()?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(TICK));
        }
    }

    /// Looks for the peer's FIN without taking bytes off the socket.
    fn hold(&self) -> Result<(), Over> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            self.going()?;
            match self.wire.socket().peek(&mut [0]) {
                Ok(0) => {
                    self.journal.peer_left();
                    return Err(Over);
                }
                Ok(_) => std::thread::sleep(TICK),
                Err(error) if later(&error) => {}
                Err(_) => {
                    self.journal.peer_left();
                    return Err(Over);
                }
            }
        }
        Ok(())
    }

    fn drain(&mut self) -> Result<(), Over> {
        let until = Instant::now() + PATIENCE;
        let mut room = [0; 16 * 1024];
        while Instant::now() < until {
            self.going()?;
            match self.wire.read(&mut room) {
                Ok(length) if length > 0 => {}
                Err(error) if later(&error) => {}
                _ => {
                    self.journal.peer_left();
                    return Err(Over);
                }
            }
        }
        Ok(())
    }

    fn tunnel(&mut self, address: SocketAddr) -> Result<(), Over> {
        let mut other = TcpStream::connect(address)?;
        other.set_nodelay(true)?;
        // One thread serves both ways, so each way waits only briefly.
        let brief = Some(Duration::from_millis(1));
        other.set_read_timeout(brief)?;
        self.wire.socket().set_read_timeout(brief)?;
        self.wire.socket().set_write_timeout(Some(PATIENCE))?;
        other.write_all(&std::mem::take(&mut self.unread))?;
        let mut room = [0; 16 * 1024];
        loop {
            self.going()?;
            match self.wire.read(&mut room) {
                Ok(0) => return Err(Over),
                Ok(length) => other.write_all(&room[..length])?,
                Err(error) if later(&error) => {}
                Err(_) => return Err(Over),
            }
            match other.read(&mut room) {
                Ok(0) => return Err(Over),
                Ok(length) => self.wire.write_all(&room[..length])?,
                Err(error) if later(&error) => {}
                Err(_) => return Err(Over),
            }
        }
    }

    fn close(&mut self) {
        if let Wire::Tls(stream) = &mut self.wire {
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
        let _ = self.wire.socket().shutdown(Shutdown::Write);
    }

    fn going(&self) -> Result<(), Over> {
        if self.stop.load(Ordering::SeqCst) {
            Err(Over)
        } else {
            Ok(())
        }
    }
}

/// Whether it was only the tick that ran out.
fn later(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}
