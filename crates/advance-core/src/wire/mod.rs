//! The wire format: requests as bytes, replies as types, and nothing that acts.
//!
//! # What is wiped
//!
//! Tokens, signatures, links, ids, `extra` and everything printed on a card are wiped from memory when they are
//! dropped, also if the reply they came in turns out not to fit. So are the copies that this crate makes on the way: of a
//! page that is no JSON, of a text that secrets are taken out of. A request's body is written into one buffer that does not
//! grow. The envelope's `message` and its words are not wiped.
//!
//! A copy that is not this crate's cannot be wiped here: the body handed to [`parse`] is the caller's, the body, the headers and
//! the address of a built request are the HTTP client's, a string that came with escapes in it passed through a buffer of
//! `serde_json`'s, and a small value that is copied rather than moved (a date, a sex, a neighbourhood) stays where it
//! was copied to.
//!
//! # The floor
//!
//! This is the pure floor of the SDK. [`build_request`] makes any request and [`parse`] reads any reply, without a
//! session, a client or a socket; the machine in [`session`](crate::session) stands on the same two functions.

mod code;
mod decode;
mod endpoint;
mod envelope;
mod generate_token;
mod generate_url;
mod get_result;
mod lenient;
mod lookalike;
mod members;
mod messages;
mod names;
mod object;
mod raw_json;
mod request;
mod sign;
mod text_enum;

pub use code::{Code, CodeClass, PricingStrategy};
pub use decode::{DecodeError, DecodeFault};
pub use endpoint::{Auth, Endpoint, Replay};
pub use envelope::{Envelope, ParseError, parse};
pub use generate_token::{GenerateToken, IssuedToken, Period};
pub use generate_url::GenerateUrl;
pub use get_result::GetResult;
pub use raw_json::RawJson;
pub use request::build_request;
pub use sign::{Signature, Timestamp, sign};
pub use text_enum::UnknownWord;

pub(crate) use generate_url::decode_link;
pub(crate) use get_result::decode_result;
pub(crate) use lenient::{SecretText, millis, open_text, optional_text};
pub(crate) use members::names_a_member;
pub(crate) use messages::is_documented as is_documented_message;
pub(crate) use names::names_of;
pub(crate) use object::optional_object;
pub(crate) use request::Draft;
pub(crate) use text_enum::text_enum;

/// The JSON of a request body made of strings and numbers, written into one buffer: one that grows leaves pieces behind.
fn encode<T: serde::Serialize>(body: &T) -> Vec<u8> {
    let mut length = Length(0);
    let mut written = Vec::new();
    // Serialising fails only for maps with keys that are no strings and for failing `Serialize` implementations;
    // the bodies here are derived structs of strings and numbers. Neither writer fails.
    #[expect(clippy::expect_used, reason = "cannot fail, see above")]
    {
        serde_json::to_writer(&mut length, body).expect("a derived struct of strings and numbers serialises");
        written.reserve_exact(length.0);
        serde_json::to_writer(&mut written, body)
            .expect("a derived struct of strings and numbers serialises");
    }
    written
}

/// Counts what is written.
struct Length(usize);

impl std::io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_body_is_written_into_a_buffer_of_its_size() {
        let text = "\u{1}\"x".repeat(1_000);
        let body = super::encode(&[text.as_str()]);
        assert_eq!(body, serde_json::to_vec(&[&text]).unwrap());
        assert_eq!(body.capacity(), body.len());
    }
}
