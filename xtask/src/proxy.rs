//! Both transports through tinyproxy, a proxy that is used in earnest.

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
