//! The shop behind a socket, with faults in one request of twenty.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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
        let shop = Arc::new(Mutex::new(shop(&base)));
        let (shared, watch) = (Arc::clone(&shop), Arc::<Watch>::from(watch));
        let dice = Arc::new(Mutex::new(Dice::new(7, 7)));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shop, watch, dice) = (Arc::clone(&shared), Arc::clone(&watch), Arc::clone(&dice));
                // A connection that breaks is its client's affair.
                thread::spawn(move || drop(serve(stream, &shop, &*watch, faults.then_some(&dice))));
            }
        });
        Ok(Self { base, shop })
    }

    pub(super) fn with<R>(&self, look: impl FnOnce(&Shop) -> R) -> R {
        look(&self.shop.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(super) fn millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn serve(
    stream: TcpStream,
    shop: &Mutex<Shop>,
    watch: &Watch,
    dice: Option<&Arc<Mutex<Dice>>>,
) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut reader = BufReader::new(stream);
    loop {
        let Some((path, body)) = request(&mut reader)? else {
            return Ok(());
        };
        let asks = path.ends_with("/get-result");
        let fault = dice.filter(|_| asks).map_or(Fault::None, roll);
        if fault == Fault::LostThere {
            return Ok(());
        }
        let (status, kind, answer) = match fault {
            Fault::Page => (502, "text/html", b"<html>bad gateway</html>".to_vec()),
            Fault::Error => (
                200,
                "application/json",
                br#"{"code":"ERROR","message":"Server error","data":null,
                "extra":null,"transactionId":"b6d722f7e9f553ae","pricingStrategy":"FREE"}"#
                    .to_vec(),
            ),
            _ => {
                let mut shop = shop.lock().unwrap_or_else(PoisonError::into_inner);
                let answer = shop.handle(&path, &body, millis());
                if asks {
                    let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
                    watch(&shop, body["signatureId"].as_str().unwrap_or_default());
                }
                answer
            }
        };
        if fault == Fault::LostBack {
            return Ok(());
        }
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        let stream = reader.get_mut();
        stream.write_all(&[head.as_bytes(), &answer].concat())?;
    }
}

fn roll(dice: &Arc<Mutex<Dice>>) -> Fault {
    let mut dice = dice.lock().unwrap_or_else(PoisonError::into_inner);
    match dice.below(1_000) {
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
