//! Bodies that are smaller on the wire than in memory.

use std::io::Write as _;

use advance_core::transport::{FailureKind, Sent};
use flate2::write::GzEncoder;
use flate2::{Compress, Compression, FlushCompress};

use crate::bench::{Bench, FINE, LONG, ROOM};
use crate::case::Case;
use crate::need::Need;
use crate::server::{Action, Script};
use crate::verdict::Verdict;

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "compression_is_all_or_nothing",
        row: 32,
        need: Need::Base,
        mend: "either expand a body and remove its Content-Encoding, or leave both; and ask only for what is expanded",
        run: compression_is_all_or_nothing,
    },
    Case {
        name: "gzip_is_expanded",
        row: 32,
        need: Need::Compression,
        mend: "expand gzip, or do not claim `compression`",
        run: gzip_is_expanded,
    },
    Case {
        name: "gzip_bomb",
        row: 32,
        need: Need::Compression,
        mend: "apply Limits::max_body to the expanded bytes, while they come",
        run: gzip_bomb,
    },
    Case {
        name: "broken_gzip",
        row: 32,
        need: Need::Compression,
        mend: "report a body that cannot be expanded as FailureKind::Body with Sent::Maybe",
        run: broken_gzip,
    },
];

const TEXT: &[u8] = br#"{"code":"SUCCESS","message":"OK","data":null}"#;

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .map_err(|error| format!("was not run, the suite cannot compress: {error}"))
}

fn encoded(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn compression_is_all_or_nothing(bench: &Bench) -> Verdict {
    let packed = gzip(TEXT)?;
    let (call, server) = bench.once(Script::reply(encoded(&packed)), LONG)?;
    let response = call.response()?;
    let labelled = response.headers().contains_key("content-encoding");
    if labelled && *response.body() != packed {
        return Err("changed a body and left its Content-Encoding".into());
    }
    if !labelled && response.body() != TEXT {
        return Err("removed the Content-Encoding of a body that it did not expand".into());
    }
    let asked = server.journal().requests().iter().any(|seen| {
        seen.values("accept-encoding")
            .iter()
            .any(|value| *value != b"identity")
    });
    if asked && labelled {
        return Err("asks for compressed bodies and does not expand them".into());
    }
    if !labelled && !bench.subject.claims().cover(Need::Compression) {
        return Err(
            "expands bodies but does not claim `compression`, so that nothing was tested of it".into(),
        );
    }
    Ok(())
}

fn gzip_is_expanded(bench: &Bench) -> Verdict {
    let (call, server) = bench.once(Script::reply(encoded(&gzip(TEXT)?)), LONG)?;
    call.ok(TEXT)?;
    if server
        .journal()
        .requests()
        .iter()
        .any(|seen| seen.values("accept-encoding").is_empty())
    {
        return Err("expands bodies but does not ask for compressed ones".into());
    }
    bench.once(Script::reply(FINE), LONG)?.0.ok(b"{}")
}

/// A gigabyte of zeros, in about a mebibyte: every flush starts anew, so one piece can be repeated.
fn gzip_bomb(bench: &Bench) -> Verdict {
    let failed = |error| format!("was not run, the suite cannot compress: {error}");
    let mut packer = Compress::new(Compression::best(), false);
    let mut piece = Vec::with_capacity(64 << 10);
    packer
        .compress_vec(&vec![0; ROOM], &mut piece, FlushCompress::Full)
        .map_err(failed)?;
    let script = Script::every([
        Action::Read,
        Action::send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"),
        Action::send([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]),
        Action::flood(&piece, 1 << 10),
    ]);
    let (call, _) = bench.once(script, LONG)?;
    call.failed(&[FailureKind::TooLarge], Sent::Maybe)?;
    call.ended_by(LONG)
}

fn broken_gzip(bench: &Bench) -> Verdict {
    let packed = gzip(TEXT)?;
    let mut bent = packed.clone();
    // The checksum at the end no longer fits.
    if let Some(byte) = bent.iter_mut().rev().nth(5) {
        *byte ^= 0xff;
    }
    for body in [&packed[..packed.len() / 2], b"this is no gzip at all", &bent] {
        let (call, _) = bench.once(Script::reply(encoded(body)), LONG)?;
        call.failed(&[FailureKind::Body], Sent::Maybe)?;
    }
    Ok(())
}
