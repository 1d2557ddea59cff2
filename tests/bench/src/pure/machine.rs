//! A whole call, without I/O.

use std::hint::black_box;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use advance_core::session::{Call, Session, Step};
use advance_core::wire::{build_request, parse};
use advance_core::{AsyncClient, BaseUrl, Config, GetResult};

use crate::case::Case;
use crate::network::Memory;
use crate::samples;

const FLOOR: &str = "build, copy of the body and parse";

pub fn cases() -> Vec<Case> {
    let machine = Case::new("a whole call through `Session`", FLOOR, 1.12, machine(), floor());
    let client = Case::new(
        "a whole call through `AsyncClient`",
        FLOOR,
        1.12,
        client(),
        floor(),
    );
    vec![machine, client]
}

fn machine() -> impl Fn() + 'static {
    let mut session = Session::new(Config::new(), samples::credentials(), 7);
    assert!(session.adopt_token(samples::held(), samples::NOW));
    let (session, id) = (Mutex::new(session), samples::signature_id());
    move || {
        let mut session = session.lock().unwrap();
        let call = Call::new(GetResult::new(id.clone()));
        let Step::Send(request, _, awaiting) = session.begin(call, samples::NOW) else {
            panic!("a call with a token in hand sends at once");
        };
        drop(black_box(request));
        let reply = http::Response::new(samples::RESULT_REPLY.as_bytes().to_vec());
        let Step::Done(Ok(result)) = awaiting.resume(&mut session, samples::NOW, Ok(reply)) else {
            panic!("a result ends its call");
        };
        drop(black_box(result));
    }
}

fn client() -> impl Fn() + 'static {
    let client = AsyncClient::new(Memory::default(), Config::new(), samples::credentials(), 7);
    assert!(client.adopt_token(samples::held_from(client.transport())));
    let id = samples::signature_id();
    move || {
        let call = pin!(client.get_result(&id));
        let Poll::Ready(Ok(result)) = call.poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("over memory a call never waits");
        };
        drop(black_box(result));
    }
}

fn floor() -> impl Fn() + 'static {
    let (base, token, id) = (BaseUrl::default(), samples::token(), samples::signature_id());
    move || {
        let endpoint = GetResult::new(id.clone());
        drop(black_box(build_request(&endpoint, &base, Some(&token))));
        let body = samples::RESULT_REPLY.as_bytes().to_vec();
        drop(black_box(parse(&endpoint, &body)));
        drop(black_box(body));
    }
}
