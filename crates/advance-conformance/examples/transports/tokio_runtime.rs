//! One tokio runtime for every async transport here that needs one.
#![allow(clippy::unwrap_used)] // Set-up of tests: nothing to go on with if it fails.

use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};

pub(crate) fn block_on(future: Pin<Box<dyn Future<Output = ()> + Send + '_>>) {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME
        .get_or_init(|| {
            Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap()
        })
        .block_on(future);
}
