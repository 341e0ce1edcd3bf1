//! A map from texts to values that are cheap to clone, bounded by their weight.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

#[cfg(test)]
mod tests;

/// Bounded map in two generations: when the young one is full, it becomes the old one, and the old one is dropped. So a
/// value that is used stays, and a flood of others costs no more than twice the capacity and one value.
pub(crate) struct Cache<V> {
    generations: RwLock<Generations<V>>,
    /// Weight from which on a generation is full.
    capacity: usize,
}

struct Generations<V> {
    young: HashMap<String, V>,
    old: HashMap<String, V>,
    /// Weight of what was added to the young generation.
    weight: usize,
}

/// Value with a weight: roughly the bytes of memory that it takes.
pub(crate) trait Weighed: Clone {
    /// Returns the weight.
    fn weight(&self) -> usize;
}

impl<V: Weighed> Cache<V> {
    pub(crate) fn new(capacity: usize) -> Self {
        let generations = Generations {
            young: HashMap::new(),
            old: HashMap::new(),
            weight: 0,
        };
        Self {
            generations: RwLock::new(generations),
            capacity,
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<V> {
        let generations = self.generations.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = generations.young.get(key) {
            return Some(value.clone());
        }
        let value = generations.old.get(key).cloned()?;
        drop(generations);
        self.insert(key, value.clone());
        Some(value)
    }

    pub(crate) fn insert(&self, key: &str, value: V) {
        let mut generations = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        if generations.weight >= self.capacity {
            generations.old = std::mem::take(&mut generations.young);
            generations.weight = 0;
        }
        generations.weight += value.weight();
        if let Some(replaced) = generations.young.insert(key.to_owned(), value) {
            generations.weight = generations.weight.saturating_sub(replaced.weight());
        }
    }

    pub(crate) fn remove(&self, key: &str) {
        let mut generations = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(removed) = generations.young.remove(key) {
            generations.weight = generations.weight.saturating_sub(removed.weight());
        }
        generations.old.remove(key);
    }
}
