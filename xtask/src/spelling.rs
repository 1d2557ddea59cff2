//! Misspelt words in the sources and texts, by typos: `typos.toml` says which strange words are meant.

use crate::command::passes;
use crate::tools::TYPOS;

pub(crate) fn check() -> bool {
    TYPOS.command().is_some_and(passes)
}
