//! The shop to which a person goes back: a page a path, and a list of what was asked.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};

use crate::Result;

pub(crate) struct Shop {
    pub(crate) base: String,
    visits: Arc<Mutex<Vec<String>>>,
}

impl Shop {
    pub(crate) async fn open() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let base = format!("http://{}", listener.local_addr()?);
        let visits = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&visits);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let seen = Arc::clone(&seen);
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    let mut line = String::new();
                    if stream.read_line(&mut line).await.is_err() {
                        return;
                    }
                    let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
                    if !target.starts_with("/favicon") {
                        seen.lock().unwrap_or_else(PoisonError::into_inner).push(target);
                    }
                    let page = "<!doctype html><title>Shop</title><h1>Shop</h1>";
                    let reply = format!(
                        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
                        page.len()
                    );
                    let _ = stream.get_mut().write_all(reply.as_bytes()).await;
                });
            }
        });
        Ok(Self { base, visits })
    }

    /// The next visit: its path and query.
    pub(crate) async fn visit(&self) -> Result<String> {
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            let visit = self.visits.lock().unwrap_or_else(PoisonError::into_inner).pop();
            if let Some(visit) = visit {
                return Ok(visit);
            }
            sleep(Duration::from_millis(20)).await;
        }
        Err("the shop was not reached".into())
    }
}
