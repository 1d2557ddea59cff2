//! Results on stdout, each as it comes: for a person, or as the parts of one JSON object.

use serde::Serialize;

use super::line::{Failed, Line};
use super::tally::Tally;
use crate::out::{Out, to_json};
use crate::problem::Problem;
use crate::stop::Stop;
use crate::text::Rows;
use crate::view::{card, receipt::Receipt, verification};

use advance_core::{Response, SignatureId, Verification};

#[allow(clippy::struct_excessive_bools, reason = "each is asked by itself")]
pub(super) struct Screen<'a> {
    pub(super) out: &'a Out,
    pub(super) reveal: bool,
    /// Whether there may be more than one.
    several: bool,
    begun: bool,
    any: bool,
}

/// What follows the list of results.
#[derive(Serialize)]
struct Rest<'a> {
    #[serde(flatten)]
    tally: &'a Tally,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Problem>,
}

impl<'a> Screen<'a> {
    pub(super) const fn new(out: &'a Out, reveal: bool, several: bool) -> Self {
        Self {
            out,
            reveal,
            several,
            begun: false,
            any: false,
        }
    }

    pub(super) fn result(&mut self, id: &SignatureId, response: &Response<Verification>) -> Result<(), Stop> {
        if self.out.is_json() {
            return self.item(&Line::of(id, response));
        }
        self.gap()?;
        self.out.text(&one(
            id,
            response.data(),
            &Receipt::of(response),
            self.reveal,
            self.out,
        ))
    }

    pub(super) fn failure(&mut self, id: &SignatureId, error: &Problem) -> Result<(), Stop> {
        if self.out.is_json() {
            return self.item(&Failed {
                signature_id: id,
                error,
            });
        }
        if !self.several {
            // It is how the command ends, which is told on stderr.
            return Ok(());
        }
        self.gap()?;
        let mut rows = Rows::default();
        rows.add(["signatureId", id.as_str()]);
        self.out.text(&(self.out.lines(&rows, 0) + &error.paragraph()))
    }

    /// The end of the object, or a sentence.
    pub(super) fn end(
        &mut self,
        tally: &Tally,
        output: Option<&str>,
        error: Option<&Problem>,
    ) -> Result<(), Stop> {
        if !self.out.is_json() {
            let several = tally.ids > 1 || output.is_some();
            return if several && self.any {
                let said = self.out.sentence(&tally.sentence(), 2);
                self.out.text(&format!("\n{said}\n"))
            } else {
                Ok(())
            };
        }
        self.begin()?;
        let rest = to_json(&Rest { tally, output, error })?;
        // Its own brace is open already.
        let rest = rest.trim_start_matches('{');
        let end = if self.any { "\n" } else { "" };
        self.out.plain(&format!("{end}],{rest}\n"))
    }

    fn gap(&mut self) -> Result<(), Stop> {
        if self.any {
            self.out.text("\n")?;
        }
        self.any = true;
        Ok(())
    }

    fn begin(&mut self) -> Result<(), Stop> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        self.out.plain("{\"results\":[")
    }

    fn item<T: Serialize>(&mut self, item: &T) -> Result<(), Stop> {
        self.begin()?;
        let comma = if self.any { ",\n" } else { "\n" };
        self.any = true;
        self.out.plain(&format!("{comma}{}", to_json(item)?))
    }
}

/// One result for a person.
pub(crate) fn one(
    id: &SignatureId,
    verification: &Verification,
    receipt: &Receipt<'_>,
    reveal: bool,
    out: &Out,
) -> String {
    let mut rows = Rows::default();
    rows.add(["signatureId", id.as_str()]);
    receipt.add_to(&mut rows);
    [
        out.lines(&rows, 0),
        verification::outcome(verification, reveal, out),
        card::fields(verification, reveal, out),
        card::consistency(verification, out),
    ]
    .concat()
}
