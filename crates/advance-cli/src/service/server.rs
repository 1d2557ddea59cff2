//! A small HTTP server for short answers: bounded in size, time and number, on a thread of its own.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
#[cfg(unix)]
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime;
use tokio::sync::{Semaphore, watch};

use super::reply;

/// Connections at the same time; the next ones wait to be accepted.
const CONNECTIONS: usize = 128;
/// Requests that are worked on at the same time; more are told to come again.
const REQUESTS: usize = 16;
/// The largest body that is taken.
pub(crate) const MAX_BODY: usize = 64 * 1_024;
const MAX_HEAD: usize = 16 * 1_024;
/// How long a client may take over a head, and over a body.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a connection may live, and how much longer its last request may take.
const LIFE: Duration = Duration::from_secs(60);
/// How long those under way may take once it is to end: longer than a call to the vendor takes.
const GOODBYE: Duration = Duration::from_secs(50);
/// How long to wait when no connection can be accepted.
const BREATH: Duration = Duration::from_millis(50);

/// How much longer, and how much more, a request that was refused may send, so that its client gets to the answer.
const LINGER: Duration = Duration::from_secs(1);
const PASSED: usize = 1_024 * 1_024;

/// Answers requests.
pub(crate) trait Handler: Send + Sync {
    /// The answer to a request that may not be made, by its head alone. It is asked before a body is read and before any limit
    /// answers, and must not block.
    fn refuses(&self, _head: &Parts, _whence: Whence) -> Option<Response<Vec<u8>>> {
        None
    }

    /// The answer to a request. It may block.
    fn answer(&self, request: &Request<Bytes>, whence: Whence) -> Response<Vec<u8>>;
}

impl<F> Handler for F
where
    F: Fn(&Request<Bytes>, Whence) -> Response<Vec<u8>> + Send + Sync,
{
    fn answer(&self, request: &Request<Bytes>, whence: Whence) -> Response<Vec<u8>> {
        self(request, whence)
    }
}

/// How a request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whence {
    /// To this address of this machine.
    Tcp(IpAddr),
    /// By a socket in the file system, whose permissions say who may.
    Unix,
}

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// A server that ends when it is dropped, once those under way are answered.
pub(crate) struct Server {
    addr: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(at: &At, handler: Arc<dyn Handler>) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(REQUESTS)
            .build()?;
        let (stop, stopped) = watch::channel(false);
        let listener = runtime.block_on(async { Listener::bind(at) })?;
        let addr = listener.addr();
        let thread = thread::Builder::new().name("http".to_owned()).spawn(move || {
            runtime.block_on(serve(listener, handler, stopped));
            // What is still at work now does not end.
            runtime.shutdown_background();
        })?;
        Ok(Self {
            addr,
            stop,
            thread: Some(thread),
        })
    }

    /// The address, unless it is a socket in the file system.
    pub(crate) const fn addr(&self) -> Option<SocketAddr> {
        self.addr
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A panic of that thread was reported when it happened.
            let _ = thread.join();
        }
    }
}

enum Listener {
    Tcp(tokio::net::TcpListener),
    #[cfg(unix)]
    Unix(tokio::net::UnixListener, PathBuf),
}

impl Listener {
    fn bind(at: &At) -> io::Result<Self> {
        match at {
            At::Tcp(addr) => {
                let listener = std::net::TcpListener::bind(addr)?;
                listener.set_nonblocking(true)?;
                Ok(Self::Tcp(tokio::net::TcpListener::from_std(listener)?))
            }
            #[cfg(unix)]
            At::Unix(path) => Ok(Self::Unix(bind_private(path)?, path.clone())),
            #[cfg(not(unix))]
            At::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    fn addr(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            #[cfg(unix)]
            Self::Unix(..) => None,
        }
    }
}

/// Binds a socket that is its owner's from the beginning on: in a folder that no other user can enter, from which it is moved
/// to its place.
#[cfg(unix)]
fn bind_private(path: &Path) -> io::Result<tokio::net::UnixListener> {
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};

