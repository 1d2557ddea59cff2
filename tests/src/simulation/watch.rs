//! Looks for secrets in all that the machine shows.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};

use advance_core::Error;

/// The secrets of a run, and room to write into.
#[derive(Debug)]
pub(crate) struct Watch {
    secrets: Vec<(&'static str, String)>,
    text: String,
}

impl Watch {
    pub(crate) fn new(access_key: &str, secret_key: &str) -> Self {
        Self {
            secrets: vec![
                ("the access key", access_key.to_owned()),
                ("the secret key", secret_key.to_owned()),
            ],
            text: String::new(),
        }
    }

    pub(crate) fn keep(&mut self, name: &'static str, secret: &str) {
        if !self.secrets.iter().any(|(_, known)| known == secret) {
            self.secrets.push((name, secret.to_owned()));
        }
    }

    /// Says which secret a value shows, and how.
    pub(crate) fn shown(&mut self, value: &dyn fmt::Debug) -> Result<(), String> {
        self.text.clear();
        self.write(format_args!("{value:?}"));
        self.search()
    }

    /// The same for every way in which an error can be shown, down to its last source.
    pub(crate) fn error(&mut self, error: &Error) -> Result<(), String> {
        self.text.clear();
        self.write(format_args!("{error}\n{error:?}\n{error:#?}\n{}\n", error.hint()));
        let mut source = StdError::source(error);
        while let Some(error) = source {
            self.write(format_args!("{error}\n{error:?}\n"));
            source = error.source();
        }
        self.search()
    }

    fn write(&mut self, text: fmt::Arguments<'_>) {
        // Writing into a `String` does not fail.
        let _ = self.text.write_fmt(text);
    }

    fn search(&self) -> Result<(), String> {
        // What is shown may be cut, so the beginning of a secret is as good as all of it.
        let beginning = |secret: &str| self.text.contains(secret.get(..16).unwrap_or(secret));
        match self.secrets.iter().find(|(_, secret)| beginning(secret)) {
            Some((name, _)) => Err(format!("{name} is shown in: {}", self.text)),
            None => Ok(()),
        }
    }
}
