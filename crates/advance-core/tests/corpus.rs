//! The fuzz targets over the committed corpus, on stable: what broke something once does not do so again.
#![cfg(feature = "serialize")]
#![allow(
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the bodies belong to the fuzz crate, where they are public, and fail by panicking"
)]

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

// The very bodies that libFuzzer drives; `crate::` in them is this test.
#[path = "../fuzz/src/differential.rs"]
mod differential;
#[path = "../fuzz/src/envelope.rs"]
mod envelope;
#[path = "../fuzz/src/nik.rs"]
mod nik;
#[path = "../fuzz/src/oracle.rs"]
mod oracle;
#[path = "../fuzz/src/replies.rs"]
mod replies;
#[path = "../fuzz/src/retry_after.rs"]
mod retry_after;
#[path = "../fuzz/src/return_url.rs"]
mod return_url;

/// Every file of a target's corpus. No target is without.
fn replay(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut seen = 0;
    for file in fs::read_dir(&folder).expect("the corpus is committed") {
        let path = file.expect("can be listed").path();
        let input = fs::read(&path).expect("can be read");
        assert!(catch_unwind(|| body(&input)).is_ok(), "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 3, "{} holds {seen} files", folder.display());
}

macro_rules! replayed {
    ($($target:ident = $body:path,)+) => {
        $(mod $target {
            #[test]
            fn replays() {
                super::super::replay(stringify!($target), $body);
            }
        })+
    };
}

mod target {
    replayed! {
        differential = crate::differential::differential,
        envelope = crate::envelope::envelope,
        generate_token = crate::replies::generate_token,
        generate_url = crate::replies::generate_url,
        get_result = crate::replies::get_result,
        nik = crate::nik::nik,
        retry_after = crate::retry_after::retry_after,
        return_url = crate::return_url::return_url,
    }
}
