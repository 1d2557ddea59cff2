//! A map that forgets its oldest keys, so that a sandbox may run for months.

use std::collections::{BTreeMap, VecDeque};

/// Text keys and what is known of them, at most `limit` at a time.
#[derive(Clone)]
pub(super) struct Bounded<V> {
    limit: usize,
    entries: BTreeMap<String, V>,
    /// Keys by age.
    order: VecDeque<String>,
}

impl<V> Bounded<V> {
    pub(super) const fn new(limit: usize) -> Self {
        Self {
            limit,
            entries: BTreeMap::new(),
            order: VecDeque::new(),
        }
    }

    /// Keys are minted and never come twice.
    pub(super) fn insert(&mut self, key: String, value: V) {
        if self.order.len() >= self.limit
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.entries.insert(key, value);
    }

    pub(super) fn get(&self, key: &str) -> Option<&V> {
        self.entries.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        self.entries.get_mut(key)
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.order.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_first() {
        let mut map = Bounded::new(2);
        for key in ["a", "b", "c"] {
            map.insert(key.to_owned(), key.len());
        }
        assert_eq!(
            (map.get("a"), map.get("b"), map.get("c")),
            (None, Some(&1), Some(&1))
        );
        assert_eq!(map.len(), 2);
    }
}
