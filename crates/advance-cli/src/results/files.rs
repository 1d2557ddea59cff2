//! Files of lines that grow, and survive a kill.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use fs4::{FileExt, TryLockError};

use crate::problem::Problem;
use crate::stop::Stop;

/// Where a run writes to.
pub(super) struct Places {
    pub(super) results: PathBuf,
    pub(super) failures: PathBuf,
    pub(super) journal: PathBuf,
}

impl Places {
    /// A file and two beside it; or, for a folder, three files in it.
    pub(super) fn of(output: &str) -> Result<Self, Stop> {
        let path = Path::new(output);
        if output.ends_with(['/', std::path::MAIN_SEPARATOR]) || path.is_dir() {
            fs::create_dir_all(path).map_err(|error| cannot("make", path, &error))?;
            return Ok(Self {
                results: path.join("results.jsonl"),
                failures: path.join("failures.jsonl"),
                journal: path.join("journal.jsonl"),
            });
        }
        Ok(Self {
            results: path.to_owned(),
            failures: PathBuf::from(format!("{output}.failures.jsonl")),
            journal: PathBuf::from(format!("{output}.journal.jsonl")),
        })
    }
}

/// A file to which whole lines are added, each on the disk before the next thing happens.
pub(super) struct Appended {
    file: File,
    path: PathBuf,
}

impl Appended {
    /// Opens it for this process alone, cuts a torn last line, and gives the lines that are there.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<String>), Stop> {
        let options = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .clone();
        let mut file = options.open(path).map_err(|error| cannot("open", path, &error))?;
        match FileExt::try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message = format!("another command is writing to {}", path.display());
                return Err(Problem::usage(message)
                    .hint("wait for it, or name another --output")
                    .into());
            }
            Err(TryLockError::Error(error)) => return Err(cannot("lock", path, &error)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(|error| cannot("read", path, &error))?;
        let whole = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |last| last + 1);
        if whole < bytes.len() {
            file.set_len(whole as u64)
                .map_err(|error| cannot("cut", path, &error))?;
            bytes.truncate(whole);
        }
        file.seek(SeekFrom::End(0))
            .map_err(|error| cannot("read", path, &error))?;
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.lines().map(str::to_owned).collect();
        let path = path.to_owned();
        Ok((Self { file, path }, lines))
    }

    /// Adds these lines in one piece and waits until the disk has them.
    pub(super) fn append(&mut self, lines: &[String]) -> Result<(), Stop> {
        if lines.is_empty() {
            return Ok(());
        }
        let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        let written = self
            .file
            .write_all(text.as_bytes())
            .and_then(|()| self.file.sync_data());
        written.map_err(|error| cannot("write to", &self.path, &error))
    }

    /// Puts these lines in the place of all others.
    pub(super) fn replace(&mut self, lines: &[String]) -> Result<(), Stop> {
        let emptied = self.file.set_len(0).and_then(|()| self.file.rewind());
        emptied.map_err(|error| cannot("write to", &self.path, &error))?;
        self.append(lines)
    }
}

pub(super) fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Stop {
    Problem::local("file", format!("cannot {what} {}", path.display()))
        .caused_by(error)
        .into()
}
