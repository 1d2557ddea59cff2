//! The account's keys: from the environment or a file, and never from an argument, which all can see.

use std::fs;

use advance_core::Credentials;
use advance_sandbox::model::Account;

use super::{Found, Name, Settings, Source};
use crate::problem::{Problem, rule};
use crate::stop::Stop;

impl Settings {
    /// Both keys.
    pub(crate) fn credentials(&self) -> Result<Credentials, Stop> {
        match (self.access_key()?, self.secret_key()?) {
            (Some(access_key), Some(secret_key)) => {
                let both = Credentials::new(access_key.value, secret_key.value);
                both.map_err(|error| {
                    let (rule, access, secret) = (rule(&error), access_key.source, secret_key.source);
                    let message = format!("{rule} (accessKey came from {access}, secretKey from {secret})");
                    Problem::usage(message).into()
                })
            }
            (access_key, secret_key) => Err(missing(access_key.is_none(), secret_key.is_none())),
        }
    }

    /// The keys, if any of them is set.
    pub(crate) fn credentials_if_set(&self) -> Result<Option<Credentials>, Stop> {
        match (self.access_key()?, self.secret_key()?) {
            (None, None) => Ok(None),
            _ => self.credentials().map(Some),
        }
    }

    /// Whether the keys are those of the documented sample, which open nothing but a sandbox.
    pub(crate) fn has_sample_keys(&self) -> Result<bool, Stop> {
        let sample = Account::sample();
        let is = |found: Option<Found>, sample: &str| found.is_some_and(|found| found.value == sample);
        Ok(is(self.access_key()?, &sample.access_key) && is(self.secret_key()?, &sample.secret_key))
    }

    pub(crate) fn access_key(&self) -> Result<Option<Found>, Stop> {
        self.key(Name::AccessKey, Name::AccessKeyFile)
    }

    pub(crate) fn secret_key(&self) -> Result<Option<Found>, Stop> {
        self.key(Name::SecretKey, Name::SecretKeyFile)
    }

    fn key(&self, key: Name, file: Name) -> Result<Option<Found>, Stop> {
        // The environment goes before the file of settings, whichever of the two ways it uses.
        let direct = self.find(key)?;
        if let Some(found) = &direct
            && matches!(found.source, Source::Environment(_))
        {
            return Ok(direct);
        }
        match self.find(file)? {
            Some(named) if direct.is_none() || matches!(named.source, Source::Environment(_)) => {
                read(&named).map(Some)
            }
            _ => Ok(direct),
        }
    }
}

/// A file of its own, with one key and the newline that editors put at the end.
fn read(named: &Found) -> Result<Found, Stop> {
    let mut value = fs::read_to_string(&named.value).map_err(|error| {
        let message = format!(
            "cannot read the key in {} (named by {})",
            named.value, named.source
        );
        Stop::from(Problem::usage(message).caused_by(&error))
    })?;
    if value.ends_with('\n') {
        value.pop();
        if value.ends_with('\r') {
            value.pop();
        }
    }
    Ok(Found {
        value,
        source: Source::File(named.value.clone().into(), None),
    })
}

fn missing(access_key: bool, secret_key: bool) -> Stop {
    let missing = match (access_key, secret_key) {
        (true, true) => "ADVANCE_ACCESS_KEY and ADVANCE_SECRET_KEY are not set",
        (true, _) => "ADVANCE_ACCESS_KEY is not set",
        _ => "ADVANCE_SECRET_KEY is not set",
    };
    let hint = "the vendor shows accessKey and secretKey on the Websaas Platform → Account → Account Management: put them \
                into these environment variables, or into a profile (`advance config --help`). Without an account, try \
                `advance demo`, or `advance sandbox` and the keys it prints";
    Problem::usage(missing).hint(hint).into()
}
