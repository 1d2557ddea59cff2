//! A server on this machine that answers the three calls at once, keeps its connections, and counts them. It has a thread of
//! its own, whose work is in no figure but the time that passes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{io, thread};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::network::reply_to;

pub struct Server {
    address: SocketAddr,
    connections: Arc<AtomicU64>,
}

impl Server {
    pub fn start() -> io::Result<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let connections = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&connections);
        thread::spawn(move || -> io::Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener)?;
                loop {
                    let (stream, _) = listener.accept().await?;
                    counted.fetch_add(1, Ordering::Relaxed);
                    stream.set_nodelay(true)?;
                    tokio::spawn(serve(stream));
                }
            })
        });
        Ok(Self { address, connections })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many were opened so far.
    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }
}

async fn serve(mut stream: TcpStream) -> io::Result<()> {
    let mut read = Vec::with_capacity(4_096);
    loop {
        while let Some(length) = whole_request(&read) {
            let path = String::from_utf8_lossy(&read)
                .split(' ')
                .nth(1)
                .unwrap_or_default()
                .to_owned();
            read.drain(..length);
            let body = reply_to(&path);
            let reply = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(reply.as_bytes()).await?;
        }
        if stream.read_buf(&mut read).await? == 0 {
            return Ok(());
        }
    }
}

/// How long the first request is, if all of it has come.
fn whole_request(read: &[u8]) -> Option<usize> {
    let head = read.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&read[..head]).ok()?;
    let length = text.lines().filter_map(|line| line.split_once(':'));
    let mut length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let body: usize = length
        .next()
        .map_or(Some(0), |(_, value)| value.trim().parse().ok())?;
    (read.len() >= head + body).then_some(head + body)
}
