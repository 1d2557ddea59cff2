//! The names of the specification's headers.

/// Names the message, the same each time that it is sent. A receiver deduplicates by it.
pub const ID: &str = "webhook-id";

/// When this attempt was signed, in seconds since 1970.
pub const TIMESTAMP: &str = "webhook-timestamp";

/// One signature or more, separated by spaces: `v1,` and the HMAC-SHA256 in base64.
pub const SIGNATURE: &str = "webhook-signature";
