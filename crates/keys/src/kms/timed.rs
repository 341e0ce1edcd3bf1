//! Values that are kept for a while, and not too many of them.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;
use tokio::time::Instant;

#[cfg(test)]
mod tests;

/// What values are found by: a SHA-256 of all that they depend on.
pub(super) type Digest = [u8; 32];

/// Values that are gone when their time has come. If there are too many, the oldest go.
///
/// All live equally long, so the order in which they came is the order in which they go.
pub(super) struct Timed<V> {
    lifetime: Duration,
    capacity: usize,
    entries: HashMap<Digest, (Instant, V)>,
    /// Of every entry, and of some that were taken out or replaced since: these lead to nothing, or to a newer one.
    order: VecDeque<(Instant, Digest)>,
}

impl<V> Timed<V> {
    /// For at most `capacity` values. With a lifetime of zero nothing is kept.
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

    /// Drops what has expired, and tells when there will be more to drop.
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
