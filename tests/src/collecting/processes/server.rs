//! The shop behind a socket, with faults in one request of twenty.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::journal::Journal;
use crate::collecting::vendor::Shop;
use crate::simulation::dice::Dice;

/// What happens to a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// The connection is closed before the shop hears of it.
    LostThere,
    /// The shop answers, and the answer is lost.
    LostBack,
    /// A gateway answers with a page.
    Page,
    /// The vendor's own failure, at no cost.
    Error,
}

type Watch = dyn Fn(&Shop, &str) + Send + Sync;

pub(super) struct Server {
    pub(super) base: String,
    pub(super) shop: Arc<Mutex<Shop>>,
    journal: Arc<Mutex<Journal>>,
}

/// What each connection is served with.
struct Desk {
    shop: Arc<Mutex<Shop>>,
    journal: Arc<Mutex<Journal>>,
    watch: Box<Watch>,
    /// Nothing if there are no faults.
    dice: Option<Mutex<Dice>>,
}

impl Server {
    /// Starts it; `watch` sees each request for a result before it is answered.
    pub(super) fn start(
        shop: impl FnOnce(&str) -> Shop,
        faults: bool,
        watch: Box<Watch>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let base = format!("http://{}", listener.local_addr()?);
        let (shop, journal) = (Arc::new(Mutex::new(shop(&base))), Arc::default());
        let desk = Arc::new(Desk {
            shop: Arc::clone(&shop),
            journal: Arc::clone(&journal),
            watch,
            dice: faults.then(|| Mutex::new(Dice::new(7, 7))),
        });
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let desk = Arc::clone(&desk);
                // A connection that breaks is its client's affair.
                thread::spawn(move || drop(desk.serve(stream)));
            }
        });
        Ok(Self { base, shop, journal })
    }

    /// What the door has seen, which is looked at or told here.
    pub(super) fn journal<R>(&self, look: impl FnOnce(&mut Journal) -> R) -> R {
        look(&mut lock(&self.journal))
    }

    pub(super) fn with<R>(&self, look: impl FnOnce(&Shop) -> R) -> R {
        look(&lock(&self.shop))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl Desk {
    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let mut reader = BufReader::new(stream);
        while let Some((path, body)) = request(&mut reader)? {
            let busy = lock(&self.journal).note(Instant::now());
            let reply = match busy {
                Some(pause) => Some(busy_for(pause)),
                None => self.answer(&path, &body),
            };
            let Some(reply) = reply else { return Ok(()) };
            reader.get_mut().write_all(&reply)?;
        }
        Ok(())
    }

    /// Nothing if the connection is to be closed.
    fn answer(&self, path: &str, body: &[u8]) -> Option<Vec<u8>> {
        let asks = path.ends_with("/get-result");
        let fault = self.dice.as_ref().filter(|_| asks).map_or(Fault::None, roll);
        match fault {
            Fault::LostThere => None,
            Fault::Page => Some(reply(502, "text/html", "", b"<html>bad gateway</html>")),
            Fault::Error => Some(refusal("ERROR", "")),
            Fault::None | Fault::LostBack => {
                let mut shop = lock(&self.shop);
                let (status, kind, answer) = shop.handle(path, body, millis());
                if asks {
                    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
                    (self.watch)(&shop, body["signatureId"].as_str().unwrap_or_default());
                }
                (fault == Fault::None).then(|| reply(status, kind, "", &answer))
            }
        }
    }
}

fn busy_for(pause: Duration) -> Vec<u8> {
    refusal("SERVICE_BUSY", &format!("retry-after: {}\r\n", pause.as_secs()))
}

/// At no cost.
fn refusal(code: &str, headers: &str) -> Vec<u8> {
    let body = format!(
        r#"{{"code":"{code}","message":"refused","data":null,"extra":null,"transactionId":"b6d722f7e9f553ae",
        "pricingStrategy":"FREE"}}"#
    );
    reply(200, "application/json", headers, body.as_bytes())
}

fn reply(status: u16, kind: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\n{headers}content-length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn roll(dice: &Mutex<Dice>) -> Fault {
    match lock(dice).below(1_000) {
        0..10 => Fault::LostThere,
        10..25 => Fault::LostBack,
        25..35 => Fault::Page,
        35..50 => Fault::Error,
        _ => Fault::None,
    }
}

fn request(reader: &mut BufReader<TcpStream>) -> io::Result<Option<(String, Vec<u8>)>> {
    let (mut line, mut length) = (String::new(), 0);
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let target = line.split(' ').nth(1).unwrap_or("/");
    let path = target.split('?').next().unwrap_or(target).to_owned();
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? <= 2 {
            break;
        }
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some((path, body)))
}
