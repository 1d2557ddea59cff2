//! What the environment says.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use advance_reqwest::url::DownloadPolicy;
use advance_reqwest::{BaseUrl, Config, Credentials};

pub struct Settings {
    pub listen: String,
    pub public_url: Option<String>,
    pub database: PathBuf,
    pub kept: PathBuf,
    pub staff_token: String,
    pub call_within: Duration,
    pub config: Config,
    pub credentials: Credentials,
    pub pictures: DownloadPolicy,
}

impl Settings {
    pub fn from_environment() -> Result<Self, Box<dyn Error>> {
        let mut config = Config::new();
        let mut pictures = DownloadPolicy::new();
        if let Ok(host) = env::var("ADVANCE_BASE_URL") {
            let host = BaseUrl::with_loopback(&host)?;
            // A sandbox serves its own pictures.
            pictures = pictures.host(host.host())?;
            config = config.base_url(host);
        }
        let seconds = env::var("SHOP_CALL_SECONDS").unwrap_or_else(|_| "30".into());
        Ok(Self {
            listen: env::var("SHOP_LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".into()),
            public_url: env::var("SHOP_PUBLIC_URL").ok(),
            database: env::var_os("SHOP_DATABASE").map_or_else(|| "shop.db".into(), PathBuf::from),
            kept: env::var_os("SHOP_KEPT").map_or_else(|| "kept".into(), PathBuf::from),
            staff_token: needed("SHOP_STAFF_TOKEN")?,
            call_within: Duration::from_secs(seconds.parse()?),
            config,
            credentials: Credentials::new(needed("ADVANCE_ACCESS_KEY")?, needed("ADVANCE_SECRET_KEY")?)?,
            pictures,
        })
    }
}

fn needed(name: &str) -> Result<String, String> {
    match env::var(name) {
        Ok(value) if !value.is_empty() => Ok(value),
        _ => Err(format!("set {name}")),
    }
}
