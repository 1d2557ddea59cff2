//! The cases, grouped by what goes wrong.

mod bodies;
mod client;
mod compression;
mod connect;
mod framing;
mod hygiene;
mod images;
mod limits;
mod lost;
mod pool;
mod proxy;
mod redirects;
mod seam;
mod statuses;
mod time;
mod tls;

use crate::case::Case;

pub(crate) const GROUPS: &[&[Case]] = &[
    connect::CASES,
    time::CASES,
    lost::CASES,
    framing::CASES,
    redirects::CASES,
    statuses::CASES,
    bodies::CASES,
    limits::CASES,
    hygiene::CASES,
    seam::CASES,
    client::CASES,
    images::CASES,
    tls::CASES,
    proxy::CASES,
    pool::CASES,
    compression::CASES,
];
