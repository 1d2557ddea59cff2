//! Where replies and pictures go: to the caller, and not into the store.

mod folder;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use advance_core::SignatureId;
use advance_core::domain::PictureFormat;
use zeroize::Zeroizing;

pub use folder::Folder;

/// What a sink is given to keep: personal data, wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Keepsake {
    /// Of which verification.
    pub signature_id: SignatureId,
    /// What it is.
    pub what: What,
    /// The reply's body as it came, or the picture's file.
    pub bytes: Arc<Zeroizing<Vec<u8>>>,
}

/// What a sink is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum What {
    /// The reply to get-result that ended the verification.
    Reply,
    /// The full picture.
    Image(PictureFormat),
    /// The picture cropped to the card.
    CroppedImage(PictureFormat),
}

impl What {
    /// `result.json`, `image.png`, `cropped_image.jpg` and so on.
    pub fn file_name(self) -> String {
        match self {
            Self::Reply => "result.json".into(),
            Self::Image(format) => format!("image.{}", format.extension()),
            Self::CroppedImage(format) => format!("cropped_image.{}", format.extension()),
        }
    }
}

impl Keepsake {
    /// This to keep of that verification.
    pub fn new(signature_id: SignatureId, what: What, bytes: Vec<u8>) -> Self {
        Self {
            signature_id,
            what,
            bytes: Arc::new(Zeroizing::new(bytes)),
        }
    }
}

impl fmt::Debug for Keepsake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keepsake")
            .field("signature_id", &self.signature_id)
            .field("what", &self.what)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

/// Why a sink did not keep something.
pub type SinkError = Box<dyn StdError + Send + Sync>;

/// Keeps replies and pictures for the caller. It is called before the outcome is booked, so what was paid for is kept even
/// if the process dies in between; the same may come twice then, and the later one replaces the earlier.
pub trait Sink: Send + Sync {
    /// Keeps this; returns when it is safe. It is tried again a few times if it fails. Async runners call it on the task
    /// that runs them: it has to be quick, as a file or a queue is.
    ///
    /// # Errors
    /// Anything; what the error says must hold nothing of what was to be kept.
    fn keep(&self, keepsake: &Keepsake) -> Result<(), SinkError>;

    /// Forgets what it keeps of this verification, which is erased or pruned.
    ///
    /// # Errors
    /// As above.
    fn forget(&self, signature_id: &SignatureId) -> Result<(), SinkError>;
}

/// Keeps nothing: for those who need the verdict and not the card. A reply is gone once its verdict is booked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Discard;

impl Sink for Discard {
    fn keep(&self, _: &Keepsake) -> Result<(), SinkError> {
        Ok(())
    }

    fn forget(&self, _: &SignatureId) -> Result<(), SinkError> {
        Ok(())
    }
}

impl<T: Sink + ?Sized> Sink for Arc<T> {
    fn keep(&self, keepsake: &Keepsake) -> Result<(), SinkError> {
        (**self).keep(keepsake)
    }

    fn forget(&self, signature_id: &SignatureId) -> Result<(), SinkError> {
        (**self).forget(signature_id)
    }
}
