//! A million tokens and half a million links over a socket: how fast, and how much memory is left in use.
//! `cargo xtask release-gates sandbox-load`.
#![allow(clippy::print_stdout, reason = "its figures are what it is for")]

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Instant;

use advance_sandbox::Sandbox;
use sha2::{Digest as _, Sha256};

const TOKENS: usize = 1_000_000;
const LINKS: usize = 500_000;
const CONNECTIONS: usize = 4;
/// Requests that a connection sends before it reads the replies.
const AT_ONCE: usize = 50;
const MOST_MIB: u64 = 100;
/// How much may be added once the memory has filled up.
const FLAT_MIB: u64 = 4;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Result<()> {
    let sandbox = Sandbox::start_blocking()?;
    let now = sandbox.clock().as_millis();
    let signature = hex::encode(Sha256::digest(format!("sampleaccesskeysamplesecretkey{now}")));
    let ask = format!(
        r#"{{"accessKey":"sampleaccesskey","timestamp":{now},"signature":"{signature}","periodSecond":86400}}"#
    );
    let token = post("/openapi/auth/ticket/v1/generate-token", "", &ask);
    let first = once(sandbox.addr(), &token)?;
    let (_, first) = first.split_once(r#""token":""#).ok_or("no token")?;
    let (first, _) = first.split_once('"').ok_or("no token")?;
    let body = r#"{"returnUrl":"https://shop.example/done","failReturnUrl":"https://shop.example/failed","region":"IDN","userId":"customer"}"#;
    let link = post(
        "/intl/openapi/face-identity/h5-idv/v1/generate-url",
        &format!("X-ACCESS-TOKEN: {first}\r\n"),
        body,
    );
    let mut peak = 0;
    for (what, request, count) in [("generate-token", token, TOKENS), ("generate-url", link, LINKS)] {
        // In parts, so that it is seen whether the memory goes on growing.
        let (begun, mut used) = (Instant::now(), Vec::new());
        for _ in 0..4 {
            load(sandbox.addr(), &request, count / 4)?;
            used.push(resident()?);
        }
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let rate = count as f64 / begun.elapsed().as_secs_f64();
        println!("{what}: {rate:.0} a second; resident after each quarter: {used:?} MiB");
        if used[3] > used[1] + FLAT_MIB {
            return Err(format!("{what}: the memory grows").into());
        }
        peak = peak.max(used[3]);
    }
    println!("largest: {peak} MiB");
    if peak < MOST_MIB {
        Ok(())
    } else {
        Err(format!("more than {MOST_MIB} MiB").into())
    }
}

fn post(path: &str, headers: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The reply to one request.
fn once(to: SocketAddr, request: &str) -> Result<String> {
    let mut stream = TcpStream::connect(to)?;
    stream.write_all(request.as_bytes())?;
    let mut reply = vec![0; 1 << 14];
    let read = stream.read(&mut reply)?;
    Ok(String::from_utf8_lossy(&reply[..read]).into_owned())
}

/// Sends it so often, over all connections. Each reply has to say that it succeeded.
fn load(to: SocketAddr, request: &str, count: usize) -> Result<()> {
    let part = count / CONNECTIONS;
    let request = request.repeat(AT_ONCE);
    thread::scope(|scope| {
        let all: Vec<_> = (0..CONNECTIONS)
            .map(|_| scope.spawn(|| connection(to, &request, part)))
            .collect();
        all.into_iter()
            .try_for_each(|one| one.join().map_err(|_| "a connection panicked")?)
    })
}

fn connection(to: SocketAddr, requests: &str, count: usize) -> Result<()> {
    const GOOD: &[u8] = b"\"code\":\"SUCCESS\"";
    let mut stream = TcpStream::connect(to)?;
    stream.set_nodelay(true)?;
    let mut chunk = vec![0; 1 << 16];
    for _ in 0..count / AT_ONCE {
        stream.write_all(requests.as_bytes())?;
        let (mut good, mut rest): (usize, Vec<u8>) = (0, Vec::new());
        while good < AT_ONCE {
            let read = stream.read(&mut chunk)?;
            if read == 0 {
                return Err("the sandbox hung up".into());
            }
            rest.extend_from_slice(&chunk[..read]);
            let found = rest.windows(GOOD.len()).filter(|window| *window == GOOD).count();
            good += found;
            // Of what was counted, nothing is counted again; what may be the beginning of the next is kept.
            let last = rest.windows(GOOD.len()).rposition(|window| window == GOOD);
            let from = last.map_or(rest.len().saturating_sub(GOOD.len() - 1), |at| at + GOOD.len());
            rest.drain(
                ..from
                    .max(rest.len().saturating_sub(GOOD.len() - 1))
                    .min(rest.len()),
            );
        }
    }
    Ok(())
}

/// MiB of this process that are in memory, its clients' little included.
fn resident() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: u64 = line
        .and_then(|line| line.split_whitespace().next())
        .ok_or("no VmRSS")?
        .parse()?;
    Ok(kib / 1024)
}
