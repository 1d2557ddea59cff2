//! The one handler of the shell, and how it starts and ends.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::serve::ListenerExt as _;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use super::{Event, Feed, StartError, Wish};
use crate::model::{MAX_BODY, UnderWay, UnixMs, Vendor};

/// How long a client may dawdle once the sandbox is to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connections that may wait to be accepted. A test that opens a thousand at once would find the usual 128 places
/// taken, and the system tries again only a second later.
const QUEUE: u32 = 4096;

type Shared = Arc<Mutex<Vendor>>;

/// The model, and how many requests are under way.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) vendor: Shared,
    feed: Feed,
    under_way: Arc<AtomicU32>,
}

impl Desk {
    pub(super) fn new(vendor: Shared, feed: Feed) -> Self {
        Self {
            vendor,
            feed,
            under_way: Arc::default(),
        }
    }
}

/// One of the requests under way, until it is answered or its client has gone.
struct Visit(Arc<AtomicU32>);

impl Visit {
    fn begin(under_way: &Arc<AtomicU32>) -> (Self, UnderWay) {
        let others = under_way.fetch_add(1, Ordering::Relaxed);
        (Self(Arc::clone(under_way)), UnderWay(others + 1))
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A runtime that listens, and where.
pub(super) fn open(listen: SocketAddr) -> Result<(Runtime, TcpListener, SocketAddr), StartError> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(StartError::Thread)?;
    let listener = runtime
        .block_on(async { bind(listen) })
        .map_err(StartError::Listen)?;
    let addr = listener.local_addr().map_err(StartError::Listen)?;
    Ok((runtime, listener, addr))
}

fn bind(listen: SocketAddr) -> io::Result<TcpListener> {
    let socket = if listen.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    // On Windows it would share the port with whoever has it already.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(listen)?;
    socket.listen(QUEUE)
}

/// The model, also after somebody panicked while holding it: each of its transitions is complete or harmless.
pub(super) fn lock(vendor: &Mutex<Vendor>) -> MutexGuard<'_, Vendor> {
    vendor.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves until it is told to end.
pub(super) async fn serve(listener: TcpListener, desk: Desk, mut wishes: watch::Receiver<Wish>) {
    // A reply is two small writes, and the second must not wait until the first one is acknowledged.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let app = Router::new().fallback(answer).with_state(desk);
    let mut finish = wishes.clone();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        until(&mut finish, |wish| wish != Wish::Serve).await;
    });
    let out_of_patience = async {
        until(&mut wishes, |wish| wish != Wish::Serve).await;
        tokio::select! {
            () = tokio::time::sleep(PATIENCE) => {}
            () = until(&mut wishes, |wish| wish == Wish::Stop) => {}
        }
    };
    tokio::select! {
        _ = server => {}
        () = out_of_patience => {}
    }
}

/// Also returns when nobody is left to wish for anything.
async fn until(wishes: &mut watch::Receiver<Wish>, wanted: impl Fn(Wish) -> bool) {
    let _ = wishes.wait_for(|wish| wanted(*wish)).await;
}

async fn answer(State(desk): State<Desk>, request: Request) -> Response {
    let began = Instant::now();
    let (_visit, under_way) = Visit::begin(&desk.under_way);
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(under_way);
    // The model judges the length alone, so that zeros do for what was not read. If the body broke off instead, there
    // is nobody left to read the reply.
    let body = match to_bytes(body, MAX_BODY).await {
        Ok(body) => body.to_vec(),
        Err(_) => vec![0; MAX_BODY + 1],
    };
    let request = Request::from_parts(parts, body);
    let (reply, delay, entry) = {
        let mut vendor = lock(&desk.vendor);
        let before = vendor.journal().total();
        let reply = vendor.handle(&request, now());
        let entry = desk.feed.is_heard().then(|| {
            let newest = vendor.journal().entries().next_back();
            newest.filter(|_| vendor.journal().total() > before).cloned()
        });
        (reply, vendor.behaviour().delay, entry.flatten())
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    if let Some(entry) = entry {
        desk.feed.say(Event::Answered {
            entry: Box::new(entry),
            duration: began.elapsed(),
        });
    }
    reply.map(Body::from)
}

pub(super) fn now() -> UnixMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMs(0).after(since)
}
