//! The certificates that this machine trusts.

use std::fs;

use advance_core::BaseUrl;

use super::report::Report;
use crate::settings::{Name, Settings, environment};
use crate::stop::Stop;

/// Variables and settings that name certificates, and whether there are any.
pub(super) fn check(settings: &Settings, base_url: &BaseUrl, report: &mut Report<'_>) -> Result<(), Stop> {
    if base_url.as_str().starts_with("http://") {
        return report.skipped("roots", "not needed: plain http");
    }
    let mut named = Vec::new();
    for variable in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        let Some(path) = environment(variable)? else {
            continue;
        };
        if fs::metadata(&path).is_err() {
            let message = format!("{variable} names {path}, which is not there");
            let remedy = format!("install ca-certificates and unset {variable}, or let it name a bundle");
            return report.failure("roots", &message, &remedy);
        }
        named.push(format!("{path} (from {variable})"));
    }
    if let Some(found) = settings.find(Name::CaFile)? {
        match fs::read_to_string(&found.value) {
            Err(error) => {
                let message = format!("{} (from {}) cannot be read: {error}", found.value, found.source);
                return report.failure("roots", &message, "name a PEM file");
            }
            Ok(text) if !text.contains("-----BEGIN CERTIFICATE-----") => {
                let message = format!("{} (from {}) holds no certificate", found.value, found.source);
                return report.failure("roots", &message, "name a PEM file that does");
            }
            Ok(_) => named.push(format!(
                "beside them those in {} (from {})",
                found.value, found.source
            )),
        }
    }
    if named.is_empty() {
        named.push("those of the system".to_owned());
    }
    report.ok("roots", &named.join("; "))
}
