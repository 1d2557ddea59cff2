//! Both transports through tinyproxy, which is nobody's test double.

use crate::command::{cargo, passes};

pub(crate) fn check() -> bool {
    passes(cargo(&[
        "test",
        "--quiet",
        "--locked",
        "-p",
        "advance-conformance",
        "--test",
        "tinyproxy",
        "--",
        "--ignored",
    ]))
}
