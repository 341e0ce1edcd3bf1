//! A bounded map whose values expire.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;
use tokio::time::Instant;

#[cfg(test)]
mod tests;

/// Key of a cached value: a SHA-256 of everything the value depends on.
pub(super) type Digest = [u8; 32];

/// A map whose values expire after a fixed time. If there are too many, the oldest are dropped.
///
/// All values live equally long, so they expire in the order of their insertion.
pub(super) struct Timed<V> {
    lifetime: Duration,
    capacity: usize,
    entries: HashMap<Digest, (Instant, V)>,
    /// Expiry times in the order of insertion. Includes entries that were removed or replaced since: their digest is
    /// missing from the map, or maps to a newer value.
    order: VecDeque<(Instant, Digest)>,
}

impl<V> Timed<V> {
    /// Creates a map for at most `capacity` values. With a lifetime of zero it keeps nothing.
    pub(super) fn new(lifetime: Duration, capacity: usize) -> Self {
        Self {
            lifetime,
            capacity,
            entries: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    pub(super) fn get(&self, digest: &Digest, now: Instant) -> Option<&V> {
        let (until, value) = self.entries.get(digest)?;
        (*until > now).then_some(value)
    }

    pub(super) fn get_mut(&mut self, digest: &Digest, now: Instant) -> Option<&mut V> {
        let (until, value) = self.entries.get_mut(digest)?;
        (*until > now).then_some(value)
    }

    pub(super) fn insert(&mut self, digest: Digest, value: V, now: Instant) {
        if self.lifetime.is_zero() || self.capacity == 0 {
            return;
        }
        while self.order.len() >= self.capacity {
            self.drop_oldest();
        }
        let until = now + self.lifetime;
        self.entries.insert(digest, (until, value));
        self.order.push_back((until, digest));
    }

    pub(super) fn remove(&mut self, digest: &Digest) {
        self.entries.remove(digest);
    }

    pub(super) fn retain(&mut self, mut keep: impl FnMut(&V) -> bool) {
        self.entries.retain(|_, (_, value)| keep(value));
    }

    /// Drops expired values. Returns when the next one expires.
    pub(super) fn sweep(&mut self, now: Instant) -> Option<Instant> {
        while let Some((until, _)) = self.order.front() {
            if *until > now {
                return Some(*until);
            }
            self.drop_oldest();
        }
        None
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.order.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    fn drop_oldest(&mut self) {
        let Some((until, digest)) = self.order.pop_front() else {
            return;
        };
        if self.entries.get(&digest).is_some_and(|(its, _)| *its == until) {
            self.entries.remove(&digest);
        }
    }
}
