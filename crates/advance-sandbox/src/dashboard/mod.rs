//! The dashboard: what the sandbox was asked, what it keeps, and what it can be made to do.
//!
//! It is a page of its own files and a client of the control calls, like any other: it knows nothing that they do not
//! say.

use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderValue, Response};

use crate::model::{form, reply};
use crate::page;

const DOCUMENT: &str = include_str!("dashboard.html");
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// The files by their names.
const FILES: &[(&str, &str, &str)] = &[
    ("icon.svg", "image/svg+xml", page::ICON),
    (
        "dashboard.css",
        CSS,
        concat!(include_str!("../page/base.css"), include_str!("dashboard.css")),
    ),
    ("app.js", JAVASCRIPT, include_str!("app.js")),
    ("clock.js", JAVASCRIPT, include_str!("clock.js")),
    ("control.js", JAVASCRIPT, include_str!("control.js")),
    ("dom.js", JAVASCRIPT, include_str!("dom.js")),
    ("faults.js", JAVASCRIPT, include_str!("faults.js")),
    ("ledger.js", JAVASCRIPT, include_str!("ledger.js")),
    ("requests.js", JAVASCRIPT, include_str!("requests.js")),
    ("scenarios.js", JAVASCRIPT, include_str!("scenarios.js")),
    ("verifications.js", JAVASCRIPT, include_str!("verifications.js")),
];

/// The dashboard, or `file` of it; none if there is no such file. The dashboard has two addresses, the sandbox's root
/// and its own folder: `path` says which one was asked for, so that its links fit.
pub(crate) fn serve(path: &str, file: &str) -> Option<Response<Vec<u8>>> {
    let (kind, text) = if file.is_empty() {
        let (files, control) = if path.ends_with("/__sandbox/dashboard/") {
            ("", "../")
        } else {
            ("__sandbox/dashboard/", "__sandbox/")
        };
        let document = DOCUMENT
            .replace("{{files}}", files)
            .replace("{{control}}", &form::markup(control));
        ("text/html; charset=utf-8", document)
    } else {
        let (_, kind, text) = FILES.iter().find(|(name, ..)| *name == file)?;
        (*kind, (*text).to_owned())
    };
    let mut response = reply::with_type(kind, text.into_bytes());
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY);
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(path: &str, file: &str) -> String {
        String::from_utf8(serve(path, file).unwrap().into_body()).unwrap()
    }

    #[test]
    fn every_file_that_is_named_is_there() {
        let document = body("/__sandbox/dashboard/", "");
        let named = |text: &str, before: &str| -> Vec<String> {
            let parts = text.split(before).skip(1);
            parts
                .map(|part| part.split('"').next().unwrap().to_owned())
                .collect()
        };
        let mut files = named(&document, "<link rel=\"stylesheet\" href=\"");
        files.extend(named(&document, "src=\""));
        assert!(files.contains(&"app.js".to_owned()), "{files:?}");
        for (_, _, text) in FILES {
            files.extend(named(text, "from \"./"));
        }
        for file in &files {
            assert!(serve("/", file).is_some(), "{file}");
        }
        for (name, ..) in FILES.iter().filter(|(name, ..)| *name != "icon.svg") {
            assert!(files.iter().any(|file| file == name), "{name} is used nowhere");
        }
        assert!(serve("/", "other.js").is_none());
    }

    #[test]
    fn links_fit_both_addresses_and_nothing_is_inline() {
        let root = body("/gateway/", "");
        assert!(
            root.contains("src=\"__sandbox/dashboard/app.js\"")
                && root.contains("data-control=\"__sandbox/\"")
        );
        let own = body("/__sandbox/dashboard/", "");
        assert!(own.contains("src=\"app.js\"") && own.contains("data-control=\"../\""));
        for forbidden in ["style=", "onclick", "http://", "https://", "{{", "<style"] {
            assert!(!own.contains(forbidden), "{forbidden}");
        }
        for (name, _, text) in FILES {
            assert!(!text.contains("innerHTML") && !text.contains("eval("), "{name}");
        }
    }
}
