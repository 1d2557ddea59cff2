//! The page where a person photographs a card, here by choosing how the photograph turns out.
//!
//! It is one HTML form and one stylesheet, without a script.

use http::header::{CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};

use super::ending::Ending;
use super::outcome::Outcome;
use super::time::UnixMs;
use super::verification::Verification;
use super::{Vendor, form, redirect, reply};

const STYLE: &str = include_str!("../page/page.css");
const FRAME: &str = include_str!("../page/frame.html");
const CHOICES: &str = include_str!("../page/choices.html");
const FINISHED: &str = include_str!("../page/finished.html");

/// No script, nothing from elsewhere. There is no `form-action`: browsers apply it to the redirect that follows the
/// form too, and that one leads to the customer.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Why the page is not shown.
struct Closed {
    status: StatusCode,
    title: &'static str,
    text: &'static str,
}

const BAD_LINK: Closed = Closed {
    status: StatusCode::FORBIDDEN,
    title: "This link does not work",
    text: "Its token and its signatureId do not belong to a verification that this sandbox knows.",
};
const EXPIRED: Closed = Closed {
    status: StatusCode::GONE,
    title: "This link has expired",
    text: "Go back to where you came from and ask for a new one.",
};
const NO_CHOICE: Closed = Closed {
    status: StatusCode::BAD_REQUEST,
    title: "Nothing was chosen",
    text: "Go back and choose how the photograph turns out.",
};

impl Vendor {
    pub(super) fn page(&mut self, request: &Request<Vec<u8>>, rest: &str, now: UnixMs) -> Response<Vec<u8>> {
        let query = request.uri().query().unwrap_or_default();
        let method = request.method();
        let shown = match rest {
            "page.css" => return reply::with_type("text/css; charset=utf-8", STYLE.into()),
            "" if method == Method::GET || method == Method::HEAD => self.show(query, now),
            "" if method == Method::POST => self.submit(&String::from_utf8_lossy(request.body()), now),
            "" => Err(Closed {
                status: StatusCode::METHOD_NOT_ALLOWED,
                title: "Not like this",
                text: "This page is opened with GET and sent with POST.",
            }),
            _ => Err(Closed {
                status: StatusCode::NOT_FOUND,
                title: "There is no such page",
                text: "The sandbox has one page, and its address ends in /h5-idv/.",
            }),
        };
        let mut response = shown.unwrap_or_else(|closed| {
            let text = format!("<p>{}</p>", form::markup(closed.text));
            html(closed.status, closed.title, &text)
        });
        for (name, value) in [
            (CONTENT_SECURITY_POLICY, POLICY),
            (REFERRER_POLICY, "no-referrer"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ] as [(HeaderName, &'static str); 3]
        {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        response
    }

    fn show(&mut self, query: &str, now: UnixMs) -> Result<Response<Vec<u8>>, Closed> {
        let (token, id, verification) = self.open(query, now)?;
        let (title, content) = if verification.ending().is_some() {
            ("This verification is finished", FINISHED)
        } else {
            ("Photograph your KTP", CHOICES)
        };
        let content = content
            .replace("{token}", &form::markup(&token))
            .replace("{signatureId}", &form::markup(&id));
        Ok(html(StatusCode::OK, title, &content))
    }

    /// A form that is sent a second time changes nothing and leads to the same place.
    fn submit(&mut self, body: &str, now: UnixMs) -> Result<Response<Vec<u8>>, Closed> {
        let (_, id, mut verification) = self.open(body, now)?;
        if verification.ending().is_none() {
            let outcome = form::value(body, "outcome").and_then(|name| Outcome::named(&name));
            verification.finish(outcome.ok_or(NO_CHOICE)?.into(), now);
            self.verifications
                .change(&id, |known| *known = verification.clone());
        }
        let target = match verification.ending().and_then(Ending::failure) {
            None => redirect::with_parameters(&verification.return_url, &[("signatureId", &id)]),
            Some(code) => redirect::with_parameters(
                &verification.fail_return_url,
                &[("signatureId", &id), ("errorCode", &code)],
            ),
        };
        let link = form::markup(&target);
        let text = format!("<p><a href=\"{link}\">Continue</a></p>");
        let mut response = html(StatusCode::SEE_OTHER, "Thank you", &text);
        if let Ok(target) = HeaderValue::try_from(target) {
            response.headers_mut().insert(LOCATION, target);
        }
        Ok(response)
    }

    /// The verification that the `token` and `signatureId` of a query or form open.
    fn open(&self, encoded: &str, now: UnixMs) -> Result<(String, String, Verification), Closed> {
        let token = form::value(encoded, "token").unwrap_or_default();
        let id = form::value(encoded, "signatureId").unwrap_or_default();
        if self.accounts.link_uuid(&token) != Some(self.link_uuid(&id)) {
            return Err(BAD_LINK);
        }
        let verification = self.verifications.get(&id).ok_or(BAD_LINK)?;
        if now < verification.link_expires {
            Ok((token, id, verification.clone()))
        } else {
            Err(EXPIRED)
        }
    }
}

fn html(status: StatusCode, title: &str, content: &str) -> Response<Vec<u8>> {
    let page = FRAME
        .replace("{title}", &form::markup(title))
        .replace("{content}", content);
    let mut response = reply::with_type("text/html; charset=utf-8", page.into_bytes());
    *response.status_mut() = status;
    response
}
