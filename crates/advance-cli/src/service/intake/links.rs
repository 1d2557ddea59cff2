//! `POST /verifications`: one link for each key of the caller's, however many times it is asked for.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use advance_collector::{Pending, Store, StoreError};
use advance_core::{GenerateUrl, Region, ReturnUrl, UserId, VerificationLink};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::Maker;
use super::store_failed;
use crate::problem::rule;
use crate::service::ledger::{Entry, Ledger};
use crate::service::reply::{self, problem};
use crate::time;

const MAX_STATE: usize = 512;
const KEY: &str = "idempotency-key";
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

pub(super) struct Links {
    store: Arc<dyn Store>,
    ledger: Arc<Ledger>,
    make: Maker,
    /// Keys that are being worked on.
    busy: Mutex<HashSet<String>>,
}

/// What is asked. A member that is not known is refused, for it would be ignored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
    return_url: String,
    fail_return_url: String,
    #[serde(default)]
    user_id: Option<String>,
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    state: Option<String>,
}

/// A key that is being worked on, until this is dropped.
struct Turn<'a> {
    busy: &'a Mutex<HashSet<String>>,
    key: &'a str,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        lock(self.busy).remove(self.key);
    }
}

fn lock(busy: &Mutex<HashSet<String>>) -> MutexGuard<'_, HashSet<String>> {
    busy.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Which link is given out.
enum Booked {
    /// The new one: the answer.
    New(String),
    /// That of another process, which was faster with the same key.
    Before(Entry),
}

/// What a request is refused for before the vendor is asked.
type Refused = Box<Response<Vec<u8>>>;

impl Links {
    pub(super) fn new(store: Arc<dyn Store>, ledger: Arc<Ledger>, make: Maker) -> Self {
        Self {
            store,
            ledger,
            make,
            busy: Mutex::default(),
        }
    }

    pub(super) fn post(&self, request: &Request<Bytes>) -> Response<Vec<u8>> {
        let (key, asked, wanted) = match checked(request) {
            Ok(checked) => checked,
            Err(refused) => return *refused,
        };
        let Some(_turn) = self.turn(&key) else {
            // It does not wait: requests with one key could take the places of all others.
            let detail =
                "a request with this idempotency-key is under way; ask again in a moment for its answer";
            return reply::later(problem(StatusCode::CONFLICT, detail), 1);
        };
        match self.ledger.find(&key, time::now()) {
            Err(error) => store_failed(&error),
            Ok(Some(entry)) => replayed(&entry, &asked),
            Ok(None) => self.make(&key, &asked, wanted),
        }
    }

    /// The turn of this key, if none has it.
    fn turn<'a>(&'a self, key: &'a str) -> Option<Turn<'a>> {
        let new = lock(&self.busy).insert(key.to_owned());
        new.then_some(Turn {
            busy: &self.busy,
            key,
        })
    }

    fn make(&self, key: &str, request: &str, wanted: GenerateUrl) -> Response<Vec<u8>> {
        let link = match (self.make)(wanted) {
            Ok(reply) => reply.into_data(),
            Err(error) => return reply::of_call(&error),
        };
        match self.book(key, request, &link) {
            Ok(Booked::New(answer)) => {
                let mut response = reply::body(StatusCode::CREATED, "application/json", answer.into_bytes());
                let id = utf8_percent_encode(link.signature_id().as_str(), NON_ALPHANUMERIC);
                if let Ok(location) = HeaderValue::from_str(&format!("/verifications/{id}")) {
                    response.headers_mut().insert(header::LOCATION, location);
                }
                response
            }
            Ok(Booked::Before(entry)) => replayed(&entry, request),
            Err(error) => store_failed(&error),
        }
    }

    /// Remembers the verification first: a link that was not given out is waited for in vain, and costs nothing.
    fn book(&self, key: &str, request: &str, link: &VerificationLink) -> Result<Booked, StoreError> {
        self.store.add(&[Pending::link(link)])?;
        let entry = Entry {
            request: request.to_owned(),
            answer: serde_json::to_string(link).unwrap_or_default(),
        };
        let id = link.signature_id();
        let kept = self
            .ledger
            .keep(key, &entry, id.as_str(), link.expires_at(), time::now())?;
        match kept {
            None => Ok(Booked::New(entry.answer)),
            Some(before) => {
                // This link is given to no person, so no outcome of it is told.
                self.store.erase(std::slice::from_ref(id))?;
                Ok(Booked::Before(before))
            }
        }
    }
}

