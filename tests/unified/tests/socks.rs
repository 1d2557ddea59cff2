//! Both transports through a SOCKS5 proxy, with a name and a password and without.
#![allow(clippy::unwrap_used)] // A panic is how a test fails.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use advance_conformance::server::{Pki, Script, Server};
use advance_core::transport::{Failure, FailureKind, Limits, Sent};
use advance_core::{AsyncTransport as _, Transport as _};
use advance_reqwest::ReqwestTransport;
use advance_ureq::UreqTransport;
use http::{Request, Response};

const LIMITS: Limits = Limits::new(Duration::from_secs(10), 64);
const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

/// What the proxy was asked for: the host as the client wrote it, and who asked.
#[derive(Debug, PartialEq)]
struct Asked {
    host: String,
    login: Option<String>,
}

/// A proxy that leads every name to one server, or refuses with this reply (RFC 1928, section 6).
struct Socks {
    address: SocketAddr,
    asked: Receiver<Asked>,
}

impl Socks {
    fn before(origin: SocketAddr, wants_login: bool, reply: u8) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, asked) = channel();
        // It ends with the process.
        thread::spawn(move || {
            for client in listener.incoming() {
                let tell = tell.clone();
                thread::spawn(move || {
                    let (client, seen) = shake(client.unwrap(), wants_login, reply)?;
                    tell.send(seen).unwrap();
                    if reply == 0 {
                        join(&client, &TcpStream::connect(origin)?)?;
                    }
                    io::Result::Ok(())
                });
            }
        });
        Self { address, asked }
    }
}

