//! Bytes of a file as text: compressed or not, in any of the usual encodings.

use std::io::Read as _;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use flate2::read::MultiGzDecoder;

use crate::problem::Problem;
use crate::stop::Stop;

/// No reply of this API, nor many of them in a file, comes near it.
pub(crate) const LARGEST: u64 = 64 << 20;

/// The text, and what had to be undone for it.
pub(crate) struct Decoded {
    pub(crate) text: String,
    pub(crate) undone: Vec<&'static str>,
}

/// The text of a file.
pub(crate) fn text(bytes: &[u8]) -> Result<Decoded, Stop> {
    let mut undone = Vec::new();
    let unpacked;
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        undone.push("gzip");
        unpacked = gunzip(bytes)?;
        &unpacked
    } else {
        bytes
    };
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        undone.push(if encoding == UTF_8 {
            "byte order mark"
        } else {
            encoding.name()
        });
        let (text, _) = encoding.decode_without_bom_handling(&bytes[length..]);
        return Ok(Decoded {
            text: text.into_owned(),
            undone,
        });
    }
    let encoding = guess(bytes);
    if encoding != UTF_8 {
        undone.push(encoding.name());
    }
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    Ok(Decoded {
        text: text.into_owned(),
        undone,
    })
}

fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, Stop> {
    let mut unpacked = Vec::new();
    let read = MultiGzDecoder::new(bytes)
        .take(LARGEST + 1)
        .read_to_end(&mut unpacked);
    read.map_err(|error| {
        Stop::from(Problem::local("file", "it begins like gzip and cannot be unpacked").caused_by(&error))
    })?;
    if unpacked.len() as u64 > LARGEST {
        return Err(Problem::local("file", "unpacked, it has more than 64 MiB").into());
    }
    Ok(unpacked)
}

/// Without a mark: text of this protocol begins with ASCII, which in UTF-16 has a zero in every second byte.
fn guess(bytes: &[u8]) -> &'static Encoding {
    match bytes {
        [0, second, 0, ..] if *second != 0 => UTF_16BE,
        [first, 0, _, 0, ..] if *first != 0 => UTF_16LE,
        _ if std::str::from_utf8(bytes).is_ok() => UTF_8,
        _ => WINDOWS_1252,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn read(bytes: &[u8]) -> (String, Vec<&'static str>) {
        let Ok(decoded) = text(bytes) else {
            panic!("not read")
        };
        (decoded.text, decoded.undone)
    }

    #[test]
    fn whatever_a_shell_made_of_it_is_undone() {
        let utf16 = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
            let text = "{\"ü\":1}".encode_utf16().flat_map(bytes);
            mark.iter().copied().chain(text).collect::<Vec<u8>>()
        };
        let plain = "{\"ü\":1}".to_owned();
        assert_eq!(read(plain.as_bytes()), (plain.clone(), vec![]));
        assert_eq!(
            read(&[b"\xef\xbb\xbf", plain.as_bytes()].concat()),
            (plain.clone(), vec!["byte order mark"])
        );
        assert_eq!(
            read(&utf16(b"\xff\xfe", u16::to_le_bytes)),
            (plain.clone(), vec!["UTF-16LE"])
        );
        assert_eq!(
            read(&utf16(b"", u16::to_le_bytes)),
            (plain.clone(), vec!["UTF-16LE"])
        );
        assert_eq!(
            read(&utf16(b"", u16::to_be_bytes)),
            (plain.clone(), vec!["UTF-16BE"])
        );
        assert_eq!(read(b"{\"\xfc\":1}"), (plain.clone(), vec!["windows-1252"]));
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(plain.as_bytes()).unwrap();
        let packed = packed.finish().unwrap();
        assert_eq!(read(&packed), (plain, vec!["gzip"]));
        assert!(text(&packed[..packed.len() / 2]).is_err());
    }
}
