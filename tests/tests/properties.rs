//! The shared property suites over whole calls: both clients and their adapters, over real sockets, against a server
//! that answers with each body that a suite made up.

// A panic is how a test fails.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use advance_conformance::server::{Action, Script, Server};
use advance_core::secret::AccessToken;
use advance_core::session::ExportedToken;
use advance_core::suites::{self, Ask, Parsed};
use advance_core::{
    AsyncClient, BaseUrl, Client, Config, Credentials, GenerateUrl, GetResult, Region, RetryPolicy,
    ReturnUrl, SignatureId, Transport as _, UnixMillis,
};
use advance_reqwest::ReqwestTransport;
use advance_ureq::UreqTransport;

/// A server that answers every request with the same body, until it is given another.
struct Stage {
    server: Server,
    body: Arc<Mutex<Vec<u8>>>,
}

impl Stage {
    fn new() -> Self {
        let body = Arc::new(Mutex::new(Vec::new()));
        let next = Arc::clone(&body);
        let answer = Action::answer(move |_| {
            let body = next.lock().unwrap();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            [head.as_bytes(), &body].concat()
        });
        let script = Script::every([Action::Read, answer, Action::Again]);
        Self {
            server: Server::plain(script).unwrap(),
            body,
        }
    }

    /// One attempt, for what a suite wants to hear is what this very body was taken for.
    fn config(&self) -> Config {
        Config::new()
            .base_url(BaseUrl::with_loopback(&self.server.url("")).unwrap())
            .retry(RetryPolicy::never())
    }

    fn answers(&self, body: &[u8]) {
        body.clone_into(&mut self.body.lock().unwrap());
    }
}

fn credentials() -> Credentials {
    Credentials::new("sampleaccesskey", "samplesecretkey").unwrap()
}

/// A token for an hour, so that only what is asked is asked.
fn token(now: UnixMillis) -> ExportedToken {
    let end = now.saturating_add(Duration::from_secs(3_600));
    ExportedToken::new(AccessToken::new("abc.def.ghi").unwrap(), end)
}

fn link() -> GenerateUrl {
    let page = ReturnUrl::new("https://shop.example/").unwrap();
    GenerateUrl::new(page.clone(), page, Region::IDN)
}

fn result() -> GetResult {
    GetResult::new(SignatureId::new("f302f5d2454a85c2").unwrap())
}

/// The blocking client over ureq. Each body gets a client of its own, for one that was told that its account is disabled
/// asks no more.
fn blocking() -> impl Fn(Ask, &[u8]) -> Parsed {
    let stage = Stage::new();
    let transport = Arc::new(UreqTransport::new().unwrap());
    move |ask, body| {
        stage.answers(body);
        let client = Client::new(Arc::clone(&transport), stage.config(), credentials(), 7);
        if ask == Ask::GenerateToken {
            return Parsed::from_call(client.token());
        }
        assert!(client.adopt_token(token(transport.now().wall)));
        match ask {
            Ask::GenerateUrl => Parsed::from_call(client.call(link())),
            _ => Parsed::from_call(client.call(result())),
        }
    }
}

/// The async client over reqwest.
fn asynchronous() -> impl Fn(Ask, &[u8]) -> Parsed {
    let stage = Stage::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let transport = {
        let _inside = runtime.enter();
        ReqwestTransport::new().unwrap()
    };
    move |ask, body| {
        stage.answers(body);
        let client = AsyncClient::new(transport.clone(), stage.config(), credentials(), 7);
        runtime.block_on(async {
            if ask == Ask::GenerateToken {
                return Parsed::from_call(client.token().await);
            }
            let now = advance_core::AsyncTransport::now(&transport);
            assert!(client.adopt_token(token(now.wall)));
            match ask {
                Ask::GenerateUrl => Parsed::from_call(client.call(link()).await),
                _ => Parsed::from_call(client.call(result()).await),
            }
        })
    }
}

macro_rules! suites_over {
    ($($client:ident: $($suite:ident)+;)+) => {
        $(mod $client {
            $(#[test]
            fn $suite() {
                super::suites::$suite(&super::$client());
            })+
        })+
    };
}

suites_over! {
    blocking:
        any_bytes_are_judged documented_replies_come_back_equal unknown_words_survive unknown_members_change_nothing
        a_doubled_member_is_refused a_cut_example_is_refused_at_every_byte a_cut_reply_is_refused
        a_wrong_type_is_refused_by_its_place numbers_are_exact_or_refused nesting_is_refused_or_ignored
        only_success_has_data what_is_personal_is_never_shown;
    asynchronous:
        any_bytes_are_judged documented_replies_come_back_equal unknown_words_survive unknown_members_change_nothing
        a_doubled_member_is_refused a_cut_example_is_refused_at_every_byte a_cut_reply_is_refused
        a_wrong_type_is_refused_by_its_place numbers_are_exact_or_refused nesting_is_refused_or_ignored
        only_success_has_data what_is_personal_is_never_shown;
}
