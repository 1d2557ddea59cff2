//! The meaning of a reply to a program that verifies people.

mod date;
mod id;
mod ids;
mod image;
mod ktp;
mod link;
mod picture;
mod region;
mod transaction_id;
mod verdict;
pub(crate) mod verification;

pub use date::CalendarDate;
pub use ids::{SignatureId, UserId};
pub use image::ImageLink;
pub use ktp::{
    Birth, Check, CheckReason, Consistency, Expiry, Finding, Ktp, Nik, Printed, Reading, RtRw, Sex,
};
pub use link::VerificationLink;
pub use picture::{Picture, PictureFormat};
pub use region::Region;
pub use transaction_id::TransactionId;
pub use verdict::{DocumentedPolicy, MissingCheck, Outcome, Reason, Verdict, VerdictPolicy};
pub(crate) use verification::Data as VerificationData;
pub use verification::{ForgeryLabel, IdvCode, IdvResult, ImageType, OcrCode, QualityLabel, Verification};
