//! The request for a link, checked before there is any connection.

use advance_core::{GenerateUrl, Region, ReturnUrl, UserId};

use crate::problem::{Problem, rule};
use crate::stop::Stop;

/// Whom the link is for, and where the page sends them afterwards.
#[derive(clap::Args)]
pub(crate) struct Person {
    /// Where the page sends the person afterwards; the default is for trying
    #[arg(long, value_name = "URL", default_value = "https://example.com/verified")]
    return_url: String,
    /// Where the page sends the person if no result could be had; the default is for trying
    #[arg(long, value_name = "URL", default_value = "https://example.com/not-verified")]
    fail_return_url: String,
    /// Take return URLs with plain http to another machine; all who listen on the way see and change what comes back
    #[arg(long)]
    allow_http_return_url: bool,
    /// The country of the document, ISO 3166-1 alpha-3
    #[arg(long, value_name = "CODE", default_value = "IDN")]
    region: String,
    /// Your name for the person; in a sandbox it may say how it ends (`advance sandbox scenarios`)
    #[arg(long, value_name = "ID")]
    pub(crate) user_id: Option<String>,
}

impl Person {
    pub(crate) fn request(&self) -> Result<GenerateUrl, Stop> {
        self.request_for(self.user_id.as_deref())
    }

    /// The same for somebody else.
    pub(crate) fn request_for(&self, user_id: Option<&str>) -> Result<GenerateUrl, Stop> {
        let return_url = way_back(&self.return_url, "returnUrl", self.allow_http_return_url)?;
        let fail_return_url = way_back(&self.fail_return_url, "failReturnUrl", self.allow_http_return_url)?;
        let request = GenerateUrl::new(return_url, fail_return_url, Region::new(self.region.as_str())?);
        Ok(match user_id {
            Some(user_id) => request.user_id(UserId::new(user_id)?),
            None => request,
        })
    }
}

fn way_back(url: &str, field: &'static str, plain_http: bool) -> Result<ReturnUrl, Stop> {
    let checked = if plain_http {
        ReturnUrl::with_plain_http(url)
    } else {
        ReturnUrl::new(url)
    };
    checked.map_err(|error| {
        let rule = if ReturnUrl::with_plain_http(url).is_ok() {
            format!("{field} must be https; plain http to another machine takes --allow-http-return-url")
        } else {
            // The core has one name for both.
            rule(&error).replacen("returnUrl", field, 1)
        };
        Problem::usage(rule).into()
    })
}
