//! The account's keys, from the environment and from nowhere else: an argument is there for everybody to see. And the
//! host, from either.

use std::env::{self, VarError};

use advance_core::BaseUrl;
use advance_core::{Config, Credentials};

use crate::problem::{Problem, Stop, rule};

pub(crate) const ACCESS_KEY: &str = "ADVANCE_ACCESS_KEY";
pub(crate) const SECRET_KEY: &str = "ADVANCE_SECRET_KEY";
pub(crate) const BASE_URL: &str = "ADVANCE_BASE_URL";

/// The keys in the environment.
pub(crate) fn credentials() -> Result<Credentials, Stop> {
    match (variable(ACCESS_KEY)?, variable(SECRET_KEY)?) {
        (Some(access_key), Some(secret_key)) => Credentials::new(access_key, secret_key).map_err(|error| {
            let rule = rule(&error);
            Problem::usage(format!(
                "{rule} (the keys come from {ACCESS_KEY} and {SECRET_KEY})"
            ))
            .into()
        }),
        (access_key, secret_key) => {
            let missing = match (access_key, secret_key) {
                (None, None) => format!("{ACCESS_KEY} and {SECRET_KEY} are not set"),
                (None, _) => format!("{ACCESS_KEY} is not set"),
                _ => format!("{SECRET_KEY} is not set"),
            };
            let text = format!(
                "{missing}; the vendor shows accessKey and secretKey on the Websaas Platform → Account → Account \
                 Management: put them into these environment variables (without an account, try `advance demo`, or \
                 `advance sandbox` and the keys it prints)"
            );
            Err(Problem::usage(text).into())
        }
    }
}

/// The keys in the environment, if both are there.
pub(crate) fn credentials_if_set() -> Result<Option<Credentials>, Stop> {
    match (variable(ACCESS_KEY)?, variable(SECRET_KEY)?) {
        (None, None) => Ok(None),
        _ => credentials().map(Some),
    }
}

/// An empty variable counts as none.
fn variable(name: &str) -> Result<Option<String>, Stop> {
    match env::var(name) {
        Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            Err(Problem::usage(format!("{name} is not valid text; copy it again")).into())
        }
    }
}

/// Where the API lives: as given, as the environment says, or at the vendor.
pub(crate) fn base_url(given: Option<&str>) -> Result<BaseUrl, Stop> {
    if let Some(given) = given {
        return host(given);
    }
    match variable(BASE_URL)? {
        Some(set) => host(&set),
        None => Ok(BaseUrl::default()),
    }
}

/// Naming this machine is asking for plain `http` to it.
pub(crate) fn host(text: &str) -> Result<BaseUrl, Stop> {
    Ok(BaseUrl::with_loopback(text)?)
}

/// How this program behaves towards a host.
pub(crate) fn config(base_url: BaseUrl) -> Result<Config, Stop> {
    let config = Config::new().base_url(base_url);
    Ok(config.user_agent(concat!("advance-cli/", env!("CARGO_PKG_VERSION")))?)
}
