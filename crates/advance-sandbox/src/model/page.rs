//! The page where a person photographs a card: which screen is due, and what becomes of a choice.

use http::header::{ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY, LOCATION};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::json;

use super::ending::{Ending, Ready};
use super::time::UnixMs;
use super::verification::Verification;
use super::{Vendor, form, redirect, reply, shown};
use crate::card::{Look, Picture};
use crate::page::{self, Checking, Choices, Closed, Language, Link, Screen};

/// Nothing from elsewhere and nothing inline. There is no `form-action`: browsers apply it to the redirect that follows
/// the form too, and that one leads to the customer.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";
/// What an expired link says to `failReturnUrl` (a guess).
const LINK_EXPIRED: &str = "LINK_EXPIRED";

type Shown = Result<Response<Vec<u8>>, Closed>;

/// What the page needs and asks for, below its path: its looks, its pictures, and whether checking is over.
const PARTS: [&str; 5] = ["page.css", "page.js", "icon.svg", "card.svg", "status"];

/// Whether the page fetches this by itself.
pub(super) fn is_part(rest: &str) -> bool {
    PARTS.contains(&rest)
}

/// A link that is good, and what it is of.
struct Visit {
    token: String,
    id: String,
    verification: Verification,
}

impl Vendor {
    pub(super) fn page(&mut self, request: &Request<Vec<u8>>, rest: &str, now: UnixMs) -> Response<Vec<u8>> {
        let query = request.uri().query().unwrap_or_default();
        let form = String::from_utf8_lossy(request.body());
        let method = request.method();
        let is_get = method == Method::GET || method == Method::HEAD;
        let asked = if is_get { query } else { form.as_ref() };
        let language = language(request, asked);
        let shown = match rest {
            "page.css" => Ok(reply::with_type("text/css; charset=utf-8", page::STYLE.into())),
            "page.js" => Ok(reply::with_type(
                "text/javascript; charset=utf-8",
                page::SCRIPT.into(),
            )),
            "icon.svg" => Ok(svg(page::ICON.to_owned())),
            "card.svg" => preview(query),
            "status" => self.status(query, now),
            "" if is_get => self.show(query, language, now),
            "" if method == Method::POST => self.submit(&form, language, now),
            "" => Err(Closed::Method),
            _ => Err(Closed::NoPage),
        };
        let mut response = shown.unwrap_or_else(|closed| {
            let status = match closed {
                Closed::Unknown => StatusCode::FORBIDDEN,
                Closed::Expired { .. } => StatusCode::GONE,
                Closed::NoChoice => StatusCode::BAD_REQUEST,
                Closed::NoPage => StatusCode::NOT_FOUND,
                Closed::Method => StatusCode::METHOD_NOT_ALLOWED,
            };
            html(status, closed.html(if is_get { query } else { "" }, language))
        });
        response
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        response
    }

    fn show(&self, query: &str, language: Language, now: UnixMs) -> Shown {
        let visit = self.visit(query, now)?;
        let step = form::value(query, "step").unwrap_or_default();
        let choices = Choices::parse(query).ok_or(Closed::NoChoice)?;
        let verification = &visit.verification;
        let screen = match verification.ending() {
            None => Screen::named(&step),
            Some(_) if verification.is_checked_at_page(now) && step == "checking" => Screen::Done {
                failure: verification.ending().and_then(Ending::failure),
            },
            Some(_) if verification.is_checked_at_page(now) => Screen::Used,
            Some(_) => Screen::Checking {
                for_ever: verification.checking == Ready::Never,
            },
        };
        Ok(html(
            StatusCode::OK,
            visit.draw(&screen, query, language, &choices),
        ))
    }

