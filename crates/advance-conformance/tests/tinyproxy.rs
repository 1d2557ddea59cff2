//! Both transports through a proxy that is not ours and wants a password.
#![allow(clippy::unwrap_used)] // A panic is how a test fails.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use advance_conformance::server::{Action, Pki, Script, Server};
use advance_core::transport::{Failure, FailureKind, Limits, Sent};
use advance_core::{AsyncTransport as _, Transport as _};
use advance_reqwest::ReqwestTransport;
use advance_ureq::UreqTransport;
use http::{Request, Response};

#[path = "../examples/transports/tokio_runtime.rs"]
mod tokio_runtime;

const LIMITS: Limits = Limits::new(Duration::from_secs(10), 64);
const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/// A tinyproxy that lets `somebody` through to a proxy of the suite, which knows the way.
struct Tinyproxy {
    running: Child,
    address: SocketAddr,
}

impl Tinyproxy {
    fn before(upstream: SocketAddr) -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let settings = std::env::temp_dir().join(format!("tinyproxy-{}.conf", address.port()));
        let text = format!(
            "Port {}\nListen 127.0.0.1\nTimeout 10\nMaxClients 20\nBasicAuth somebody s3cret-word.9\n\
             Upstream http {upstream}\n",
            address.port()
        );
        std::fs::write(&settings, text).unwrap();
        let running = Command::new("tinyproxy")
            .arg("-d")
            .arg("-c")
            .arg(&settings)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let this = Self { running, address };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(
                begun.elapsed() < Duration::from_secs(10),
                "tinyproxy does not listen"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        std::fs::remove_file(settings).unwrap();
        this
    }

    fn url(&self, password: &str) -> String {
        format!("http://somebody:{password}@{}", self.address)
    }
}

impl Drop for Tinyproxy {
    fn drop(&mut self) {
        let _ = self.running.kill();
        let _ = self.running.wait();
    }
}

fn both(proxy: &str, root: &[u8], url: &str) -> [Result<Response<Vec<u8>>, Failure>; 2] {
    let post = || Request::post(url).body(b"{}".to_vec()).unwrap();
    let ureq = UreqTransport::builder()
        .tls_certs_only(root)
        .proxy(proxy)
        .build()
        .unwrap();
    let reqwest = ReqwestTransport::builder()
        .tls_certs_only(root)
        .proxy(proxy)
        .build()
        .unwrap();
    let mut answer = None;
    tokio_runtime::block_on(Box::pin(async {
        answer = Some(reqwest.send(post(), &LIMITS).await);
    }));
    [ureq.send(post(), &LIMITS), answer.unwrap()]
}

/// What a failure says, and all that it came from.
fn story(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(story).unwrap_or_default();
    format!("{error} {error:?} / {cause}")
}

#[test]
#[ignore = "needs tinyproxy: apt-get install tinyproxy, and cargo xtask ci proxy"]
fn fault_100_a_proxy_that_wants_a_password_gets_it_and_no_other_will_do() {
    let pki = Pki::new().unwrap();
    let origin = Server::tls(Script::reply(FINE), &pki.good).unwrap();
    let way = Server::plain(Script::every([
        Action::Read,
        Action::send("HTTP/1.1 200 Connection established\r\n\r\n"),
        Action::Tunnel(origin.address()),
    ]))
    .unwrap();
    let tinyproxy = Tinyproxy::before(way.address());
    let url = format!("https://conformance.test:{}/x", origin.address().port());
    for answer in both(&tinyproxy.url("s3cret-word.9"), pki.root(), &url) {
        assert_eq!(answer.unwrap().body(), b"{}");
    }
    assert_eq!(origin.journal().requests().len(), 2);
    for answer in both(&tinyproxy.url("an0ther"), pki.root(), &url) {
        let failure = answer.unwrap_err();
        assert_eq!((failure.kind(), failure.sent()), (FailureKind::Proxy, Sent::No));
        let said = format!("{failure:?} {}", story(&failure));
        assert!(!said.contains("an0ther") && !said.contains("s3cret"), "{said}");
    }
    assert_eq!(origin.journal().requests().len(), 2);
}
