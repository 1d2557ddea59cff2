//! The name, the address and the proxy.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use advance_core::BaseUrl;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::report::Report;
use crate::net::proxy::{self, Way};
use crate::stop::Stop;

const AT_MOST: Duration = Duration::from_secs(8);
const VPN: &str = "check the network and the firewall; from mainland China the vendor advises a VPN";

/// A connection to the host, through the proxy if there is one.
pub(super) fn connect(
    base_url: &BaseUrl,
    way: &Way,
    report: &mut Report<'_>,
) -> Result<Option<TcpStream>, Stop> {
    let host = base_url
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let Way::Through(found, _) = way else {
        let Some(addresses) = resolve("DNS", &host, base_url.port(), report)? else {
            return Ok(None);
        };
        return tcp("TCP", &addresses, VPN, report);
    };
    let Ok(uri) = found.value.parse::<http::Uri>() else {
        report.failure(
            "proxy",
            &format!("what {} says is no URL", found.source),
            "write it as http://proxy.example:3128",
        )?;
        return Ok(None);
    };
    if uri.scheme_str() == Some("https") {
        report.skipped("proxy", "a proxy by https is not looked at more closely")?;
        return Ok(None);
    }
    let port = uri.port_u16().unwrap_or(80);
    let name = uri
        .host()
        .unwrap_or_default()
        .trim_start_matches('[')
        .trim_end_matches(']');
    let Some(addresses) = resolve("proxy", name, port, report)? else {
        return Ok(None);
    };
    let wrong = format!(
        "{} names the proxy: correct it, or leave the host out with NO_PROXY",
        found.source
    );
    let Some(stream) = tcp("proxy", &addresses, &wrong, report)? else {
        return Ok(None);
    };
    let login = uri
        .authority()
        .and_then(|authority| authority.as_str().rsplit_once('@'))
        .map(|(login, _)| login.to_owned());
    tunnel(
        stream,
        &format!("{}:{}", base_url.host(), base_url.port()),
        login.as_deref(),
        &proxy::shown(&found.value),
        report,
    )
}

/// The system may take minutes to say no.
fn resolve(
    check: &'static str,
    host: &str,
    port: u16,
    report: &mut Report<'_>,
) -> Result<Option<Vec<SocketAddr>>, Stop> {
    let (begun, name) = (Instant::now(), host.to_owned());
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let found = (name.as_str(), port)
            .to_socket_addrs()
            .map(Iterator::collect::<Vec<_>>);
        // The one that asked may have given up.
        let _ = tell.send(found);
    });
    let took = || begun.elapsed().as_millis();
    match told.recv_timeout(AT_MOST) {
        Ok(Ok(addresses)) if !addresses.is_empty() => {
            let shown: Vec<String> = addresses
                .iter()
                .take(3)
                .map(|address| address.ip().to_string())
                .collect();
            report.ok(check, &format!("{host} is {} ({} ms)", shown.join(", "), took()))?;
            Ok(Some(addresses))
        }
        Ok(Ok(_) | Err(_)) => {
            let message = format!("the name {host} cannot be resolved");
            report.failure(
                check,
                &message,
                "check the spelling of the host, DNS and whether this machine is online",
            )?;
            Ok(None)
        }
        Err(_) => {
            report.failure(
                check,
                &format!("the name {host} was not resolved within {} s", AT_MOST.as_secs()),
                "check DNS",
            )?;
            Ok(None)
        }
    }
}

fn tcp(
    check: &'static str,
    addresses: &[SocketAddr],
    remedy: &str,
    report: &mut Report<'_>,
) -> Result<Option<TcpStream>, Stop> {
    let mut failures = Vec::new();
    for address in addresses.iter().take(4) {
        let begun = Instant::now();
        match TcpStream::connect_timeout(address, AT_MOST) {
            Ok(stream) => {
                let took = begun.elapsed().as_millis();
                report.ok(check, &format!("connected to {address} ({took} ms)"))?;
                return Ok(Some(stream));
            }
            Err(error) => failures.push(format!("{address}: {error}")),
        }
    }
    report.failure(check, &format!("no connection ({})", failures.join("; ")), remedy)?;
    Ok(None)
}

/// Asks the proxy for the host.
fn tunnel(
    mut stream: TcpStream,
    to: &str,
    login: Option<&str>,
    shown: &str,
    report: &mut Report<'_>,
) -> Result<Option<TcpStream>, Stop> {
    let login = login
        .map(|login| format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode(login)))
        .unwrap_or_default();
    let asked = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{login}\r\n");
    let answer = stream
        .set_read_timeout(Some(AT_MOST))
        .and_then(|()| stream.write_all(asked.as_bytes()))
        .and_then(|()| head(&mut stream));
    let status = match answer {
        Ok(head) => head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse::<u16>().ok()),
        Err(error) => {
            report.failure(
                "proxy",
                &format!("{shown} does not answer like a proxy: {error}"),
                "check its address and port",
            )?;
            return Ok(None);
        }
    };
    match status {
        Some(200..=299) => {
            report.ok("proxy", &format!("{shown} lets {to} pass"))?;
            return Ok(Some(stream));
        }
        Some(407) => {
            let remedy = "write it as http://NAME:PASSWORD@proxy.example:3128";
            report.failure(
                "proxy",
                &format!("{shown} wants a name and a password (407)"),
                remedy,
            )?;
        }
        Some(status) => {
            let message = format!("{shown} refuses to connect to {to} ({status})");
            report.failure(
                "proxy",
                &message,
                "let its operator allow the host, or leave the host out with NO_PROXY",
            )?;
        }
        None => report.failure(
            "proxy",
            &format!("{shown} does not answer like a proxy"),
            "check its address and port",
        )?,
    }
    Ok(None)
}

/// The head of the answer; what follows belongs to the tunnel, so it is read byte by byte.
fn head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && head.len() < 16 << 10 {
        if stream.read(&mut byte)? == 0 {
            break;
        }
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
