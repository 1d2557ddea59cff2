//! The neighbourhood's numbers.

use std::fmt;

use super::print::evened;
use super::{Ktp, Reading};
use crate::domain::date::number;

/// RT (Rukun Tetangga, the neighbours) and RW (Rukun Warga, the ward) of a residence. Leading zeros are left in
/// [`Ktp::rtrw`].
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serialize", derive(serde::Serialize))]
pub struct RtRw {
    /// The neighbours' number, 0 to 999.
    pub rt: u16,
    /// The ward's number, 0 to 999.
    pub rw: u16,
}

impl RtRw {
    fn read(text: &str) -> Option<Self> {
        let text = evened(text);
        let numbers = text.strip_prefix("RT/RW").map_or(text.as_str(), labelled);
        let (rt, rw) = match numbers.split_once('/') {
            Some((rt, rw)) => (rt, rw.strip_prefix("RW").map_or(rw, labelled)),
            None => numbers.split_once("RW").map(|(rt, rw)| (rt, labelled(rw)))?,
        };
        let rt = rt.strip_prefix("RT").map_or(rt, labelled);
        Some(Self {
            rt: number(rt, 1..=3)?,
            rw: number(rw, 1..=3)?,
        })
    }
}

/// What stands behind a label, without the dot or colon of an abbreviation.
fn labelled(text: &str) -> &str {
    text.strip_prefix(['.', ':']).unwrap_or(text)
}

impl fmt::Debug for RtRw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RtRw(redacted)")
    }
}

impl Ktp {
    /// What `rtrw` says: two numbers of up to three digits around a slash, as in `011/002`, or behind their
    /// labels, as in `RT 011 RW 002`.
    pub fn neighbourhood(&self) -> Reading<RtRw> {
        Reading::of(self.rtrw().trimmed(), RtRw::read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_short_numbers_around_a_slash_or_behind_their_labels() {
        assert_eq!(RtRw::read("1/2"), Some(RtRw { rt: 1, rw: 2 }));
        for text in [
            "011/002",
            "011 / 002",
            "０１１／００２",
            "RT 011 RW 002",
            "RT 011 / RW 002",
            "RT.011/RW.002",
            "rt: 011 rw: 002",
            "RT/RW: 011/002",
        ] {
            assert_eq!(RtRw::read(text), Some(RtRw { rt: 11, rw: 2 }), "{text}");
        }
        for bad in [
            "",
            "/",
            "011",
            "011/",
            "011/002/3",
            "0111/002",
            "O11/002",
            "011 002",
            "011-002",
            "RW 002 RT 011",
            "RT 011",
            "RT 011 002",
            "RT",
            "RTRW",
            "-1/2",
        ] {
            assert_eq!(RtRw::read(bad), None, "{bad}");
        }
    }
}
