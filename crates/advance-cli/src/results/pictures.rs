//! Pictures as files.

use std::fs;
use std::path::{Path, PathBuf};

use advance_core::SignatureId;
use advance_core::domain::Picture;

use super::files::cannot;
use crate::stop::Stop;

/// The two pictures of a verification.
pub(crate) const BOTH: [&str; 2] = ["image", "croppedImage"];

/// The name of the file without its ending. An id may hold anything, so all but letters, digits, `-` and `_` is
/// written as in a URL.
pub(crate) fn stem(id: &SignatureId, which: &str) -> String {
    let mut stem = String::new();
    for byte in id.as_str().bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            stem.push(byte.into());
        } else {
            stem += &format!("%{byte:02X}");
        }
    }
    format!("{stem}.{which}")
}

/// Whether it was fetched before, in any format.
pub(crate) fn is_there(folder: &Path, stem: &str) -> bool {
    ["jpg", "jpeg", "png", "webp", "gif", "bmp"]
        .iter()
        .any(|ending| folder.join(format!("{stem}.{ending}")).exists())
}

/// Writes it under a name of its own first, so that a kill leaves no half of a picture under the right one.
pub(crate) fn save(folder: &Path, stem: &str, picture: &Picture) -> Result<PathBuf, Stop> {
    let path = folder.join(format!("{stem}.{}", picture.format().extension()));
    let part = folder.join(format!("{stem}.part"));
    let written = fs::write(&part, picture.expose_bytes()).and_then(|()| fs::rename(&part, &path));
    written.map_err(|error| cannot("write", &path, &error))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_leaves_the_folder() {
        let stem = |id: &str| stem(&SignatureId::new(id).unwrap(), "image");
        assert_eq!(stem("f302-f5_d"), "f302-f5_d.image");
        assert_eq!(stem("../ü"), "%2E%2E%2F%C3%BC.image");
    }
}
