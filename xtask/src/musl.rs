//! The command as one static program, as the container has it (Debian's `musl-tools`).

use std::process::Command;

use crate::command::{cargo, output, passes, root};

/// Needs `rustup target add` for the target of this machine.
pub(crate) fn check() -> bool {
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    let build = [
        "build",
        "--release",
        "--locked",
        "-p",
        "advance-cli",
        "--target",
        &target,
    ];
    if !passes(cargo(&build)) {
        eprintln!("`rustup target add {target}` and `apt-get install musl-tools` are needed");
        return false;
    }
    let program = root().join("target").join(target).join("release/advance");
    let mut headers = Command::new("readelf");
    headers.args(["--program-headers", "--wide"]).arg(&program);
    let Some(headers) = output(headers) else {
        eprintln!("readelf (Debian's binutils) is needed");
        return false;
    };
    if headers.contains("INTERP") {
        eprintln!("{} asks for a dynamic linker", program.display());
        return false;
    }
    let mut demo = Command::new(program);
    demo.arg("demo");
    passes(demo)
}
