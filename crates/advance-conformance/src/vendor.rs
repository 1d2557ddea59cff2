//! A vendor for the cases that need a whole client: it issues tokens, and answers everything else as the case says.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use advance_core::session::Event;
use advance_core::{
    BaseUrl, Client, Config, Credentials, Endpoint, Error, GenerateToken, Observer, Response, RetryPolicy,
    UnixMillis,
};

use crate::bench::{Bench, LONG, ROOM};
use crate::server::{Action, Script, Seen, Server};
use crate::subject::Driven;
use crate::verdict::Verdict;

/// A vendor, and a client of it over the transport under test.
pub(crate) struct Vendor {
    pub(crate) server: Server,
    pub(crate) client: Client<Driven>,
    events: Arc<Mutex<Vec<String>>>,
}

struct Listening(Arc<Mutex<Vec<String>>>);

impl Observer for Listening {
    fn event(&self, event: &Event) {
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        events.push(format!("{event:?}"));
    }
}

impl Vendor {
    /// `reply` answers every call that is not for a token; it is told how many there were before.
    pub(crate) fn new(
        bench: &Bench,
        retry: RetryPolicy,
        reply: impl Fn(usize, &Seen) -> Vec<u8> + Send + Sync + 'static,
    ) -> Result<Self, String> {
        let token = issued(&bench.planted.token);
        let calls = Mutex::new(0);
        let server = bench.server(Script::every([
            Action::Read,
            Action::answer(move |seen| {
                if seen.target == GenerateToken::PATH {
                    return ok(&token);
                }
                let mut calls = calls.lock().unwrap_or_else(PoisonError::into_inner);
                *calls += 1;
                reply(*calls - 1, seen)
            }),
        ]))?;
        let broken = |error: Error| format!("was not run, the suite's client cannot be made: {error}");
        let config = Config::new()
            .base_url(BaseUrl::with_loopback(server.url("").as_str()).map_err(broken)?)
            .attempt_timeout(LONG)
            .max_body(ROOM)
            .retry(retry);
        let credentials =
            Credentials::new(&*bench.planted.access_key, &*bench.planted.signature).map_err(broken)?;
        let events = Arc::new(Mutex::new(Vec::new()));
        let client = Client::new(bench.transport()?, config, credentials, 7)
            .with_observer(Listening(Arc::clone(&events)));
        Ok(Self {
            server,
            client,
            events,
        })
    }

    /// Calls, and keeps all that is said of it for the hunt.
    pub(crate) fn call<E: Endpoint>(&self, bench: &Bench, endpoint: E) -> Result<Response<E::Output>, Error> {
        let result = self.client.call(endpoint);
        match &result {
            Ok(response) => bench.record(format!(
                "{:?} {:?}",
                response.transaction_id(),
                response.charges()
            )),
            Err(error) => bench.record_error(error),
        }
        bench.record(format!("{:?}", self.client));
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        bench.record(events.join("\n"));
        result
    }

    /// How many requests for a token came, and how many others.
    pub(crate) fn counted(&self, tokens: usize, calls: usize) -> Verdict {
        let requests = self.server.journal().requests();
        let for_tokens = requests
            .iter()
            .filter(|seen| seen.target == GenerateToken::PATH)
            .count();
        let others = requests.len() - for_tokens;
        if (for_tokens, others) == (tokens, calls) {
            return Ok(());
        }
        Err(format!(
            "sent {for_tokens} requests for a token and {others} others, where {tokens} and {calls} were due"
        ))
    }
}

fn issued(token: &str) -> String {
    let hour = std::time::Duration::from_secs(3600);
    let expires = UnixMillis::from(SystemTime::now()).saturating_add(hour).get();
    format!(
        r#"{{"code":"SUCCESS","message":"OK","data":{{"token":"{token}","expiredTime":{expires}}},"extra":null,"transactionId":"6c2c50a3049ce67e","pricingStrategy":"FREE"}}"#
    )
}

/// 200 with this body.
pub(crate) fn ok(body: &str) -> Vec<u8> {
    reply("200 OK", "Content-Type: application/json\r\n", body)
}

/// Any reply; the connection ends with it.
pub(crate) fn reply(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// An envelope with this code and price, and no data.
pub(crate) fn envelope(code: &str, price: &str) -> String {
    format!(
        r#"{{"code":"{code}","message":"as the case wants","data":null,"extra":null,"transactionId":"d3fde1547eeaf226","pricingStrategy":"{price}"}}"#
    )
}
