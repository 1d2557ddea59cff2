//! The cases, grouped by what goes wrong.

mod bodies;
mod client;
mod compression;
mod connect;
mod framing;
mod hygiene;
mod images;
mod limits;
mod logs;
mod lost;
mod pool;
mod proxy;
mod redirects;
mod seam;
mod statuses;
mod time;
mod tls;
mod trust;

use crate::case::Case;

const GROUPS: &[&[Case]] = &[
    connect::CASES,
    time::CASES,
    lost::CASES,
    framing::CASES,
    redirects::CASES,
    statuses::CASES,
    bodies::CASES,
    limits::CASES,
    hygiene::CASES,
    logs::CASES,
    seam::CASES,
    client::CASES,
    images::CASES,
    tls::CASES,
    trust::CASES,
    proxy::CASES,
    pool::CASES,
    compression::CASES,
];

/// Every case, in the order of their groups.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    GROUPS.iter().flat_map(|group| group.iter())
}
