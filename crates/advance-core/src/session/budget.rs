//! A stock of retries for each endpoint, so that retries cannot multiply an outage, nor one endpoint's outage take the
//! retries of another.

/// Tenths of a retry that one successful call brings back.
const REFUND: u32 = 1;
const RETRY: u32 = 10;

/// The stocks of a session, one for each path that ever needed one.
#[derive(Clone, Debug)]
pub(super) struct Budgets {
    stock: u32,
    by_path: Vec<(&'static str, Budget)>,
}

impl Budgets {
    pub(super) const fn new(stock: u32) -> Self {
        Self {
            stock,
            by_path: Vec::new(),
        }
    }

    /// The stock of this path.
    pub(super) fn of(&mut self, path: &'static str) -> &mut Budget {
        let place = self.by_path.iter().position(|(other, _)| *other == path);
        let place = place.unwrap_or_else(|| {
            self.by_path.push((path, Budget::new(self.stock)));
            self.by_path.len() - 1
        });
        &mut self.by_path[place].1
    }
}

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

    /// A request was answered. If it was a retry, it gives back what it took; if not, a tenth of one comes back.
    pub(super) fn succeeds(&mut self, retried: bool) {
        let back = if retried { RETRY } else { REFUND };
        self.tenths = self.tenths.saturating_add(back).min(self.full);
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, Budgets};

    #[test]
    fn it_runs_dry_and_ten_successes_bring_one_back() {
        let mut budget = Budget::new(2);
        assert!(budget.take() && budget.take() && !budget.take());
        for _ in 0..9 {
            budget.succeeds(false);
        }
        assert!(!budget.take());
        budget.succeeds(false);
        assert!(budget.take() && !budget.take());
    }

    #[test]
    fn a_retry_that_succeeds_costs_nothing() {
        let mut budget = Budget::new(1);
        for _ in 0..100 {
            assert!(budget.take());
            budget.succeeds(true);
        }
    }

    #[test]
    fn each_path_has_a_stock_of_its_own() {
        let mut budgets = Budgets::new(1);
        assert!(budgets.of("/dead").take() && !budgets.of("/dead").take());
        assert!(budgets.of("/alive").take());
    }

    #[test]
    fn it_never_holds_more_than_its_size() {
        let mut budget = Budget::new(1);
        for _ in 0..100 {
            budget.succeeds(false);
        }
        assert!(budget.take() && !budget.take());
    }

    #[test]
    fn a_success_while_it_is_full_is_not_saved_up() {
        let mut budget = Budget::new(1);
        budget.succeeds(false);
        assert!(budget.take());
        for _ in 0..9 {
            budget.succeeds(false);
        }
        assert!(!budget.take());
    }
}
