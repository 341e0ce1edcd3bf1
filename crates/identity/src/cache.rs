//! A bounded map from texts to values that are cheap to clone.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

#[cfg(test)]
mod tests;

/// Bounded map in two generations: when the young one is full, it becomes the old one, and the old one is dropped. So a
/// value that is used stays, and a flood of others costs no more than twice the capacity.
pub(crate) struct Cache<V> {
    generations: RwLock<Generations<V>>,
    /// Maximum number of values in each generation.
    capacity: usize,
}

struct Generations<V> {
    young: HashMap<String, V>,
    old: HashMap<String, V>,
}

impl<V: Clone> Cache<V> {
    pub(crate) fn new(capacity: usize) -> Self {
        let generations = Generations {
            young: HashMap::new(),
            old: HashMap::new(),
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
        if generations.young.len() >= self.capacity && !generations.young.contains_key(key) {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(key.to_owned(), value);
    }

    pub(crate) fn remove(&self, key: &str) {
        let mut generations = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        generations.young.remove(key);
        generations.old.remove(key);
    }
}
