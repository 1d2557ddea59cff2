//! The sandbox's vendor behind a hostile network: it serves and charges as ever, and one reply in five is hurt.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use advance_conformance::server::{Action, Script, Seen, Server};
use advance_sandbox::model::{Behaviour, Charging, Endpoint};
use advance_sandbox::{UnixMs, Vendor, VendorConfig};
use http::{Request, Response};

/// One reply in so many is hurt.
const HURT: u64 = 5;

/// A vendor, what it charged for each id, and how many of its replies were hurt.
pub(crate) struct Desk {
    vendor: Vendor,
    charged: HashMap<String, u64>,
    served: u64,
    hurt: u64,
}

impl Desk {
    /// A vendor that charges for every result it gives out, and the server that stands before it.
    pub(crate) fn open() -> (Arc<Mutex<Self>>, Server) {
        let mut behaviour = Behaviour::default();
        behaviour.charging = Charging::PayPerPoll;
        let mut config = VendorConfig::seeded(5);
        config.behaviour = behaviour;
        let desk = Arc::new(Mutex::new(Self {
            vendor: Vendor::new(config),
            charged: HashMap::new(),
            served: 0,
            hurt: 0,
        }));
        let behind = Arc::clone(&desk);
        let choose = Action::choose(move |seen| behind.lock().unwrap().serve(seen));
        let server = Server::plain(Script::every([Action::Read, choose])).unwrap();
        (desk, server)
    }

    /// What was charged for this id.
    pub(crate) fn charged(&self, id: &str) -> u64 {
        self.charged.get(id).copied().unwrap_or_default()
    }

    /// What was charged in all.
    pub(crate) fn charged_in_all(&self) -> u64 {
        self.vendor.ledger().total().pay
    }

    /// How many replies were hurt, and how many there were.
    pub(crate) const fn hurt(&self) -> (u64, u64) {
        (self.hurt, self.served)
    }

    fn serve(&mut self, seen: &Seen) -> Vec<Action> {
        self.served += 1;
        let dice = dice(self.served);
        if !dice.is_multiple_of(HURT) {
            let reply = self.answer(seen);
            return vec![Action::send(reply), Action::Again];
        }
        self.hurt += 1;
        match fault(dice / HURT) {
            Fault::Instead(reply) => vec![Action::send(reply)],
            Fault::Of(hurt) => hurt(&self.answer(seen)),
        }
    }

    /// The vendor's reply, as bytes, with what it cost in the books.
    fn answer(&mut self, seen: &Seen) -> Vec<u8> {
        let mut request = Request::post(seen.target.as_str());
        for (name, value) in &seen.headers {
            request = request.header(name, value.as_slice());
        }
        let request = request.body(seen.body.clone()).unwrap();
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let before = self.charged_in_all();
        let reply = self
            .vendor
            .handle(&request, UnixMs(u64::try_from(since.as_millis()).unwrap()));
        if seen.target.ends_with(Endpoint::GetResult.name()) {
            let charged = self.charged_in_all() - before;
            *self.charged.entry(id_in(&seen.body)).or_default() += charged;
        }
        bytes(&reply)
    }
}

fn id_in(body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    body["signatureId"].as_str().unwrap_or_default().to_owned()
}

fn bytes(reply: &Response<Vec<u8>>) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {}\r\n", reply.status()).into_bytes();
    for (name, value) in reply.headers() {
        if name == "content-length" {
            continue;
        }
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(format!("Content-Length: {}\r\n\r\n", reply.body().len()).into_bytes());
    bytes.extend(reply.body());
    bytes
}

/// The same for the same number, on every machine.
fn dice(number: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    number.hash(&mut hasher);
    hasher.finish()
}

enum Fault {
    /// The request never reaches the vendor.
    Instead(&'static str),
    /// The vendor served, and charged; this becomes of its reply.
    Of(fn(&[u8]) -> Vec<Action>),
}

fn fault(dice: u64) -> Fault {
    match dice % 14 {
        0 => Fault::Of(|_| vec![Action::Reset]),
        1 => Fault::Of(|_| vec![]),
        2 => Fault::Of(|reply| vec![Action::send(&reply[..reply.len() - 40])]),
        3 => Fault::Of(|_| vec![Action::send("\u{0}\u{1}garbage\r\n\r\n")]),
        4 => Fault::Of(|_| {
            vec![Action::send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
            )]
        }),
        5 => Fault::Instead("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"),
        6 => Fault::Instead("HTTP/1.1 429 Slow\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"),
        7 => Fault::Instead("HTTP/1.1 307 There\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"),
        8 => Fault::Of(|_| vec![Action::Hold]),
        9 => Fault::Of(|_| vec![Action::send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]),
        10 => Fault::Of(|reply| vec![Action::dribble(&reply[..40], Duration::from_millis(1))]),
        11 => Fault::Of(|_| {
            vec![
                Action::send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"code\":\""),
                Action::Again,
            ]
        }),
        12 => Fault::Of(|_| {
            vec![
                Action::send("HTTP/1.1 200 OK\r\n\r\n"),
                Action::flood([b' '; 4 << 10], 256),
            ]
        }),
        _ => Fault::Instead("HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n<h1>Hello</h1>"),
    }
}
