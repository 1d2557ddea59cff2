//! Thousands of results into a CSV file, with their pictures, and on again after a kill: nothing that came is asked twice.
//!
//! ```sh
//! export ADVANCE_BASE_URL=http://127.0.0.1:8080
//! export ADVANCE_ACCESS_KEY=sampleaccesskey ADVANCE_SECRET_KEY=samplesecretkey
//! cargo run -p advance-reqwest --example batch_to_csv ids.txt out
//! ```
//!
//! `ids.txt` has a signatureId a line. `out/results.csv` gets a row for each, in the order in which they come; pictures and
//! replies are beside it, in files that only this user can read.
#![expect(clippy::print_stdout, reason = "a program for a person")]

use std::collections::BTreeSet;
use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use advance_reqwest::{BatchPolicy, Client, SignatureId, Verification};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(ids), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("usage: batch_to_csv IDS OUT".into());
    };
    let out = PathBuf::from(out);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&out)?;
    let client = advance_reqwest::from_env()?;

    let (mut csv, done) = table(&out.join("results.csv"))?;
    let mut left = Vec::new();
    for id in fs::read_to_string(ids)?.lines().filter(|id| !done.contains(*id)) {
        let id = SignatureId::new(id)?;
        match fs::read_to_string(kept(&out, &id)) {
            // It came, and the program was killed before its row was written.
            Ok(reply) => add(&client, &mut csv, &out, &id, &read_again(&reply)?).await?,
            Err(_) => left.push(id),
        }
    }
    println!("{} came before, {} to ask for", done.len(), left.len());

    let mut results = client.results(left, BatchPolicy::new());
    while let Some(item) = results.next().await {
        match item.result {
            Some(Ok(result)) => {
                // First of all: it may have been paid for.
                write(&kept(&out, &item.signature_id), result.raw())?;
                add(&client, &mut csv, &out, &item.signature_id, result.data()).await?;
            }
            // It has no row, so the next run asks again.
            Some(Err(error)) => println!("{}: {error}", item.signature_id),
            None => {}
        }
    }
    println!("charged: {:?}", client.charges());
    Ok(())
}

/// The table, to be appended to, and the ids that have a row. Half a row, of a program that was killed, is cut off.
fn table(path: &Path) -> Result<(csv::Writer<File>, BTreeSet<String>), Box<dyn Error>> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    let mut reader = csv::Reader::from_reader(&text.as_bytes()[..whole]);
    let ids = reader
        .records()
        .map(|row| Ok(row?.get(0).unwrap_or_default().to_owned()));
    let ids = ids.collect::<Result<_, csv::Error>>()?;
    let mut options = OpenOptions::new();
    let file = options.create(true).append(true).mode(0o600).open(path)?;
    file.set_len(whole as u64)?;
    let mut csv = csv::Writer::from_writer(file);
    if whole == 0 {
        csv.write_record(["signatureId", "outcome", "reasons", "picture"])?;
    }
    Ok((csv, ids))
}

/// Fetches the picture and writes the row, which says that all is done.
async fn add(
    client: &Client,
    csv: &mut csv::Writer<File>,
    out: &Path,
    id: &SignatureId,
    result: &Verification,
) -> Result<(), Box<dyn Error>> {
    let mut name = String::new();
    if let Some(link) = result.image() {
        match client.download(link).await {
            Ok(picture) => {
                let path = kept(out, id).with_extension(picture.format().extension());
                write(&path, picture.expose_bytes())?;
                name = path
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
            }
            // A link lives for a day. Another one may be charged, so that is for a person to decide.
            Err(error) => println!("{id}: no picture: {error}"),
        }
    }
    let verdict = result.verdict();
    let reasons: Vec<String> = verdict.reasons.iter().map(ToString::to_string).collect();
    csv.write_record([id.as_str(), verdict.outcome.as_str(), &reasons.join("; "), &name])?;
    Ok(csv.flush()?)
}

/// The result of a reply that was kept.
fn read_again(reply: &str) -> Result<Verification, Box<dyn Error>> {
    let reply: serde_json::Value = serde_json::from_str(reply)?;
    Ok(Verification::from_json(&reply["data"].to_string())?)
}

/// Where a reply is kept. An id may have any characters, so it is no file name.
fn kept(out: &Path, id: &SignatureId) -> PathBuf {
    let digits: Vec<String> = id.as_str().bytes().map(|byte| format!("{byte:02x}")).collect();
    out.join(digits.concat() + ".json")
}

/// Whole or not at all, and for this user only.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let part = path.with_extension("part");
    let mut options = OpenOptions::new();
    let mut file = options
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(fs::rename(part, path)?)
}
