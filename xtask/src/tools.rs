//! Programs that gates need and that are no part of Rust: each in one version, installed where it is missing.

use std::path::PathBuf;
use std::process::Command;

use crate::command::{cargo, output, passes, root};

pub(crate) struct Tool {
    package: &'static str,
    version: &'static str,
    /// The program's name, if it is not the package's.
    program: &'static str,
}

pub(crate) const CARGO_DENY: Tool = Tool::new("cargo-deny", "0.20.2", "cargo-deny");
pub(crate) const CARGO_HACK: Tool = Tool::new("cargo-hack", "0.6.46", "cargo-hack");
pub(crate) const MDBOOK: Tool = Tool::new("mdbook", "0.5.4", "mdbook");
pub(crate) const SEMVER_CHECKS: Tool = Tool::new("cargo-semver-checks", "0.44.0", "cargo-semver-checks");
pub(crate) const TYPOS: Tool = Tool::new("typos-cli", "1.42.3", "typos");

impl Tool {
    const fn new(package: &'static str, version: &'static str, program: &'static str) -> Self {
        Self {
            package,
            version,
            program,
        }
    }

    /// The program, from the path if that is the pinned version, else installed below `target/`.
    ///
    /// None, if it cannot be installed, which was printed then.
    pub(crate) fn command(&self) -> Option<Command> {
        let own = folder().join("bin").join(self.program);
        let found = [PathBuf::from(self.program), own.clone()]
            .into_iter()
            .find(|program| self.is(program));
        let program = match found {
            Some(program) => program,
            None => self.install().then_some(own)?,
        };
        let mut command = Command::new(program);
        command.current_dir(root());
        if let Some(subcommand) = self.program.strip_prefix("cargo-") {
            command.arg(subcommand);
        }
        Some(command)
    }

    fn is(&self, program: &PathBuf) -> bool {
        let mut command = Command::new(program);
        if let Some(subcommand) = self.program.strip_prefix("cargo-") {
            command.arg(subcommand);
        }
        command.arg("--version");
        output(command).is_some_and(|text| {
            text.split_whitespace()
                .any(|word| word.strip_prefix('v').unwrap_or(word) == self.version)
        })
    }

    fn install(&self) -> bool {
        println!("-- installs {} {}", self.package, self.version);
        let mut command = cargo(&["install", "--quiet", "--locked", "--debug", "--force"]);
        command
            .arg(format!("{}@{}", self.package, self.version))
            .arg("--root")
            .arg(folder())
            // Tools share what they are built of.
            .env("CARGO_TARGET_DIR", folder().join("build"))
            .env("CARGO_PROFILE_DEV_DEBUG", "0");
        let installed = passes(command);
        if !installed {
            eprintln!(
                "`cargo install --locked {}@{}` failed, which this step needs",
                self.package, self.version
            );
        }
        installed
    }
}

fn folder() -> PathBuf {
    root().join("target/tools")
}
