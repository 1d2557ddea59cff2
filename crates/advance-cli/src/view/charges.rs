//! What requests cost, in words; zeros are left out.

use advance_core::{Charge, Charges};

use crate::text::counted;

/// `2 requests, none charged`; `5 requests: 3 charged, 1 of unknown cost`.
pub(crate) fn sentence(requests: u64, charges: Charges) -> String {
    let sent = counted(requests, "request");
    let Charges { pay, unknown, .. } = charges;
    match (pay, unknown) {
        (0, 0) => format!("{sent}, none charged"),
        (0, unknown) => format!("{sent}: {unknown} of unknown cost"),
        (pay, 0) => format!("{sent}: {pay} charged"),
        (pay, unknown) => format!("{sent}: {pay} charged, {unknown} of unknown cost"),
    }
}

/// The vendor's words, where they have one.
pub(crate) const fn word(charge: Charge) -> &'static str {
    match charge {
        Charge::Free => "FREE",
        Charge::Pay => "PAY",
        Charge::Unknown => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_left_out() {
        let cost = |free, pay, unknown| Charges { free, pay, unknown };
        assert_eq!(sentence(2, cost(2, 0, 0)), "2 requests, none charged");
        assert_eq!(sentence(1, cost(0, 1, 0)), "1 request: 1 charged");
        assert_eq!(
            sentence(4, cost(1, 2, 1)),
            "4 requests: 2 charged, 1 of unknown cost"
        );
        assert_eq!(sentence(1, cost(0, 0, 1)), "1 request: 1 of unknown cost");
    }
}
