//! A problem for a person: what happened, what the vendor said, what to try, ids and costs.

use terminal_size::{Width, terminal_size_of};

use super::Problem;
use crate::style::{BAD, styled};
use crate::text::{Rows, clean, cut, wrapped};
use crate::view::charges;

impl Problem {
    /// The lines, each but the first with its name.
    pub(crate) fn paragraph(&self) -> String {
        let width = terminal_size_of(std::io::stderr()).map(|(Width(width), _)| usize::from(width));
        let status = self
            .http_status
            .map_or_else(String::new, |status| format!(" (HTTP status {status})"));
        let what = clean(&self.message) + &status;
        let what = width.map_or_else(|| what.clone(), |width| wrapped(&what, width, 7));
        let mut text = format!("{} {what}\n", styled(BAD, "error:"));
        let mut rows = Rows::default();
        let vendor = self.vendor_message.as_deref().filter(|said| !said.is_empty());
        for (name, said) in [("cause", self.cause.as_deref()), ("vendor", vendor)] {
            if let Some(said) = said {
                rows.add([name, &cut(said)]);
            }
        }
        if let Some(seconds) = self.retry_after_seconds {
            rows.add(["wait", &format!("{seconds} s, as the server asks")]);
        }
        for (name, said) in [("try", self.hint.as_deref()), ("host", self.base_url.as_deref())] {
            if let Some(said) = said {
                rows.add([name, said]);
            }
        }
        if let Some(id) = self.transaction_id.as_ref().filter(|id| !id.as_str().is_empty()) {
            rows.add(["id", &format!("transactionId {id}")]);
        }
        if self.requests > 0 {
            rows.add(["sent", &charges::sentence(self.requests, self.charges)]);
        }
        text += &rows.lines(2, width);
        text
    }
}
