//! Settings: the command line, then the environment, then a profile of a file, then the default. Each knows where it
//! came from, so that a wrong one can be found.

mod file;
mod keys;
mod name;

use std::env::{self, VarError};
use std::fmt;
use std::path::PathBuf;

use advance_core::url::InsecureHost;
use advance_core::{BaseUrl, Config, Error};

pub(crate) use name::Name;

use self::file::Profile;
use crate::problem::{Problem, rule};
use crate::stop::Stop;

/// Where a value came from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Option(&'static str),
    Environment(&'static str),
    File(PathBuf, Option<String>),
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(name) | Self::Environment(name) => f.write_str(name),
            Self::File(path, None) => write!(f, "{}", path.display()),
            Self::File(path, Some(profile)) => write!(f, "{}, profile {profile}", path.display()),
            Self::Default => f.write_str("the default"),
        }
    }
}

/// A value and where it came from.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) value: String,
    pub(crate) source: Source,
}

/// All that may be set.
pub(crate) struct Settings {
    given: Vec<(Name, &'static str, String)>,
    profile: Profile,
}

impl Settings {
    /// The environment and the profile of this name, or the one that the environment or the file names.
    pub(crate) fn load(profile: Option<&str>) -> Result<Self, Stop> {
        Ok(Self {
            given: Vec::new(),
            profile: Profile::load(profile)?,
        })
    }

    /// What the command line says comes first.
    pub(crate) fn given(mut self, name: Name, option: &'static str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.given.push((name, option, value.to_owned()));
        }
        self
    }

    /// The value of a setting, if it is set anywhere.
    pub(crate) fn find(&self, name: Name) -> Result<Option<Found>, Stop> {
        if let Some((_, option, value)) = self.given.iter().find(|(given, ..)| *given == name) {
            return Ok(Some(Found {
                value: value.clone(),
                source: Source::Option(option),
            }));
        }
        for variable in name.variables() {
            if let Some(value) = environment(variable)? {
                return Ok(Some(Found {
                    value,
                    source: Source::Environment(variable),
                }));
            }
        }
        Ok(self.profile.get(name))
    }

    /// The file that was read, if there is one.
    pub(crate) const fn file(&self) -> &Profile {
        &self.profile
    }

    /// Where the API lives, and who says so.
    pub(crate) fn base_url(&self) -> Result<(BaseUrl, Source), Stop> {
        match self.find(Name::BaseUrl)? {
            None => Ok((BaseUrl::default(), Source::Default)),
            // Naming this machine is asking for plain http to it.
            Some(found) => {
                let allowed = self.insecure_host()?;
                let base_url = BaseUrl::with_loopback(&found.value).or_else(|refused| match &allowed {
                    Some(host) => BaseUrl::on_insecure_host(&found.value, host),
                    None => Err(refused),
                });
                match base_url {
                    Ok(base_url) => Ok((base_url, found.source)),
                    Err(error) if found.value.starts_with("http://") => Err(Stop::from(
                        Problem::usage(told(&error, &found.source))
                            .hint("if it is a sandbox, --insecure-host with the name of its host allows it"),
                    )),
                    Err(error) => Err(wrong(&error, &found.source)),
                }
            }
        }
    }

    /// The one host besides this machine that is reached over plain http, if there is one.
    pub(crate) fn insecure_host(&self) -> Result<Option<InsecureHost>, Stop> {
        let Some(found) = self.find(Name::InsecureHost)? else {
            return Ok(None);
        };
        match InsecureHost::dangerously_without_tls(&found.value) {
            Ok(host) => Ok(Some(host)),
            Err(error) => Err(wrong(&error, &found.source)),
        }
    }
}

/// An empty variable counts as none.
pub(crate) fn environment(name: &str) -> Result<Option<String>, Stop> {
    match env::var(name) {
        Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            Err(Problem::usage(format!("{name} is not valid text; copy it again")).into())
        }
    }
}

/// A rule that a setting broke. An option is there for the person to see.
fn wrong(error: &Error, source: &Source) -> Stop {
    Problem::usage(told(error, source)).into()
}

fn told(error: &Error, source: &Source) -> String {
    format!("{} (it came from {source})", rule(error))
}

/// How this program behaves towards a host.
pub(crate) fn config(base_url: BaseUrl) -> Result<Config, Stop> {
    let config = Config::new().base_url(base_url);
    Ok(config.user_agent(concat!("advance-cli/", env!("CARGO_PKG_VERSION")))?)
}