fn take(client: &mut TcpStream, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    client.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn text(client: &mut TcpStream) -> io::Result<String> {
    let length = take(client, 1)?[0];
    Ok(String::from_utf8(take(client, length.into())?).unwrap())
}

fn shake(mut client: TcpStream, wants_login: bool, reply: u8) -> io::Result<(TcpStream, Asked)> {
    let greeting = take(&mut client, 2)?;
    let methods = take(&mut client, greeting[1].into())?;
    let method = if wants_login { 2 } else { 0 };
    if !methods.contains(&method) {
        client.write_all(&[5, 0xff])?;
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    client.write_all(&[5, method])?;
    let mut login = None;
    if wants_login {
        take(&mut client, 1)?;
        let said = format!("{}:{}", text(&mut client)?, text(&mut client)?);
        let right = said == "some body:s3cret@word";
        client.write_all(&[1, u8::from(!right)])?;
        if !right {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        login = Some(said);
    }
    let request = take(&mut client, 4)?;
    let host = match request[3] {
        1 => take(&mut client, 4)?
            .iter()
            .map(u8::to_string)
            .collect::<Vec<_>>()
            .join("."),
        3 => text(&mut client)?,
        kind => panic!("an address of kind {kind}"),
    };
    take(&mut client, 2)?;
    client.write_all(&[5, reply, 0, 1, 0, 0, 0, 0, 0, 0])?;
    Ok((client, Asked { host, login }))
}

fn join(client: &TcpStream, server: &TcpStream) -> io::Result<()> {
    let (mut up_from, mut up_to) = (client.try_clone()?, server.try_clone()?);
    let up = thread::spawn(move || io::copy(&mut up_from, &mut up_to));
    io::copy(&mut { server }, &mut { client })?;
    client.shutdown(std::net::Shutdown::Both)?;
    let _ = up.join();
    Ok(())
}

/// The answers of ureq and of reqwest.
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
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    [
        ureq.send(post(), &LIMITS),
        runtime.block_on(reqwest.send(post(), &LIMITS)),
    ]
}

fn url(origin: &Server) -> String {
    format!("https://conformance.test:{}/x", origin.address().port())
}

#[test]
fn a_request_goes_through_and_the_proxy_resolves_the_name() {
    let pki = Pki::new().unwrap();
    let origin = Server::tls(Script::reply(FINE), &pki.good).unwrap();
    let socks = Socks::before(origin.address(), false, 0);
    for answer in both(&format!("socks5h://{}", socks.address), pki.root(), &url(&origin)) {
        assert_eq!(answer.unwrap().body(), b"{}");
    }
    let asked: Vec<_> = socks.asked.try_iter().collect();
    let name = || Asked {
        host: "conformance.test".to_owned(),
        login: None,
    };
    assert_eq!(asked, [name(), name()]);
    assert_eq!(origin.journal().requests().len(), 2);
}

#[test]
fn a_proxy_that_wants_a_password_gets_it_and_no_other_will_do() {
    let pki = Pki::new().unwrap();
    let origin = Server::tls(Script::reply(FINE), &pki.good).unwrap();
    let socks = Socks::before(origin.address(), true, 0);
    let proxy = |password: &str| format!("socks5h://some%20body:{password}@{}", socks.address);
    for answer in both(&proxy("s3cret%40word"), pki.root(), &url(&origin)) {
        assert_eq!(answer.unwrap().body(), b"{}");
    }
    let logins: Vec<_> = socks.asked.try_iter().map(|asked| asked.login.unwrap()).collect();
    assert_eq!(logins, ["some body:s3cret@word"; 2]);
    for answer in both(&proxy("an0ther"), pki.root(), &url(&origin)) {
        let failure = answer.unwrap_err();
        assert_eq!(
            (failure.kind(), failure.sent()),
            (FailureKind::Proxy, Sent::No),
            "{failure:?}"
        );
        assert!(!format!("{failure:?} {failure}").contains("an0ther"));
    }
    assert_eq!(origin.journal().requests().len(), 2);
}

#[test]
fn a_proxy_that_refuses_is_blamed_and_nothing_was_sent() {
    let pki = Pki::new().unwrap();
    let origin = Server::tls(Script::reply(FINE), &pki.good).unwrap();
    let socks = Socks::before(origin.address(), false, 2);
    for answer in both(&format!("socks5h://{}", socks.address), pki.root(), &url(&origin)) {
        let failure = answer.unwrap_err();
        assert_eq!(
            (failure.kind(), failure.sent()),
            (FailureKind::Proxy, Sent::No),
            "{failure:?}"
        );
    }
    assert!(origin.journal().requests().is_empty());
}

#[test]
fn a_proxy_that_is_not_there_is_blamed() {
    let pki = Pki::new().unwrap();
    let gone = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap();
    for answer in both(
        &format!("socks5h://{gone}"),
        pki.root(),
        "https://conformance.test/x",
    ) {
        let failure = answer.unwrap_err();
        assert_eq!(
            (failure.kind(), failure.sent()),
            (FailureKind::Proxy, Sent::No),
            "{failure:?}"
        );
    }
}

/// A name that no resolver knows (RFC 6761), and an address of no machine (RFC 5737).
#[test]
fn who_looks_a_name_up_is_said_by_the_scheme() {
    let pki = Pki::new().unwrap();
    let origin = Server::tls(Script::reply(FINE), &pki.good).unwrap();
    let socks = Socks::before(origin.address(), false, 0);
    let hosts = || -> Vec<String> { socks.asked.try_iter().map(|asked| asked.host).collect() };
    let ask = |scheme: &str, host: &str| {
        both(&format!("{scheme}://{}", socks.address), pki.root(), &format!("https://{host}/x"))
            .map(|answer| answer.map(|_| ()).map_err(|failure| (failure.kind(), failure.sent())))
    };

    let unknown = Err((FailureKind::Connect, Sent::No));
    assert_eq!(ask("socks5", "nobody.invalid"), [unknown, unknown]);
    assert_eq!(hosts(), [""; 0], "the proxy was asked, although there was no address");

    // The server behind the proxy has no certificate for either.
    let reached = Err((FailureKind::Tls, Sent::No));
    assert_eq!(ask("socks5h", "nobody.invalid"), [reached, reached]);
    assert_eq!(hosts(), ["nobody.invalid"; 2]);
    for scheme in ["socks5", "socks5h"] {
        assert_eq!(ask(scheme, "192.0.2.7"), [reached, reached]);
        assert_eq!(hosts(), ["192.0.2.7"; 2]);
    }
}

#[test]
fn loopback_is_not_asked_for_through_it() {
    let origin = Server::plain(Script::reply(FINE)).unwrap();
    let socks = Socks::before(origin.address(), false, 0);
    let url = format!("http://127.0.0.1:{}/x", origin.address().port());
    for answer in both(
        &format!("socks5h://{}", socks.address),
        Pki::new().unwrap().root(),
        &url,
    ) {
        assert_eq!(answer.unwrap().body(), b"{}");
    }
    assert_eq!(socks.asked.try_iter().count(), 0);
}
