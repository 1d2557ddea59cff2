//! A stock of retries for a whole client, so that retries cannot multiply an outage.

/// Tenths of a retry that one successful call brings back.
const REFUND: u32 = 1;
const RETRY: u32 = 10;

/// A token bucket that only retries draw on.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    tenths: u32,
    full: u32,
}

impl Budget {
    pub(super) const fn new(retries: u32) -> Self {
        let full = retries.saturating_mul(RETRY);
        Self { tenths: full, full }
    }

    /// Takes one retry out of the stock, if there is one.
    pub(super) const fn take(&mut self) -> bool {
        match self.tenths.checked_sub(RETRY) {
            Some(rest) => {
                self.tenths = rest;
                true
            }
            None => false,
        }
    }

    pub(super) const fn refund(&mut self) {
        if self.tenths < self.full {
            self.tenths += REFUND;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn it_runs_dry_and_ten_successes_bring_one_back() {
        let mut budget = Budget::new(2);
        assert!(budget.take() && budget.take() && !budget.take());
        for _ in 0..9 {
            budget.refund();
        }
        assert!(!budget.take());
        budget.refund();
        assert!(budget.take() && !budget.take());
    }

    #[test]
    fn it_never_holds_more_than_its_size() {
        let mut budget = Budget::new(1);
        for _ in 0..100 {
            budget.refund();
        }
        assert!(budget.take() && !budget.take());
    }

    #[test]
    fn a_success_while_it_is_full_is_not_saved_up() {
        let mut budget = Budget::new(1);
        budget.refund();
        assert!(budget.take());
        for _ in 0..9 {
            budget.refund();
        }
        assert!(!budget.take());
    }
}
