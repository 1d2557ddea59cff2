//! Everything that knows what a URL looks like. URLs are checked, and sent exactly as given.

mod authority;
mod base_url;
mod hosts;
mod insecure;
mod origin;
mod return_url;
mod returned;

pub use authority::is_loopback;
pub use base_url::BaseUrl;
pub use hosts::DownloadPolicy;
pub use insecure::InsecureHost;
pub use return_url::ReturnUrl;
pub use returned::{ReturnMismatch, ReturnedUrl};

pub(crate) use authority::authority_flaw;
pub(crate) use origin::{Origin, host, origin, sound};
