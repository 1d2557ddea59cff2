//! The sandbox's page and dashboard in headless Chromium, as people and testers use them. Pictures of every state are
//! kept below `target/browser/pictures`.

mod axe;
mod dashboard;
mod driver;
mod flows;
mod gallery;
mod screens;
mod shop;
mod strangers;
mod vendor;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Everything that a run leaves behind is below the workspace's target folder, outside of git.
fn scratch() -> Result<PathBuf> {
    let scratch = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/browser");
    std::fs::create_dir_all(&scratch)?;
    // chromedriver reads nothing below a path with `..` in it.
    Ok(scratch.canonicalize()?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(failures) if failures.is_empty() => ExitCode::SUCCESS,
        Ok(failures) => {
            for failure in &failures {
                eprintln!("FAIL {failure}");
            }
            eprintln!("{} failures", failures.len());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("FAIL {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<Vec<String>> {
    let scratch = scratch()?;
    let driver = driver::Driver::start(&scratch).await?;
    let vendor = vendor::Vendor::start().await?;
    let shop = shop::Shop::open().await?;
    let mut gallery = gallery::Gallery::new(&scratch)?;
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|name| name == part);
    if is_wanted("flows") {
        let flows = flows::Flows {
            vendor: &vendor,
            shop: &shop,
        };
        println!("{} ways through the page", flows.all(&driver).await?);
    }
    if is_wanted("strangers") {
        strangers::are_refused(&driver, &vendor, &shop).await?;
        println!("strangers are refused");
    }
    if is_wanted("dashboard") {
        dashboard::look(&driver, &shop, &mut gallery).await?;
    }
    if is_wanted("screens") {
        screens::look_at_all(&driver, &vendor, &shop, &mut gallery).await?;
    }
    println!(
        "{} pictures in {}",
        gallery.pictures,
        scratch.join("pictures").display()
    );
    Ok(gallery.findings)
}
