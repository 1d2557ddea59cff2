//! Walks through text that a processor takes many bytes at a time.

/// How many are looked at before it is asked whether one was found: as many as one instruction takes.
const BLOCK: usize = 16;

/// Whether one of the bytes is such a one.
pub(crate) fn any(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    let found = |block: &[u8]| {
        // Without a branch, which would have it look at one after the other.
        let found = block.iter().fold(0, |found, byte| found | u8::from(is(*byte)));
        found != 0
    };
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    blocks.iter().any(|block| found(block)) || found(rest)
}

/// Whether one of the bytes is one of these.
pub(crate) fn any_of<const COUNT: usize>(bytes: &[u8], these: &[u8; COUNT]) -> bool {
    any(bytes, |byte| {
        let found = these.iter().fold(0, |found, one| found | u8::from(byte == *one));
        found != 0
    })
}

/// Whether all of them are such ones.
pub(crate) fn all(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    !any(bytes, |byte| !is(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_is_found_wherever_it_stands() {
        for length in 0..40 {
            let mut bytes = vec![b'a'; length];
            assert!(!any(&bytes, |b| b == b'b') && all(&bytes, |b| b == b'a'));
            for at in 0..length {
                bytes[at] = b'b';
                assert!(any(&bytes, |b| b == b'b') && !all(&bytes, |b| b == b'a'));
                assert!(any_of(&bytes, b"cb") && !any_of(&bytes, b"cd"));
                bytes[at] = b'a';
            }
        }
    }
}
