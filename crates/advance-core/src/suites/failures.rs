//! Only `SUCCESS` succeeds.

use super::Parser;
use super::runner::{check, fault};
use crate::strategies::documents;
use crate::wire::Code;

/// A reply with another code is a failure with that code, with anything in `data`.
///
/// # Panics
/// If the property does not hold.
pub fn only_success_has_data(parser: &impl Parser) {
    check("only success has data", &documents::failure(), |body| {
        for &ask in parser.asks() {
            let parsed = parser.parse(ask, body.as_bytes());
            let failed = parsed.data.is_none() && parsed.code != Some(Code::Success);
            if !parsed.is_reply || !failed || parsed.code.is_none() {
                return Err(fault("is no failure with a code", &body, &parsed));
            }
        }
        Ok(())
    });
}
