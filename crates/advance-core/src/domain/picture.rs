//! A photograph, fetched.

use std::fmt;

use crate::wipe::Wiped;

/// A photograph of somebody's card: its bytes, and what they are. Personal data, wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    format: PictureFormat,
    bytes: Wiped<Vec<u8>>,
}

/// What the bytes of a picture are, by their first ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PictureFormat {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
}

impl Picture {
    /// Takes bytes that begin as a PNG or a JPEG does; `None` for anything else. Nothing more of them is checked.
    pub(crate) fn recognise(bytes: Wiped<Vec<u8>>) -> Option<Self> {
        let format = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            PictureFormat::Png
        } else if bytes.starts_with(b"\xff\xd8\xff") {
            PictureFormat::Jpeg
        } else {
            return None;
        };
        Some(Self { format, bytes })
    }

    /// PNG or JPEG.
    pub const fn format(&self) -> PictureFormat {
        self.format
    }

    /// The file as it came.
    pub fn expose_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl PictureFormat {
    /// The usual ending of a file's name, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
        }
    }

    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({:?}, {} bytes)", self.format, self.bytes.len())
    }
}
