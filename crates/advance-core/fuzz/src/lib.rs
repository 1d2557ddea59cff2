//! What the fuzz targets check. `tests/corpus.rs` of the crate above runs the same over the committed corpus.

mod differential;
mod envelope;
mod nik;
mod oracle;
mod replies;
mod retry_after;
mod return_url;

pub use differential::differential;
pub use envelope::envelope;
pub use nik::nik;
pub use replies::{generate_token, generate_url, get_result};
pub use retry_after::retry_after;
pub use return_url::return_url;
