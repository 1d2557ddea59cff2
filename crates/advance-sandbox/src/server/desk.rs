//! What all connections of a sandbox share.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use super::guard::Policy;
use super::{Feed, Wish};
use crate::model::{UnixMs, Vendor};

/// How long clients may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// For a request's head, and between two requests.
    pub(super) idle: Duration,
    /// For a request's body.
    pub(super) read: Duration,
    /// For taking any of a reply.
    pub(super) write: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(90),
            read: Duration::from_secs(30),
            write: Duration::from_secs(30),
        }
    }
}

/// How links follow the address that was asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Links {
    pub(super) tls: bool,
    /// Where pictures are, if that is another port.
    pub(super) images_port: Option<u16>,
}

/// What all connections of a sandbox share.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) vendor: Arc<Mutex<Vendor>>,
    pub(super) feed: Feed,
    pub(super) policy: Arc<Policy>,
    pub(super) prefix: Arc<str>,
    pub(super) limits: Limits,
    /// None if links begin with an address that was configured.
    pub(super) links: Option<Links>,
    pub(super) under_way: Arc<AtomicU32>,
    pub(super) ending: watch::Receiver<Wish>,
}

/// The model, also after somebody panicked while holding it: each of its transitions is complete or harmless.
pub(super) fn lock(vendor: &Mutex<Vendor>) -> MutexGuard<'_, Vendor> {
    vendor.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn now() -> UnixMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMs(0).after(since)
}
