//! Serves the sandbox until it is interrupted: `cargo run -p advance-sandbox --example serve [PORT [ORIGIN]]`. Pages of
//! the origin may control it.

use std::net::{Ipv4Addr, SocketAddr};

use advance_sandbox::Sandbox;

#[expect(clippy::print_stdout, reason = "the address is what it is run for")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).map_or(Ok(0), |text| text.parse())?;
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut builder = Sandbox::builder().listen(listen);
    if let Some(origin) = std::env::args().nth(2) {
        builder = builder.allow_origin(origin);
    }
    let sandbox = builder.start_blocking()?;
    println!("sandbox ready: {}", sandbox.base_url());
    loop {
        std::thread::park();
    }
}
