//! Where the API lives and how it is reached: the options that all commands with a network share.

use clap::Args;

use crate::settings::{Name, Settings};
use crate::stop::Stop;

#[derive(Args, Clone)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Connection {
    // Not clap's `env`: to that, an empty variable is a value.
    #[arg(
        long,
        value_name = "URL",
        help = "Where the API lives: https, or http to this machine [env: ADVANCE_BASE_URL] [default: https://api.advance.ai]"
    )]
    pub(crate) base_url: Option<String>,
    /// Reach this one host over plain http too, with the sandbox's sample keys alone [env: ADVANCE_INSECURE_HOST]
    #[arg(long, value_name = "NAME")]
    pub(crate) insecure_host: Option<String>,
    /// Use this profile of the settings file [env: ADVANCE_PROFILE]
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Go through this HTTP proxy; never to this machine [env: ADVANCE_PROXY, HTTPS_PROXY; hosts of NO_PROXY are left out]
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
    /// Trust the certificates in this PEM file as well [env: ADVANCE_CA_FILE; SSL_CERT_FILE replaces the system's]
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<String>,
    /// Use the blocking client (ureq) instead of the async one (reqwest)
    #[arg(long)]
    pub(crate) blocking: bool,
    /// Print the equivalent curl commands on stderr, with variables in the place of secrets
    #[arg(long)]
    pub(crate) curl: bool,
}

impl Connection {
    /// The settings that hold here.
    pub(crate) fn settings(&self) -> Result<Settings, Stop> {
        let settings = Settings::load(self.profile.as_deref())?;
        Ok(settings
            .given(Name::BaseUrl, "--base-url", self.base_url.as_deref())
            .given(
                Name::InsecureHost,
                "--insecure-host",
                self.insecure_host.as_deref(),
            )
            .given(Name::Proxy, "--proxy", self.proxy.as_deref())
            .given(Name::CaFile, "--ca-file", self.ca_file.as_deref()))
    }
}
