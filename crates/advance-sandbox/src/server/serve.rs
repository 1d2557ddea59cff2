//! Accepting connections, and how serving starts and ends.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, watch};

use super::answer::{Conversation, Role, answer};
use super::desk::Desk;
use super::line::{Grip, Line};
use super::stream::Stream;
use super::tls::Acceptor;
use super::{Event, StartError, Wish};

/// How long a client may dawdle once the sandbox is to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connections that may wait to be accepted. A test that opens a thousand at once would find the usual 128 places
/// taken, and the system tries again only a second later.
const QUEUE: u32 = 4096;

/// How long to wait when there are no more descriptors.
const BREATH: Duration = Duration::from_millis(50);
/// How often it is said that there are none.
const SAID_AGAIN: Duration = Duration::from_secs(10);

/// A listener, and what it is for.
pub(super) struct Door {
    pub(super) listener: TcpListener,
    pub(super) role: Role,
}

pub(super) fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Listens, within a runtime.
pub(super) fn bind(listen: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let bound = (|| {
        let socket = if listen.is_ipv4() {
            TcpSocket::new_v4()
        } else {
            TcpSocket::new_v6()
        }?;
        // On Windows it would share the port with the program that has it already.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(listen)?;
        let listener = socket.listen(QUEUE)?;
        let addr = listener.local_addr()?;
        Ok((listener, addr))
    })();
    bound.map_err(|source| StartError::Listen { listen, source })
}

/// What connections hear from the ones that accept them.
#[derive(Clone)]
struct House {
    desk: Desk,
    acceptor: Acceptor,
    /// Changes when idle connections are to make room.
    crowded: watch::Sender<()>,
    /// Is dropped with each connection, so that its end can be waited for.
    open: mpsc::Sender<()>,
}

/// Serves until it is told to end.
pub(super) async fn serve(doors: Vec<Door>, desk: Desk, acceptor: Acceptor) {
    let mut wishes = desk.ending.clone();
    let (open, mut closed) = mpsc::channel(1);
    let house = House {
        desk,
        acceptor,
        crowded: watch::Sender::new(()),
        open,
    };
    let doors: Vec<_> = doors
        .into_iter()
        .map(|door| tokio::spawn(accept(door, house.clone())))
        .collect();
    until(&mut wishes, |wish| wish != Wish::Serve).await;
    for door in doors {
        door.abort();
        // Its listener is closed when it has ended.
        let _ = door.await;
    }
    drop(house);
    tokio::select! {
        // Nothing is ever sent: this is the end of the last connection.
        _ = closed.recv() => {}
        () = tokio::time::sleep(PATIENCE) => {}
        () = until(&mut wishes, |wish| wish == Wish::Stop) => {}
    }
}

/// Also returns when there is no longer anything that could wish.
async fn until(wishes: &mut watch::Receiver<Wish>, wanted: impl Fn(Wish) -> bool) {
    let _ = wishes.wait_for(|wish| wanted(*wish)).await;
}

async fn accept(door: Door, house: House) {
    let mut said: Option<Instant> = None;
    loop {
        match door.listener.accept().await {
            Ok((stream, peer)) => {
                tokio::spawn(receive(stream, peer, door.role, house.clone()));
            }
            // A client that has gone again is no reason to wait.
            Err(error) if is_of_one_client(&error) => {}
            Err(_) => {
                house.crowded.send_replace(());
                if said.is_none_or(|said| said.elapsed() > SAID_AGAIN) {
                    said = Some(Instant::now());
                    house.desk.feed.say(Event::OutOfDescriptors);
                }
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

fn is_of_one_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}

async fn receive(stream: TcpStream, peer: SocketAddr, role: Role, house: House) {
    // A reply is two small writes, and the second must not wait until the first one is acknowledged.
    let _ = stream.set_nodelay(true);
    let Ok(local) = stream.local_addr() else {
        return;
    };
    let limit = house.desk.limits.read;
    let accepted = tokio::time::timeout(limit, house.acceptor.accept(stream)).await;
    if let Ok(Ok(stream)) = accepted {
        converse(stream, (peer, local), role, house).await;
    }
}

async fn converse(stream: Stream, (peer, local): (SocketAddr, SocketAddr), role: Role, house: House) {
    let House {
        desk,
        crowded,
        open: _open,
        ..
    } = house;
    let limits = desk.limits;
    let mut wishes = desk.ending.clone();
    let mut crowded = crowded.subscribe();
    let grip = Arc::new(Grip::default());
    let line = Line::new(stream, Arc::clone(&grip), limits.write);
    let talk = Arc::new(Conversation {
        desk,
        grip: Arc::clone(&grip),
        peer,
        local,
        role,
    });
    let service = service_fn(move |request| answer(Arc::clone(&talk), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.idle)
        // The model's is the only one.
        .auto_date_header(false)
        .serve_connection(TokioIo::new(line), service);
    let mut connection = std::pin::pin!(connection);
    let mut leaving = false;
    loop {
        tokio::select! {
            // An error is the client's, or planned.
            _ = connection.as_mut() => break,
            () = until(&mut wishes, |wish| wish != Wish::Serve), if !leaving => {
                leaving = true;
                connection.as_mut().graceful_shutdown();
            }
            Ok(()) = crowded.changed(), if !leaving => {
                if !grip.is_busy() {
                    break;
                }
            }
        }
    }
}
