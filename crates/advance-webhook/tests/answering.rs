//! Of a receiver's answer the status decides, over a real connection: bodies that are too long, or that do not come whole.

#![cfg(feature = "deliver")]
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use advance_collector::outbox::{MemoryOutbox, Outbox as _};
use advance_collector::{Conclusion, Ending, Event};
use advance_core::{Charges, SignatureId, UnixMillis};
use advance_ureq::UreqTransport;
use advance_webhook::Secrets;
use advance_webhook::deliver::{Answer, Courier, Sent, Target, letter};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Reads a request to its end, and answers with this.
fn answer(mut stream: TcpStream, response: &[u8]) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length = head.split_once("content-length: ").unwrap().1;
    let mut body = vec![0; length.split_once('\r').unwrap().0.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    // The courier may have heard enough before all of it is written.
    let _ = stream.write_all(response);
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read_to_end(&mut body);
}

/// What the courier makes of this response.
fn heard(response: Vec<u8>) -> Answer {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let receiver = thread::spawn(move || answer(listener.accept().unwrap().0, &response));
    let outbox = MemoryOutbox::new();
    let id = SignatureId::new("sig-1").unwrap();
    let event = Event::new(id, 1, Conclusion::of(Ending::Finished), Charges::NONE);
    outbox.put(&letter(&event, UnixMillis::new(0))).unwrap();
    let answers = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&answers);
    let target = Target::new(&url, None).unwrap();
    Courier::new(
        UreqTransport::new().unwrap(),
        Arc::new(outbox),
        target,
        Secrets::parse(SECRET).unwrap(),
    )
    .watched_by(move |sent| {
        if let Sent::Letter { answer, .. } = sent {
            seen.lock().unwrap().push(*answer);
        }
    })
    .run(|| !answers.lock().unwrap().is_empty());
    receiver.join().unwrap();
    let answers = answers.lock().unwrap();
    answers[0]
}

#[test]
fn the_status_decides_and_the_body_does_not() {
    let long = vec![b'x'; 1 << 20];
    for (body, announced) in [
        (&b"ok"[..], 2),
        (&long[..], long.len()),
        (&b"cut"[..], 10),
        (&b""[..], 10),
    ] {
        for status in [200, 204, 299, 404] {
            let head = format!("HTTP/1.1 {status} Well\r\ncontent-length: {announced}\r\n\r\n");
            match heard([head.as_bytes(), body].concat()) {
                Answer::Taken => assert!(status < 300),
                Answer::Status(other, None) => assert_eq!((other.as_u16(), status), (404, 404)),
                other => panic!("{status}, {} of {announced} bytes: {other:?}", body.len()),
            }
        }
    }
}