fn replayed(entry: &Entry, asked: &str) -> Response<Vec<u8>> {
    if entry.request != asked {
        let detail = "this idempotency-key was used for another request; take a new key for a new request";
        return problem(StatusCode::UNPROCESSABLE_ENTITY, detail);
    }
    let mut response = reply::body(
        StatusCode::OK,
        "application/json",
        entry.answer.clone().into_bytes(),
    );
    response
        .headers_mut()
        .insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// The hash of the caller's key, that of what it asks for, and that itself.
fn checked(request: &Request<Bytes>) -> Result<(String, String, GenerateUrl), Refused> {
    let bad = |detail: &str| Box::new(problem(StatusCode::BAD_REQUEST, detail));
    let key = request.headers().get(KEY).and_then(|key| key.to_str().ok());
    let is_one =
        |key: &&str| (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    let key = key.map(str::trim).filter(is_one);
    let Some(key) = key else {
        return Err(bad(
            "idempotency-key is missing or has blanks: send 1 to 255 visible ASCII characters that name this request, such as an order's \
             number, so that sending it again makes no second link",
        ));
    };
    let wanted: Wanted = serde_json::from_slice(request.body()).map_err(|error| {
        // Not the error's own text, which quotes what came.
        let place = format!("line {}, column {}", error.line(), error.column());
        let what = match error.classify() {
            serde_json::error::Category::Data => "the body must be an object of returnUrl, failReturnUrl and, as needed, userId, region and state, each a text",
            _ => "the body is no JSON",
        };
        bad(&format!("{what} ({place})"))
    })?;
    Ok((hash(key.as_bytes()), wanted.hash(), wanted.request()?))
}

impl Wanted {
    /// Of the values: the same request may be written otherwise when it is sent again.
    fn hash(&self) -> String {
        let values = serde_json::json!([
            self.return_url,
            self.fail_return_url,
            self.user_id,
            self.region(),
            self.state
        ]);
        hash(values.to_string().as_bytes())
    }

    fn region(&self) -> &str {
        self.region.as_deref().unwrap_or("IDN")
    }

    fn request(&self) -> Result<GenerateUrl, Refused> {
        let refuse = |error: advance_core::Error, field: &str| {
            let detail = rule(&error).replacen("returnUrl", field, 1);
            Box::new(problem(StatusCode::UNPROCESSABLE_ENTITY, &detail))
        };
        let way_back = |url: &str, field: &str| {
            ReturnUrl::new(self.with_state(url)).map_err(|error| refuse(error, field))
        };
        if self
            .state
            .as_ref()
            .is_some_and(|state| state.chars().count() > MAX_STATE)
        {
            let detail = "state must have 512 characters at the most";
            return Err(Box::new(problem(StatusCode::UNPROCESSABLE_ENTITY, detail)));
        }
        let region = Region::new(self.region()).map_err(|error| refuse(error, "returnUrl"))?;
        let request = GenerateUrl::new(
            way_back(&self.return_url, "returnUrl")?,
            way_back(&self.fail_return_url, "failReturnUrl")?,
            region,
        );
        Ok(match &self.user_id {
            Some(user_id) => {
                request.user_id(UserId::new(user_id.as_str()).map_err(|error| refuse(error, "returnUrl"))?)
            }
            None => request,
        })
    }

    /// The URL with the caller's state in its query.
    fn with_state(&self, url: &str) -> String {
        let Some(state) = &self.state else {
            return url.to_owned();
        };
        let (url, fragment) = match url.split_once('#') {
            Some((url, fragment)) => (url, format!("#{fragment}")),
            None => (url, String::new()),
        };
        let mark = if url.contains('?') { '&' } else { '?' };
        let state = utf8_percent_encode(state, NON_ALPHANUMERIC);
        format!("{url}{mark}state={state}{fragment}")
    }
}

fn hash(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_values_are_the_same_request_however_they_are_written() {
        let hash = |text: &str| serde_json::from_str::<Wanted>(text).unwrap().hash();
        let one = hash(r#"{"returnUrl":"https://a.example/","failReturnUrl":"https://b.example/"}"#);
        let same = [
            r#"{ "failReturnUrl": "https://b.example/", "returnUrl": "https://a.example/" }"#,
            r#"{"returnUrl":"https:\/\/a.example\/","failReturnUrl":"https://b.example/","region":"IDN","state":null}"#,
        ];
        for text in same {
            assert_eq!(hash(text), one, "{text}");
        }
        let other = [
            r#"{"returnUrl":"https://b.example/","failReturnUrl":"https://a.example/"}"#,
            r#"{"returnUrl":"https://a.example/","failReturnUrl":"https://b.example/","userId":"x"}"#,
            r#"{"returnUrl":"https://a.example/","failReturnUrl":"https://b.example/","state":"x"}"#,
        ];
        for text in other {
            assert_ne!(hash(text), one, "{text}");
        }
    }

    #[test]
    fn the_callers_state_comes_back_in_the_query() {
        let wanted = |state: &str| Wanted {
            return_url: String::new(),
            fail_return_url: String::new(),
            user_id: None,
            region: None,
            state: Some(state.to_owned()),
        };
        for (url, with) in [
            (
                "https://shop.example/back",
                "https://shop.example/back?state=a%26b",
            ),
            (
                "https://shop.example/?x=1#y",
                "https://shop.example/?x=1&state=a%26b#y",
            ),
            ("app://done", "app://done?state=a%26b"),
        ] {
            assert_eq!(wanted("a&b").with_state(url), with);
        }
    }
}
