//! Photographs are fetched from another host, by a link that is a secret.

use advance_core::transport::FailureKind;
use advance_core::url::DownloadPolicy;
use advance_core::{ErrorKind, ImageLink};

use super::client::{LINK, QUICK, came, failed, link};
use super::connect::nobody;
use crate::bench::Bench;
use crate::case::Case;
use crate::need::Need;
use crate::server::{Action, Script};
use crate::vendor::{Vendor, ok};
use crate::verdict::Verdict;

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "images_are_fetched_without_credentials",
        row: 77,
        need: Need::Base,
        mend: "add no header that was not asked for, and send the target of a presigned URL to the letter",
        run: images_are_fetched_without_credentials,
    },
    Case {
        name: "images_that_do_not_end_are_cut",
        row: 77,
        need: Need::Base,
        mend: "apply Limits::max_body to every response",
        run: images_that_do_not_end_are_cut,
    },
    Case {
        name: "images_of_a_host_that_refuses_connections",
        row: 1,
        need: Need::Base,
        mend: "report a refused connection as FailureKind::Connect for a request without a body as well",
        run: images_of_a_host_that_refuses_connections,
    },
];

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Everything of this machine, for images of a server of ours.
fn here() -> Result<DownloadPolicy, String> {
    DownloadPolicy::nowhere()
        .host("127.0.0.1")
        .map_err(|error| format!("was not run, the suite's policy is none: {error}"))
}

fn images_are_fetched_without_credentials(bench: &Bench) -> Verdict {
    let picture: Vec<u8> = [PNG, &vec![0; 300_000], b"\r\n\x00\xff"].concat();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nSet-Cookie: a=b\r\nContent-Length: {}\r\n\r\n",
        picture.len()
    );
    let host = bench.server(Script::reply([head.as_bytes(), &picture].concat()))?;
    let vendor = Vendor::new(bench, QUICK, |_, _| ok(LINK))?;
    came(vendor.call(bench, link()?))?;
    let target = format!(
        "/h5_iqa/front.png?Expires=1&Signature={}%2Bp8%3D",
        bench.planted.query
    );
    for _ in 0..2 {
        let link = ImageLink::from(host.url(&target).as_str());
        let fetched = came(vendor.client.download(&link, &here()?))?;
        if fetched.expose_bytes() != picture {
            return Err("brought another image than was sent".into());
        }
    }
    for seen in host.journal().requests() {
        if seen.method != "GET" || seen.target != target {
            return Err(format!(
                "sent {} {:?} for GET {target:?}",
                seen.method, seen.target
            ));
        }
        for name in [
            "x-access-token",
            "cookie",
            "referer",
            "authorization",
            "transfer-encoding",
        ] {
            if !seen.values(name).is_empty() {
                return Err(format!("sent the header {name} to the host of an image"));
            }
        }
        if !seen.body.is_empty() {
            return Err("sent a body with a GET".into());
        }
    }
    Ok(())
}

fn images_that_do_not_end_are_cut(bench: &Bench) -> Verdict {
    let host = bench.server(Script::every([
        Action::Read,
        Action::send(b"HTTP/1.1 200 OK\r\n\r\n\x89PNG\r\n\x1a\n"),
        Action::flood(vec![0; 64 << 10], 16 << 10),
    ]))?;
    let vendor = Vendor::new(bench, QUICK, |_, _| ok(LINK))?;
    let link = ImageLink::from(host.url("/front.png").as_str());
    let result = vendor.client.download(&link, &here()?.max_bytes(1 << 20));
    failed(result, ErrorKind::Transport(FailureKind::TooLarge)).map(drop)
}

fn images_of_a_host_that_refuses_connections(bench: &Bench) -> Verdict {
    let address = nobody()?;
    let vendor = Vendor::new(bench, QUICK, |_, _| ok(LINK))?;
    let link = ImageLink::from(format!("http://{address}/front.png").as_str());
    let result = vendor.client.download(&link, &here()?);
    failed(result, ErrorKind::Transport(FailureKind::Connect)).map(drop)
}
