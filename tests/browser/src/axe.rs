//! axe-core: a page is asked what keeps people from using it.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha512};

use crate::Result;
use crate::driver::Browser;

const VERSION: &str = "4.14.1";
const INTEGRITY: &str =
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==";

/// The script, from npm's registry by npm, and none other than the one that was looked at.
pub(crate) fn script(scratch: &Path) -> Result<String> {
    let archive = scratch.join(format!("axe-core-{VERSION}.tgz"));
    if !archive.exists() {
        let mut npm = Command::new("npm");
        npm.args(["pack", "--silent", &format!("axe-core@{VERSION}")])
            .current_dir(scratch);
        if !npm.output()?.status.success() {
            return Err("npm pack axe-core failed; is npm installed and its registry reachable?".into());
        }
    }
    if STANDARD.encode(Sha512::digest(std::fs::read(&archive)?)) != INTEGRITY {
        return Err(format!(
            "{} is not the axe-core that was pinned; remove it",
            archive.display()
        )
        .into());
    }
    let mut tar = Command::new("tar");
    tar.args(["xzOf"]).arg(&archive).arg("package/axe.min.js");
    let output = tar.output()?;
    Ok(String::from_utf8(output.stdout)?)
}

/// What axe finds on the page as it is shown now, one line each.
pub(crate) async fn findings(browser: &Browser, script: &str) -> Result<Vec<String>> {
    browser.run(script).await?;
    let run =
        "const done = arguments[arguments.length - 1]; axe.run().then(done, (error) => done(String(error)));";
    let report = browser.client.execute_async(run, Vec::new()).await?;
    let Some(violations) = report["violations"].as_array() else {
        return Err(format!("axe did not run: {report}").into());
    };
    let describe = |violation: &Value| {
        let nodes = violation["nodes"].as_array().into_iter().flatten();
        let targets: Vec<String> = nodes
            .map(|node| format!("{} {}", node["target"], node["failureSummary"]))
            .collect();
        format!(
            "{}: {} ({})",
            violation["id"],
            violation["help"],
            targets.join("; ")
        )
    };
    Ok(violations.iter().map(describe).collect())
}
