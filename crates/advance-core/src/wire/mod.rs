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

mod body;
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
pub(crate) use lenient::{open_text, optional_text};
pub(crate) use members::names_a_member;
pub(crate) use messages::is_documented as is_documented_message;
pub(crate) use names::names_of;
pub(crate) use object::optional_object;
pub(crate) use request::Draft;
pub(crate) use text_enum::text_enum;
