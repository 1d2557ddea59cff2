//! The neighbourhood's numbers.

use std::fmt;

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
        let (rt, rw) = text.split_once('/')?;
        Some(Self {
            rt: number(rt, 1..=3)?,
            rw: number(rw, 1..=3)?,
        })
    }
}

impl fmt::Debug for RtRw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RtRw(redacted)")
    }
}

impl Ktp {
    /// What `rtrw` says: two numbers of up to three digits around a slash, as in `011/002`.
    pub fn neighbourhood(&self) -> Reading<RtRw> {
        Reading::of(self.rtrw().trimmed(), RtRw::read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_short_numbers_around_a_slash() {
        assert_eq!(RtRw::read("011/002"), Some(RtRw { rt: 11, rw: 2 }));
        assert_eq!(RtRw::read("1/2"), Some(RtRw { rt: 1, rw: 2 }));
        for bad in [
            "",
            "/",
            "011",
            "011/",
            "011/002/3",
            "0111/002",
            "O11/002",
            "011 / 002",
            "-1/2",
        ] {
            assert_eq!(RtRw::read(bad), None, "{bad}");
        }
    }
}
