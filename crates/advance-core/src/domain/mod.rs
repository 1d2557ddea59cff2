//! What a reply means to a program that verifies people.

mod ids;
mod image;
mod ktp;
mod link;
mod region;
mod return_url;
mod verification;

pub use ids::{SignatureId, TransactionId, UserId};
pub use image::ImageLink;
pub use ktp::{Ktp, Printed};
pub use link::VerificationLink;
pub use region::Region;
pub use return_url::ReturnUrl;
pub(crate) use verification::VerificationData;
pub use verification::{ForgeryLabel, IdvCode, IdvResult, ImageType, OcrCode, QualityLabel, Verification};
