//! A map that forgets its oldest keys, so that a sandbox may run for months.

use std::collections::{BTreeMap, VecDeque};

/// How much of something is kept.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    pub(super) count: usize,
    pub(super) bytes: usize,
}

/// How large a value is, about.
pub(super) trait Measured {
    fn size(&self) -> usize;
}

/// Text keys and what is known of them, up to a limit.
#[derive(Clone)]
pub(super) struct Bounded<V> {
    limit: Limit,
    entries: BTreeMap<String, V>,
    /// Keys by age.
    order: VecDeque<String>,
    bytes: usize,
    forgotten: u64,
}

impl<V: Measured> Bounded<V> {
    pub(super) const fn new(limit: Limit) -> Self {
        Self {
            limit,
            entries: BTreeMap::new(),
            order: VecDeque::new(),
            bytes: 0,
            forgotten: 0,
        }
    }

    /// Keys are minted and never come twice.
    pub(super) fn insert(&mut self, key: String, value: V) {
        self.bytes += 2 * key.len() + value.size();
        self.order.push_back(key.clone());
        self.entries.insert(key, value);
        self.forget();
    }

    fn forget(&mut self) {
        while (self.order.len() > self.limit.count || self.bytes > self.limit.bytes)
            && let Some(oldest) = self.order.pop_front()
        {
            if let Some(value) = self.entries.remove(&oldest) {
                self.bytes = self.bytes.saturating_sub(2 * oldest.len() + value.size());
            }
            self.forgotten += 1;
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&V> {
        self.entries.get(key)
    }

    /// Changes a value, which may make it larger.
    pub(super) fn change<T>(&mut self, key: &str, change: impl FnOnce(&mut V) -> T) -> Option<T> {
        let value = self.entries.get_mut(key)?;
        let before = value.size();
        let result = change(value);
        self.bytes = (self.bytes + value.size()).saturating_sub(before);
        self.forget();
        Some(result)
    }

    /// The newest first.
    pub(super) fn newest(&self) -> impl Iterator<Item = (&str, &V)> {
        self.order
            .iter()
            .rev()
            .filter_map(|key| Some((key.as_str(), self.entries.get(key)?)))
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new(self.limit);
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many were forgotten to make room.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Measured for Vec<u8> {
        fn size(&self) -> usize {
            self.len()
        }
    }

    #[test]
    fn the_oldest_goes_first() {
        let mut map = Bounded::new(Limit {
            count: 2,
            bytes: 1000,
        });
        for key in ["a", "b", "c"] {
            map.insert(key.to_owned(), vec![0]);
        }
        assert_eq!((map.get("a"), map.get("b").is_some()), (None, true));
        assert_eq!((map.len(), map.forgotten()), (2, 1));
        assert_eq!(map.newest().map(|(key, _)| key).collect::<Vec<_>>(), ["c", "b"]);
    }

    #[test]
    fn large_ones_push_out_more() {
        let mut map = Bounded::new(Limit {
            count: 100,
            bytes: 100,
        });
        for key in ["a", "b", "c"] {
            map.insert(key.to_owned(), vec![0; 20]);
        }
        map.change("c", |value| value.resize(60, 0));
        assert_eq!((map.get("a").is_none(), map.len()), (true, 2));
        map.change("b", |value| value.resize(200, 0));
        assert_eq!((map.len(), map.bytes, map.forgotten()), (1, 62, 2));
    }
}
