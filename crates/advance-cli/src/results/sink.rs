//! Where results go as they come: to stdout, or to files that survive a kill.

use std::collections::{BTreeMap, HashSet};

use advance_core::{Charges, Response, SignatureId, Verification};
use serde::Deserialize;

use super::files::{Appended, Places};
use super::journal::{Cost, Journal, Past};
use super::line::{Failed, Line};
use super::screen::Screen;
use crate::out::to_json;
use crate::problem::Problem;
use crate::stop::Stop;

pub(super) enum Sink<'a> {
    Screen(Screen<'a>),
    Files(Box<Files>),
}

/// How one was answered.
pub(super) enum Answer<'a> {
    Result(&'a SignatureId, &'a Response<Verification>),
    Failure(&'a SignatureId, Box<Problem>, Charges),
}

pub(super) struct Files {
    pub(super) places: Places,
    results: Appended,
    failures: Appended,
    failed: BTreeMap<String, String>,
    journal: Journal,
    /// The ids whose results are there.
    pub(super) written: HashSet<String>,
    /// The pictures of those results, to fetch what is missing.
    pub(super) pictures: Vec<(SignatureId, &'static str, String)>,
    pub(super) past: Past,
    /// What the results that are there had cost.
    pub(super) written_cost: Charges,
}

/// As much of a line as a run needs to go on.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    signature_id: String,
    charges: Cost,
    image: Option<String>,
    cropped_image: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    signature_id: String,
}

impl Files {
    /// Opens the three files and reads what earlier runs left.
    pub(super) fn open(output: &str) -> Result<Self, Stop> {
        let places = Places::of(output)?;
        let (results, lines) = Appended::open(&places.results)?;
        let (failures, failed) = Appended::open(&places.failures)?;
        let (journal, noted) = Appended::open(&places.journal)?;
        let mut written = HashSet::new();
        let mut written_cost = Charges::NONE;
        let mut pictures = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            let read: Written = serde_json::from_str(line).map_err(|_| {
                let (path, number) = (places.results.display(), index + 1);
                let message = format!("{path}, line {number} is no result of this command");
                Stop::from(Problem::usage(message).hint("name another --output"))
            })?;
            written_cost += read.charges.into();
            if let Ok(id) = SignatureId::new(read.signature_id.as_str()) {
                for (which, link) in [("image", read.image), ("croppedImage", read.cropped_image)] {
                    pictures.extend(link.map(|link| (id.clone(), which, link)));
                }
            }
            written.insert(read.signature_id);
        }
        let past = Journal::past(&noted, &written);
        let named = |line: String| Some((serde_json::from_str::<Named>(&line).ok()?.signature_id, line));
        Ok(Self {
            places,
            results,
            failures,
            failed: failed.into_iter().filter_map(named).collect(),
            journal: Journal::new(journal),
            written,
            pictures,
            past,
            written_cost,
        })
    }

    /// Leaves in the file of failures those for which there is still no result.
    fn close(&mut self) -> Result<(), Stop> {
        let written = &self.written;
        self.failed.retain(|id, _| !written.contains(id));
        let lines: Vec<String> = self.failed.values().cloned().collect();
        self.failures.replace(&lines)
    }
}

impl Sink<'_> {
    /// Before these are asked for.
    pub(super) fn asked(&mut self, ids: &[&SignatureId]) -> Result<(), Stop> {
        match self {
            Self::Screen(_) => Ok(()),
            Self::Files(files) => files.journal.asked(ids),
        }
    }

    /// These were answered.
    pub(super) fn answers(&mut self, answers: &[Answer<'_>]) -> Result<(), Stop> {
        match self {
            Self::Screen(screen) => answers.iter().try_for_each(|answer| match answer {
                Answer::Result(id, response) => screen.result(id, response),
                Answer::Failure(id, problem, _) => screen.failure(id, problem),
            }),
            Self::Files(files) => files.answers(answers),
        }
    }

    pub(super) fn close(&mut self) -> Result<(), Stop> {
        match self {
            Self::Screen(_) => Ok(()),
            Self::Files(files) => files.close(),
        }
    }
}

impl Files {
    fn answers(&mut self, answers: &[Answer<'_>]) -> Result<(), Stop> {
        let (mut lines, mut failures, mut ended) = (Vec::new(), Vec::new(), Vec::new());
        for answer in answers {
            match answer {
                Answer::Result(id, response) => {
                    lines.push(to_json(&Line::of(id, response))?);
                    self.written.insert(id.as_str().to_owned());
                }
                Answer::Failure(id, problem, charges) => {
                    let line = to_json(&Failed {
                        signature_id: id,
                        error: problem,
                    })?;
                    self.failed.insert(id.as_str().to_owned(), line.clone());
                    failures.push(line);
                    ended.push((*id, *charges));
                }
            }
        }
        // What was paid for goes first.
        self.results.append(&lines)?;
        self.failures.append(&failures)?;
        self.journal.ended(&ended)
    }
}