    if let Ok(old) = std::fs::symlink_metadata(path) {
        // One of a process that was killed refuses, and gives way. One that cannot be asked may be another user's.
        let is_dead = old.file_type().is_socket()
            && std::os::unix::net::UnixStream::connect(path)
                .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
        if !is_dead {
            return Err(io::ErrorKind::AddrInUse.into());
        }
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = tempfile::Builder::new()
        .prefix(".")
        .permissions(std::fs::Permissions::from_mode(0o700))
        .tempdir_in(parent.unwrap_or_else(|| Path::new(".")))?;
    let hidden = folder.path().join("s");
    let listener = tokio::net::UnixListener::bind(&hidden)?;
    std::fs::set_permissions(&hidden, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&hidden, path)?;
    Ok(listener)
}

#[cfg(unix)]
impl Drop for Listener {
    fn drop(&mut self) {
        if let Self::Unix(_, path) = self {
            // It may be gone already, which is all that is wanted.
            let _ = std::fs::remove_file(path);
        }
    }
}

async fn serve(listener: Listener, handler: Arc<dyn Handler>, mut stopped: watch::Receiver<bool>) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    let requests = Arc::new(Semaphore::new(REQUESTS));
    loop {
        let Ok(place) = Arc::clone(&connections).acquire_owned().await else {
            return;
        };
        let (handler, requests, ending) = (Arc::clone(&handler), Arc::clone(&requests), stopped.clone());
        let accepted = tokio::select! {
            accepted = accept(&listener) => accepted,
            _ = stopped.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, whence)) => {
                tokio::spawn(async move {
                    converse(stream, whence, handler, requests, ending).await;
                    drop(place);
                });
            }
            Err(_) => tokio::time::sleep(BREATH).await,
        }
    }
    drop(listener);
    let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
    // All places are free when the last connection has ended.
    let _ = tokio::time::timeout(GOODBYE, connections.acquire_many(all)).await;
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

async fn accept(listener: &Listener) -> io::Result<(Box<dyn Stream>, Whence)> {
    match listener {
        Listener::Tcp(listener) => {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let local = stream.local_addr()?.ip();
            Ok((Box::new(stream), Whence::Tcp(local)))
        }
        #[cfg(unix)]
        Listener::Unix(listener, _) => {
            let (stream, _) = listener.accept().await?;
            Ok((Box::new(stream), Whence::Unix))
        }
    }
}

async fn converse(
    stream: Box<dyn Stream>,
    whence: Whence,
    handler: Arc<dyn Handler>,
    requests: Arc<Semaphore>,
    mut ending: watch::Receiver<bool>,
) {
    let service =
        service_fn(move |request| answer(request, whence, Arc::clone(&handler), Arc::clone(&requests)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // An error is the client's.
        _ = connection.as_mut() => return,
        () = tokio::time::sleep(LIFE) => {}
        _ = ending.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(LIFE, connection).await;
}

async fn answer(
    request: Request<Incoming>,
    whence: Whence,
    handler: Arc<dyn Handler>,
    requests: Arc<Semaphore>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    if let Some(refused) = handler.refuses(&head, whence) {
        tokio::spawn(let_go(body));
        return Ok(finished(closing(refused)));
    }
    let read = tokio::time::timeout(PATIENCE, Limited::new(body, MAX_BODY).collect()).await;
    let response = match read {
        Err(_) => reply::problem(StatusCode::REQUEST_TIMEOUT, "the body did not come in time"),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            reply::problem(StatusCode::PAYLOAD_TOO_LARGE, "the body has more than 64 KiB")
        }
        Ok(Err(_)) => reply::problem(StatusCode::BAD_REQUEST, "the body broke off"),
        Ok(Ok(body)) => match requests.try_acquire_owned() {
            Err(_) => reply::come_again("too many requests are under way"),
            Ok(place) => {
                let request = Request::from_parts(head, body.to_bytes());
                let answered = tokio::task::spawn_blocking(move || {
                    let response = handler.answer(&request, whence);
                    drop(place);
                    response
                });
                let broken =
                    |_| reply::problem(StatusCode::INTERNAL_SERVER_ERROR, "the request was not answered");
                answered.await.unwrap_or_else(broken)
            }
        },
    };
    Ok(finished(response))
}

/// Reads past what a client still sends: a connection that is closed over it may take the answer with it.
async fn let_go(mut body: Incoming) {
    let reading = async {
        let mut passed = 0;
        while let Some(Ok(frame)) = body.frame().await {
            passed += frame.data_ref().map_or(0, Bytes::len);
            if passed > PASSED {
                break;
            }
        }
    };
    // What it was is of no interest.
    let _ = tokio::time::timeout(LINGER, reading).await;
}

/// One request a connection: who may not ask does not hold its place.
fn closing(mut response: Response<Vec<u8>>) -> Response<Vec<u8>> {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

fn finished(response: Response<Vec<u8>>) -> Response<Full<Bytes>> {
    let mut response = response.map(|body| Full::new(Bytes::from(body)));
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn serve(path: &Path) -> io::Result<Server> {
        let nothing = |_: &Request<Bytes>, _| reply::problem(StatusCode::NOT_FOUND, "nothing is here");
        Server::start(&At::Unix(path.to_owned()), Arc::new(nothing))
    }

    #[test]
    fn a_socket_takes_the_place_of_a_dead_one_and_of_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("intake.sock");
        // That of a process that was killed.
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let server = serve(&path).unwrap();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(serve(&path).is_err(), "a living one");
        drop(server);
        assert!(!path.exists());
        std::fs::write(&path, "a file").unwrap();
        assert!(serve(&path).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"a file");
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 1, "no folder is left behind");
    }
}
