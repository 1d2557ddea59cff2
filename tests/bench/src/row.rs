//! One line of the table.

use serde::Serialize;

use crate::argued;

/// What a ratio should be.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Target {
    AtMost(f64),
    AtLeast(f64),
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    pub case: String,
    pub floor: String,
    /// Ours by the floor's.
    pub ratio: f64,
    pub target: Target,
    pub met: bool,
    /// Why the target is wrong, if it is missed and that is known.
    pub argued: Option<&'static str>,
    /// The figures behind it.
    pub figures: String,
}

impl Row {
    pub fn new(case: impl Into<String>, floor: &str, ratio: f64, target: Target, figures: String) -> Self {
        let case = case.into();
        let met = match target {
            Target::AtMost(most) => ratio <= most,
            Target::AtLeast(least) => ratio >= least,
        };
        Self {
            argued: argued::why(&case),
            case,
            floor: floor.to_owned(),
            ratio,
            target,
            met,
            figures,
        }
    }

    pub fn verdict(&self) -> &'static str {
        match (self.met, self.argued) {
            (true, _) => "met",
            (false, Some(_)) => "argued",
            (false, None) => "missed",
        }
    }

    pub fn target(&self) -> String {
        match self.target {
            Target::AtMost(most) => format!("≤ {most:.2}"),
            Target::AtLeast(least) => format!("≥ {least:.2}"),
        }
    }
}
