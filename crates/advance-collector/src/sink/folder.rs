//! A folder of files that only their owner may read.

use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use advance_core::SignatureId;

use super::{Keepsake, Sink, SinkError};

/// Keeps files in a folder: one folder for each verification, in it `result.json` and the pictures. On Unix folders are
/// made with mode 0700 and files with 0600. A file appears under its name when it is complete and synced.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Keeps files here; makes the folder if it is not there.
    ///
    /// # Errors
    /// Of the file system.
    pub fn new(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        private_folder(&path)?;
        Ok(Self(path))
    }

    /// The folder of one verification. An id is the vendor's or a caller's text: all of it but letters, digits, `-` and
    /// `_` is written as `%` and two hexadecimal digits, so that it cannot lead elsewhere.
    pub fn of(&self, signature_id: &SignatureId) -> PathBuf {
        let mut name = String::new();
        for byte in signature_id.as_str().bytes() {
            if byte.is_ascii_alphanumeric() || b"-_".contains(&byte) {
                name.push(char::from(byte));
            } else {
                // Writing to a string does not fail.
                let _ = write!(name, "%{byte:02x}");
            }
        }
        // A file system takes names of 255 bytes at the most.
        if name.len() > 200 {
            name = format!("sha256-{}", crate::hash::sha256(signature_id.as_str().as_bytes()));
        }
        self.0.join(name)
    }
}

impl Sink for Folder {
    fn keep(&self, keepsake: &Keepsake) -> Result<(), SinkError> {
        let folder = self.of(&keepsake.signature_id);
        private_folder(&folder)?;
        let name = keepsake.what.file_name();
        let unfinished = folder.join(format!(".{name}.{}", crate::AttemptId::random()));
        let written = write(&unfinished, &keepsake.bytes)
            .and_then(|()| fs::rename(&unfinished, folder.join(name)))
            .and_then(|()| sync_folder(&folder));
        if written.is_err() {
            // It may not even be there; the first error says more.
            drop(fs::remove_file(&unfinished));
        }
        Ok(written?)
    }

    fn forget(&self, signature_id: &SignatureId) -> Result<(), SinkError> {
        match fs::remove_dir_all(self.of(signature_id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// A rename is safe once its folder is. Where a folder cannot be opened as a file, the system sees to that.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(path)?.sync_all()
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::What;

    fn id(text: &str) -> SignatureId {
        SignatureId::new(text).unwrap()
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path().join("kept")).unwrap();
        let keepsake = |bytes: &[u8]| Keepsake::new(id("a1"), What::Reply, bytes.to_vec());
        folder.keep(&keepsake(b"first")).unwrap();
        folder.keep(&keepsake(b"second")).unwrap();
        let file = folder.of(&id("a1")).join("result.json");
        assert_eq!(fs::read(&file).unwrap(), b"second");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file), 0o600);
        assert_eq!(mode(&folder.of(&id("a1"))), 0o700);
        assert_eq!(fs::read_dir(folder.of(&id("a1"))).unwrap().count(), 1);
        folder.forget(&id("a1")).unwrap();
        folder.forget(&id("a1")).unwrap();
        assert!(!folder.of(&id("a1")).exists());
    }

    #[test]
    fn an_id_leads_nowhere_else() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path()).unwrap();
        let long = "x".repeat(256);
        for text in ["..", "../../etc", ".", "/", "a/b", "C:\\x", &long, "ü"] {
            let path = folder.of(&id(text));
            assert_eq!(path.parent(), Some(place.path()), "{text}");
            assert!(path.file_name().unwrap().len() <= 255);
        }
        assert_ne!(folder.of(&id("a%2f")), folder.of(&id("a/")));
    }
}
