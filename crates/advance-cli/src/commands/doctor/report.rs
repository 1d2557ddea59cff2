//! What was found, line by line.

use serde::Serialize;

use crate::out::Out;
use crate::stop::Stop;
use crate::style::{BAD, DIM, DOUBTFUL, GOOD, styled};
use crate::text::{clean, wrapped};

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ok,
    Warning,
    Failure,
    Skipped,
}

#[derive(Serialize)]
pub(super) struct Finding {
    pub(super) check: &'static str,
    state: State,
    pub(super) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

/// The findings so far; a person sees each as it comes.
pub(super) struct Report<'a> {
    out: &'a Out,
    findings: Vec<Finding>,
}

impl<'a> Report<'a> {
    pub(super) const fn new(out: &'a Out) -> Self {
        Self {
            out,
            findings: Vec::new(),
        }
    }

    pub(super) fn ok(&mut self, check: &'static str, message: &str) -> Result<(), Stop> {
        self.add(check, State::Ok, message, None)
    }

    pub(super) fn warning(&mut self, check: &'static str, message: &str, remedy: &str) -> Result<(), Stop> {
        self.add(check, State::Warning, message, Some(remedy))
    }

    pub(super) fn failure(&mut self, check: &'static str, message: &str, remedy: &str) -> Result<(), Stop> {
        self.add(check, State::Failure, message, Some(remedy))
    }

    pub(super) fn skipped(&mut self, check: &'static str, message: &str) -> Result<(), Stop> {
        self.add(check, State::Skipped, message, None)
    }

    pub(super) fn all(&self) -> &[Finding] {
        &self.findings
    }

    /// The first failure.
    pub(super) fn failed(&self) -> Option<&Finding> {
        self.findings
            .iter()
            .find(|finding| finding.state == State::Failure)
    }

    pub(super) fn warned(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.state == State::Warning)
    }

    fn last_remedy(&self) -> Option<&str> {
        self.findings.last().and_then(|last| last.remedy.as_deref())
    }

    fn add(
        &mut self,
        check: &'static str,
        state: State,
        message: &str,
        remedy: Option<&str>,
    ) -> Result<(), Stop> {
        if !self.out.is_json() {
            let (style, word) = match state {
                State::Ok => (GOOD, "ok"),
                State::Warning => (DOUBTFUL, "warning"),
                State::Failure => (BAD, "failure"),
                State::Skipped => (DIM, "skipped"),
            };
            let width = self.out.width().unwrap_or(usize::MAX);
            let state = styled(style, &format!("{word:<7}"));
            let message = clean(message);
            // On a narrow terminal, what is left beside the names is too little.
            let (indent, mut text) = if width < 60 {
                let said = wrapped(&message, width, 4);
                (4, format!("{state}  {check}\n    {said}\n"))
            } else {
                let said = wrapped(&message, width, 21);
                (21, format!("{state}  {check:<10}  {said}\n"))
            };
            // A remedy for two findings in a row is said once, below the first.
            if let Some(remedy) = remedy.filter(|remedy| self.last_remedy() != Some(remedy)) {
                let said = wrapped(&clean(remedy), width, indent + 2);
                text += &format!("{:indent$}→ {said}\n", "");
            }
            self.out.text(&text)?;
        }
        let (message, remedy) = (message.to_owned(), remedy.map(str::to_owned));
        self.findings.push(Finding {
            check,
            state,
            message,
            remedy,
        });
        Ok(())
    }
}
