//! How long a program takes to build that asks for one result, beside the same by hand, and how large it is.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{fs, io};

use crate::slow::root;

/// A program of a few lines.
struct Program {
    name: &'static str,
    dependencies: &'static str,
    main: &'static str,
}

const PROGRAMS: [Program; 4] = [
    Program {
        name: "advance-reqwest",
        dependencies: "advance-reqwest = { path = \"{root}/crates/advance-reqwest\" }\n{tokio}",
        main: r#"
use advance_reqwest::{Config, Credentials, SignatureId};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = advance_reqwest::client(Config::new(), Credentials::new("key", "secret")?)?;
    let result = client.get_result(&SignatureId::new("f302f5d2454a85c2")?).await?;
    println!("{:?}", result.data().idv_code());
    Ok(())
}
"#,
    },
    Program {
        name: "reqwest by hand",
        dependencies: "reqwest = { version = \"0.13\", default-features = false, features = [\"rustls-no-provider\"] }\n\
                       rustls = { version = \"0.23\", default-features = false, features = [\"std\", \"ring\", \"tls12\"] }\n\
                       {hand}{tokio}",
        main: r#"
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build()?;
    let post = async |path: &str, token: &str, body: String| {
        let request = client.post(format!("https://api.advance.ai{path}"));
        let request = request.header("Content-Type", "application/json").header("X-ACCESS-TOKEN", token);
        Ok::<_, reqwest::Error>(request.body(body).send().await?.bytes().await?.to_vec())
    };
    let token = read_token(&post(TOKEN_PATH, "", token_body("key", "secret")).await?)?;
    println!("{:?}", read_code(&post(RESULT_PATH, &token, result_body("f302f5d2454a85c2")).await?)?);
    Ok(())
}
"#,
    },
    Program {
        name: "advance-ureq",
        dependencies: "advance-ureq = { path = \"{root}/crates/advance-ureq\" }\n",
        main: r#"
use advance_ureq::{Config, Credentials, SignatureId};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = advance_ureq::client(Config::new(), Credentials::new("key", "secret")?)?;
    let result = client.get_result(&SignatureId::new("f302f5d2454a85c2")?)?;
    println!("{:?}", result.data().idv_code());
    Ok(())
}
"#,
    },
    Program {
        name: "ureq by hand",
        dependencies: "ureq = { version = \"3\", default-features = false, features = [\"rustls\", \"platform-verifier\"] }\n{hand}",
        main: r#"
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let post = |path: &str, token: &str, body: String| {
        let request = ureq::post(format!("https://api.advance.ai{path}"));
        let request = request.header("Content-Type", "application/json").header("X-ACCESS-TOKEN", token);
        request.send(body)?.body_mut().read_to_vec()
    };
    let token = read_token(&post(TOKEN_PATH, "", token_body("key", "secret"))?)?;
    println!("{:?}", read_code(&post(RESULT_PATH, &token, result_body("f302f5d2454a85c2"))?)?);
    Ok(())
}
"#,
    },
];

const TOKIO: &str = "tokio = { version = \"1\", default-features = false, features = [\"macros\", \"rt\", \"net\", \"time\"] }\n";

const HAND: &str = "serde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\"\nsha2 = \"0.11\"\nhex = \"0.4\"\n";

/// What both programs by hand share.
const BY_HAND: &str = r##"
use sha2::Digest as _;

const TOKEN_PATH: &str = "/openapi/auth/ticket/v1/generate-token";
const RESULT_PATH: &str = "/intl/openapi/face-identity/h5-idv/v1/get-result";

#[derive(serde::Deserialize)]
struct Reply<T> { data: T }

#[derive(serde::Deserialize)]
struct Token { token: String }

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verification { idv_code: Option<String> }

fn token_body(key: &str, secret: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let signature = hex::encode(sha2::Sha256::digest(format!("{key}{secret}{now}")));
    format!(r#"{{"accessKey":"{key}","signature":"{signature}","timestamp":{now}}}"#)
}

fn result_body(id: &str) -> String {
    format!(r#"{{"signatureId":"{id}"}}"#)
}

fn read_token(body: &[u8]) -> serde_json::Result<String> {
    Ok(serde_json::from_slice::<Reply<Token>>(body)?.data.token)
}

fn read_code(body: &[u8]) -> serde_json::Result<Option<String>> {
    Ok(serde_json::from_slice::<Reply<Verification>>(body)?.data.idv_code)
}
"##;

/// A line for each program.
pub fn measure() -> Option<Vec<String>> {
    let folder = std::env::temp_dir().join(format!("bench-hello-{}", std::process::id()));
    let lines = PROGRAMS.iter().map(|program| {
        let place = folder.join(program.name.replace(' ', "-"));
        let line = built(program, &place);
        if let Err(error) = &line {
            eprintln!("{}: {error}", program.name);
        }
        line.ok()
    });
    let lines = lines.collect();
    let _left_behind = fs::remove_dir_all(&folder);
    lines
}

fn built(program: &Program, place: &Path) -> io::Result<String> {
    fs::create_dir_all(place.join("src"))?;
    let root = root().canonicalize()?;
    let dependencies = program
        .dependencies
        .replace("{root}", &root.display().to_string())
        .replace("{tokio}", TOKIO)
        .replace("{hand}", HAND);
    let manifest = format!(
        "[workspace]\n[package]\nname = \"hello\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[dependencies]\n{dependencies}"
    );
    fs::write(place.join("Cargo.toml"), manifest)?;
    // The same versions for all four.
    fs::copy(root.join("Cargo.lock"), place.join("Cargo.lock"))?;
    let by_hand = program.name.ends_with("by hand");
    let main = [if by_hand { BY_HAND } else { "" }, program.main].concat();
    fs::write(place.join("src/main.rs"), main)?;
    run(place, &["fetch", "--quiet"])?;
    let begun = Instant::now();
    run(place, &["build", "--quiet", "--release"])?;
    let took = begun.elapsed().as_secs_f64();
    let binary = fs::metadata(place.join("target/release/hello"))?.len();
    #[expect(clippy::cast_precision_loss, reason = "a few megabytes")]
    let size = binary as f64 / f64::from(1 << 20);
    Ok(format!(
        "{}: {} crates, {took:.1} s, {size:.2} MiB",
        program.name,
        crates(&place.join("target/release/deps"))?
    ))
}

/// Those that were compiled for it, procedural macros and what they need included.
fn crates(folder: &Path) -> io::Result<usize> {
    let files: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    Ok(files
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "d"))
        .count())
}

fn run(place: &Path, arguments: &[&str]) -> io::Result<()> {
    let status = Command::new("cargo")
        .args(arguments)
        .current_dir(place)
        .env("CARGO_TARGET_DIR", place.join("target"))
        .stdout(Stdio::null())
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("cargo {} failed", arguments.join(" "))))
    }
}
