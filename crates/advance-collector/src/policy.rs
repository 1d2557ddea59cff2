//! What the application chose: how often to ask, what to pay for, what to keep.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use advance_core::url::DownloadPolicy;
use advance_core::{SignatureId, WaitPolicy};

/// How verifications are collected.
///
/// ```
/// use std::time::Duration;
/// use advance_collector::{Pictures, Policy};
///
/// let policy = Policy::new()
///     .wait(|wait| wait.backoff(Duration::from_secs(5), Duration::from_secs(60)))
///     .pictures(Pictures::Fetch)
///     .retention(Duration::from_secs(30 * 24 * 3_600));
/// ```
#[derive(Clone)]
pub struct Policy {
    shape: Arc<dyn Fn(WaitPolicy) -> WaitPolicy + Send + Sync>,
    pub(crate) doubts: u32,
    pub(crate) pictures: Pictures,
    pub(crate) download: DownloadPolicy,
    pub(crate) call: Duration,
    pub(crate) silence: Duration,
    pub(crate) patience: Duration,
    pub(crate) retention: Option<Duration>,
}

/// What to do about pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pictures {
    /// Leave them.
    Skip,
    /// Fetch them as soon as there is a result. One whose link has ended is lost.
    Fetch,
    /// The same, but ask get-result for another link if one has ended before its picture was fetched, which may be
    /// charged. Each picture asks at most twice.
    FetchAndPay,
}

impl Policy {
    /// Asks as [`WaitPolicy`] does by default. Never asks again after a doubt. Leaves pictures. A call may take 45 s. A
    /// verification that the account's troubles keep from being asked about is given up after three days. Nothing is
    /// pruned.
    pub fn new() -> Self {
        Self {
            shape: Arc::new(|wait| wait),
            doubts: 0,
            pictures: Pictures::Skip,
            download: DownloadPolicy::new(),
            call: Duration::from_secs(45),
            silence: Duration::from_secs(30),
            patience: Duration::from_secs(3 * 24 * 3_600),
            retention: None,
        }
    }

    /// How often to ask, for how long, what means "not yet", how long after the link's end a result may come, and how
    /// many charged answers that bring nothing to pay for. The link's end is known from the store.
    #[must_use]
    pub fn wait(mut self, shape: impl Fn(WaitPolicy) -> WaitPolicy + Send + Sync + 'static) -> Self {
        self.shape = Arc::new(shape);
        self
    }

    /// How many doubts of a verification are followed by another question. Each doubt may have been charged, so each such
    /// question may be a second charge for the same result. None unless told otherwise.
    #[must_use]
    pub const fn ask_again_after_doubts(mut self, doubts: u32) -> Self {
        self.doubts = doubts;
        self
    }

    /// What to do about pictures.
    #[must_use]
    pub const fn pictures(mut self, pictures: Pictures) -> Self {
        self.pictures = pictures;
        self
    }

    /// From which hosts pictures are fetched, and how large they may be.
    #[must_use]
    pub fn download(mut self, download: DownloadPolicy) -> Self {
        self.download = download;
        self
    }

    /// The longest a call may take in all: 45 s unless told otherwise, and at most 20 minutes.
    #[must_use]
    pub fn call_within(mut self, within: Duration) -> Self {
        self.call = within.min(Duration::from_secs(20 * 60));
        self
    }

    /// How much longer than a call its sender may be silent before the attempt counts as a doubt: 30 s unless told otherwise,
    /// and at most 20 minutes.
    #[must_use]
    pub fn silent_for(mut self, silence: Duration) -> Self {
        self.silence = silence.min(Duration::from_secs(20 * 60));
        self
    }

    /// How long after it was added a verification is given up if all that time the account was refused (a balance that is
    /// used up, a right that is missing).
    #[must_use]
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How long after its end a verification of which the application was told is forgotten, by the store and by the sink.
    #[must_use]
    pub const fn retention(mut self, retention: Duration) -> Self {
        self.retention = Some(retention);
        self
    }

    pub(crate) fn wait_for(&self, signature_id: SignatureId) -> WaitPolicy {
        (self.shape)(WaitPolicy::of(signature_id))
    }

    /// How long an attempt's sender may be silent.
    pub(crate) fn lease(&self) -> Duration {
        self.call + self.silence
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("ask_again_after_doubts", &self.doubts)
            .field("pictures", &self.pictures)
            .field("download", &self.download)
            .field("call_within", &self.call)
            .field("patience", &self.patience)
            .field("retention", &self.retention)
            .finish_non_exhaustive()
    }
}
