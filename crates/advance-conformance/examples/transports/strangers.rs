//! Transports that this workspace does not ship.

use advance_conformance::{Claims, Setup, Subject};
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::time::Instant;

use super::bare::Bare;
use super::expanding::Expanding;
use super::over_hyper::OverHyper;
use super::over_smol::{self, OverSmol};
use super::tokio_runtime;

pub(crate) fn over_hyper(_: &Setup) -> OverHyper {
    OverHyper(HttpConnector::new(), Instant::now())
}

pub(crate) fn over_smol(_: &Setup) -> OverSmol {
    OverSmol::new()
}

pub(crate) fn bare(_: &Setup) -> Bare {
    Bare::new()
}

pub(crate) fn expanding(_: &Setup) -> Expanding<Bare> {
    Expanding(Bare::new())
}

pub(crate) fn subjects() -> Vec<Subject> {
    let claims = Claims::none();
    vec![
        Subject::asynchronous("hyper-util", claims, over_hyper, tokio_runtime::block_on),
        Subject::asynchronous("smol", claims, over_smol, over_smol::block_on),
        Subject::blocking("bare", claims, bare),
        Subject::blocking("bare-gzip", claims.compression(), expanding),
    ]
}
