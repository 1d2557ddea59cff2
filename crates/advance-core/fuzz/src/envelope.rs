//! Any bytes as a reply: there is an answer, and what it says about itself is safe to show.

use std::fmt::Debug;

use advance_core::wire::{Envelope, ParseError, parse};
use advance_core::{
    Code, Credentials, Endpoint, GenerateToken, GenerateUrl, GetResult, Region, ReturnUrl, SignatureId,
    UnixMillis,
};

/// The first byte chooses the question.
pub fn envelope(input: &[u8]) {
    let Some((choice, body)) = input.split_first() else {
        return;
    };
    match choice % 3 {
        0 => check(&parse(&ask_token(), body)),
        1 => check(&parse(&ask_url(), body)),
        _ => check(&parse(&ask_result(), body)),
    }
}

pub(crate) fn ask_token() -> GenerateToken {
    let credentials = Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
    GenerateToken::sign(&credentials, UnixMillis::new(1_665_993_522_952)).unwrap()
}

pub(crate) fn ask_url() -> GenerateUrl {
    let url = ReturnUrl::new("https://shop.example/done").unwrap();
    GenerateUrl::new(url.clone(), url, Region::IDN)
}

pub(crate) fn ask_result() -> GetResult {
    GetResult::new(SignatureId::new("ed8b21c0c87ad617").unwrap())
}

pub(crate) fn check<T: Debug>(reply: &Result<Envelope<T>, ParseError>) {
    match reply {
        Ok(reply) => {
            assert!(!reply.code.as_str().is_empty());
            assert!(reply.data.is_none() || reply.code == Code::Success);
            showable(&format!("{reply:?}"));
        }
        Err(error) => {
            showable(&format!("{error} {error:?}"));
            assert!(!error.error.to_string().is_empty());
            // A path names documented members and positions, nothing that came.
            assert!(error.error.path().len() < 80, "{}", error.error.path());
        }
    }
}

/// Nothing that could forge a line or drive a terminal, and no text without end.
pub(crate) fn showable(text: &str) {
    assert!(!text.contains(|c: char| c.is_control()), "{text:?}");
}

/// A body of a success with this as its data.
pub(crate) fn success(data: &[u8]) -> Vec<u8> {
    [br#"{"code":"SUCCESS","data":"#, data, b"}"].concat()
}

/// The data of a success, if it parses.
pub(crate) fn data<E: Endpoint>(endpoint: &E, data: &[u8]) -> Option<E::Output>
where
    E::Output: Debug,
{
    let reply = parse(endpoint, &success(data));
    check(&reply);
    reply.ok()?.data
}