    /// A form that is sent a second time changes nothing and leads to the same place; one that asks for another end is
    /// refused.
    fn submit(&mut self, body: &str, language: Language, now: UnixMs) -> Shown {
        let mut visit = self.visit(body, now)?;
        let choices = Choices::parse(body).ok_or(Closed::NoChoice)?;
        let outcome = form::value(body, "outcome").filter(|name| !name.is_empty());
        let chosen = outcome.map(|_| choices.ending());
        let verification = &mut visit.verification;
        match (verification.ending(), chosen) {
            (None, None) => return Err(Closed::NoChoice),
            (None, Some(ending)) => {
                let checking = match choices.checking {
                    Checking::Never => Ready::Never,
                    Checking::Takes(time) if time.is_zero() => Ready::Now,
                    Checking::Takes(time) => Ready::At(now.after(time)),
                };
                verification.finish_at_page(ending, choices.printed(), checking, now);
                let finished = verification.clone();
                self.verifications.change(&visit.id, |known| *known = finished);
            }
            (Some(ended), Some(other)) if !ended.is_same_as(&other) => {
                let page = visit.draw(&Screen::Otherwise, "", language, &choices);
                return Ok(html(StatusCode::CONFLICT, page));
            }
            (Some(_), _) => {}
        }
        if !verification.is_checked_at_page(now) {
            let (token, id) = (form::encode(&visit.token), form::encode(&visit.id));
            let lang = language.code();
            let to = format!("./?token={token}&signatureId={id}&step=checking&lang={lang}");
            return Ok(see_other(&to));
        }
        Ok(see_other(&way_back(verification, &visit.id)))
    }

    /// Whether checking is over, for the page's script.
    fn status(&self, query: &str, now: UnixMs) -> Shown {
        let visit = self.visit(query, now)?;
        let done = visit.verification.is_checked_at_page(now);
        Ok(reply::json(StatusCode::OK, &json!({ "done": done })))
    }

    /// The verification that the `token` and `signatureId` of a query or form open. A link that has done its work
    /// still leads back after its hour.
    fn visit(&self, encoded: &str, now: UnixMs) -> Result<Visit, Closed> {
        let token = form::value(encoded, "token").unwrap_or_default();
        let id = form::value(encoded, "signatureId").unwrap_or_default();
        if self.accounts.link_uuid(&token) != Some(self.link_uuid(&id)) {
            return Err(Closed::Unknown);
        }
        let verification = self.verifications.get(&id).ok_or(Closed::Unknown)?;
        if now < verification.link_expires || verification.ending().is_some() {
            Ok(Visit {
                token,
                id,
                verification: verification.clone(),
            })
        } else {
            let parameters = [("signatureId", id.as_str()), ("errorCode", LINK_EXPIRED)];
            let to = redirect::with_parameters(&verification.fail_return_url, &parameters);
            Err(Closed::Expired { to })
        }
    }
}

impl Visit {
    fn draw(&self, screen: &Screen, asked: &str, language: Language, choices: &Choices) -> String {
        let link = Link {
            token: &self.token,
            signature_id: &self.id,
            return_url: &self.verification.return_url,
            asked,
            language,
        };
        screen.html(&link, choices)
    }
}

/// `returnUrl` if there is a text, `failReturnUrl` if not (documented), and what came of it (a guess).
fn way_back(verification: &Verification, id: &str) -> String {
    match verification.ending().and_then(Ending::failure) {
        None => redirect::with_parameters(&verification.return_url, &[("signatureId", id)]),
        Some(code) => redirect::with_parameters(
            &verification.fail_return_url,
            &[("signatureId", id), ("errorCode", &code)],
        ),
    }
}

/// What the link says, else the browser.
fn language(request: &Request<Vec<u8>>, asked: &str) -> Language {
    let accepted = request
        .headers()
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    form::value(asked, "lang")
        .and_then(|code| Language::of(&code))
        .unwrap_or_else(|| Language::accepted(accepted.unwrap_or_default()))
}

/// The card as it would look. It belongs to no verification, so that anybody may see it.
fn preview(query: &str) -> Shown {
    let choices = Choices::parse(query).ok_or(Closed::NoChoice)?;
    let look = Look::of(&shown::data(&choices.ending()));
    let person = choices.printed();
    Ok(svg(Picture {
        person: &person,
        look: &look,
    }
    .whole()))
}

fn svg(text: String) -> Response<Vec<u8>> {
    reply::with_type("image/svg+xml", text.into_bytes())
}

fn see_other(target: &str) -> Response<Vec<u8>> {
    let link = form::markup(target);
    let text = format!(
        "<!doctype html><html lang=\"en\"><title>Sandbox</title><p><a href=\"{link}\">Continue</a></p></html>"
    );
    let mut response = html(StatusCode::SEE_OTHER, text);
    if let Ok(target) = HeaderValue::try_from(target) {
        response.headers_mut().insert(LOCATION, target);
    }
    response
}

fn html(status: StatusCode, page: String) -> Response<Vec<u8>> {
    let mut response = reply::with_type("text/html; charset=utf-8", page.into_bytes());
    *response.status_mut() = status;
    response
}
