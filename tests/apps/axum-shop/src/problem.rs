//! What a caller hears if something fails: a status, and no detail that is not theirs.

use advance_collector::{StoreError, StoreErrorKind};
use advance_reqwest::{Advice, Error};
use advance_store_sqlite::rusqlite;
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

pub enum Problem {
    /// What the caller sent breaks a rule.
    Input(Error),
    NotFound,
    NotAllowed,
    /// This is not the return that the order waits for.
    WrongReturn,
    Vendor(Error),
    Store(StoreError),
    Database(rusqlite::Error),
    Broken,
}

impl Problem {
    fn status(&self) -> StatusCode {
        match self {
            Self::Input(_) | Self::WrongReturn => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::NotAllowed => StatusCode::UNAUTHORIZED,
            Self::Vendor(error) => match error.advice() {
                Advice::TryLater | Advice::CheckNetwork => StatusCode::SERVICE_UNAVAILABLE,
                // The account, its balance or this program: nothing that the caller could mend.
                _ => StatusCode::BAD_GATEWAY,
            },
            Self::Store(error) if error.kind() == StoreErrorKind::Unavailable => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Database(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Store(_) | Self::Database(_) | Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// For the caller.
    fn text(&self) -> String {
        match self {
            // It names the rule and does not repeat what was sent.
            Self::Input(error) => error.to_string(),
            Self::NotFound => "there is no such thing".into(),
            Self::NotAllowed => "this is for the shop's staff".into(),
            Self::WrongReturn => "this return belongs to no order".into(),
            _ if self.status() == StatusCode::SERVICE_UNAVAILABLE => "try again in a moment".into(),
            _ => "this cannot be done now, and we know of it".into(),
        }
    }

    /// For the operators: errors of the SDK hold no secret and nothing of a person.
    fn log(&self) {
        match self {
            Self::Vendor(error) => eprintln!(
                "advance: {error}; {}; transaction {:?}",
                error.advice().explanation(),
                error.transaction_id()
            ),
            Self::Store(error) => eprintln!("store: {error}"),
            Self::Database(error) => eprintln!("database: {error}"),
            Self::Broken => eprintln!("a row or a task is broken"),
            Self::Input(_) | Self::NotFound | Self::NotAllowed | Self::WrongReturn => {}
        }
    }

    fn retry_after(&self) -> Option<u64> {
        let told = match self {
            Self::Vendor(error) => error.retry_after().map(|pause| pause.as_secs().max(1)),
            _ => None,
        };
        (self.status() == StatusCode::SERVICE_UNAVAILABLE).then(|| told.unwrap_or(5))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let mut response = (self.status(), Json(json!({ "error": self.text() }))).into_response();
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}
