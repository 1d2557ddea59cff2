//! Clients of other languages, and TLS.

use std::io::{Read, Write};

use advance_sandbox::Sandbox;

use crate::wire::{TOKEN, connect};

/// What the clients of other languages put on the wire, as they were seen to.
#[test]
fn clients_of_other_languages_are_understood() {
    let sandbox = Sandbox::start_blocking().unwrap();
    let chunked = "2\r\n{}\r\n0\r\n\r\n";
    for (client, head, body) in [
        (
            "curl",
            "HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\nContent-Type: application/json\r\nContent-Length: 2",
            "{}",
        ),
        (
            "Go",
            "HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: 2\r\nContent-Type: application/json\r\nAccept-Encoding: gzip",
            "{}",
        ),
        (
            "PHP streams",
            "HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2",
            "{}",
        ),
        (
            "PHP curl",
            "HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2",
            "{}",
        ),
        (
            "Java",
            "HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nContent-Length: 2\r\nHost: localhost\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nUpgrade: h2c\r\nUser-Agent: Java-http-client/17\r\nContent-Type: application/json",
            "{}",
        ),
        (
            "Node",
            "HTTP/1.1\r\nhost: localhost\r\nconnection: keep-alive\r\ncontent-type: application/json\r\naccept: */*\r\naccept-language: *\r\nsec-fetch-mode: cors\r\nuser-agent: node\r\naccept-encoding: gzip, deflate\r\ntransfer-encoding: chunked",
            chunked,
        ),
    ] {
        let mut stream = connect(sandbox.addr());
        stream
            .write_all(format!("POST {TOKEN} {head}\r\n\r\n{body}").as_bytes())
            .unwrap();
        let mut read = String::new();
        let mut buffer = [0; 4096];
        while !read.contains("Parameter should not be empty") {
            let count = stream.read(&mut buffer).unwrap();
            assert_ne!(count, 0, "{client}: {read}");
            read.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    }
}

#[cfg(all(unix, feature = "tls"))]
#[test]
fn tls_is_trusted_by_the_authority_that_is_printed_and_by_no_other() {
    let sandbox = Sandbox::builder().tls().start_blocking().unwrap();
    assert!(sandbox.base_url().starts_with("https://127.0.0.1:"));
    let file = std::env::temp_dir().join(format!("advance-sandbox-{}.pem", std::process::id()));
    std::fs::write(&file, sandbox.ca_pem().unwrap()).unwrap();
    let ask = |trusted: &[&std::ffi::OsStr], host: &str| {
        let url = format!("https://{host}:{}/__sandbox/health", sandbox.addr().port());
        let mut command = std::process::Command::new("curl");
        command.args(["-s", "--noproxy", "*"]).args(trusted).arg(url);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let trusted = ["--cacert".as_ref(), file.as_os_str()];
    for host in ["127.0.0.1", "localhost"] {
        assert!(ask(&trusted, host).contains("\"ready\":true"), "{host}");
        assert_eq!(ask(&[], host), "");
    }
    std::fs::remove_file(file).unwrap();
}
