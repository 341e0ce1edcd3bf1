//! Last uses of access keys and roles, until they are written.

use crate::model::last_use::{LastUse, Service};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Time between two notes of the same key, in microseconds: 1 minute.
const INTERVAL: u64 = 60_000_000;
/// Maximum number of notes that wait to be written. Beyond it, uses are not noted.
const MAX_WAITING: usize = 100_000;

/// Last uses that are not written yet, by the ids of access keys and roles.
#[derive(Default)]
pub(crate) struct LastUses(Mutex<HashMap<String, LastUse>>);

/// Time of the last note of one key, in microseconds since 1970. Lives in the key's snapshot, so that most requests take
/// no lock.
#[derive(Default)]
pub(crate) struct LastNote(AtomicU64);

impl LastUses {
    /// Notes a use of `id`, at most once a minute.
    pub(crate) fn note(&self, id: &str, last: &LastNote, time: u64, service: Service) {
        let before = last.0.load(Ordering::Relaxed);
        if time < before.saturating_add(INTERVAL) {
            return;
        }
        last.0.store(time, Ordering::Relaxed);
        let mut waiting = self.waiting();
        if waiting.len() < MAX_WAITING || waiting.contains_key(id) {
            waiting.insert(id.to_owned(), LastUse { time, service });
        }
    }

    /// Returns a use that is not written yet.
    pub(crate) fn get(&self, id: &str) -> Option<LastUse> {
        self.waiting().get(id).copied()
    }

    /// Takes all uses, to write them.
    pub(crate) fn take(&self) -> HashMap<String, LastUse> {
        std::mem::take(&mut *self.waiting())
    }

    /// Gives back uses that could not be written, unless there are later ones.
    pub(crate) fn give_back(&self, uses: impl IntoIterator<Item = (String, LastUse)>) {
        let mut waiting = self.waiting();
        for (id, last) in uses {
            waiting.entry(id).or_insert(last);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<String, LastUse>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
