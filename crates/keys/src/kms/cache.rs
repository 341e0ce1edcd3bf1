//! The cache of a [`KeyService`](crate::kms::KeyService): unwrapped keys, names, refusals, and unavailability of the
//! service.

use crate::kms::cache::counts::{Counters, KeyCounts};
use crate::kms::cache::lifetimes::Lifetimes;
use crate::kms::cache::question::CacheQuestion;
use crate::kms::cache::values::CachedValues;
use crate::kms::error::KmsError;
use crate::kms::single_flight::SingleFlight;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use strongroom_seal::OuterKey;
use tokio::time::Instant;

pub(super) mod counts;
pub(super) mod lifetimes;
pub(super) mod question;
pub(super) mod values;

pub(super) struct Cache {
    pub(super) lifetimes: Lifetimes,
    values: Mutex<CachedValues>,
    pub(super) describing: SingleFlight<String>,
    pub(super) opening: SingleFlight<Arc<OuterKey>>,
    pub(super) sharing: SingleFlight<()>,
    counters: Counters,
}

impl Cache {
    pub(super) fn new(lifetimes: Lifetimes) -> Arc<Self> {
        Arc::new(Self {
            lifetimes,
            values: Mutex::new(CachedValues::new(lifetimes)),
            describing: SingleFlight::default(),
            opening: SingleFlight::default(),
            sharing: SingleFlight::default(),
            counters: Counters::default(),
        })
    }

    /// Looks up a value with `find`, then a cached refusal of the request or of its key, or unavailability of the
    /// service. `None`: the service must be called.
    pub(super) fn lookup<V>(
        &self,
        question: &CacheQuestion,
        find: impl FnOnce(&mut CachedValues, Instant) -> Option<V>,
    ) -> Option<Result<V, KmsError>> {
        let now = Instant::now();
        let mut values = self.lock();
        let found = match find(&mut values, now) {
            Some(value) => Some(Ok(value)),
            None => values.refusal(question, now).map(Err),
        };
        drop(values);
        self.counters.count_question(found.is_some());
        found
    }

    /// Calls the service once and caches the result: a refusal directly, any other value through `keep`.
    pub(super) async fn call<V>(
        self: &Arc<Self>,
        question: &CacheQuestion,
        call: impl Future<Output = Result<V, KmsError>>,
        keep: impl FnOnce(&mut CachedValues, &V, Instant),
    ) -> Result<V, KmsError> {
        let age = self.lock().age;
        self.counters.count_call();
        let result = call.await;
        let now = Instant::now();
        let mut values = self.lock();
        if let Err(error) = &result {
            self.counters.count_error(error);
        }
        values.note_availability(result.as_ref().err(), now, self.lifetimes.transient);
        if values.age == age {
            match &result {
                Ok(value) => keep(&mut values, value, now),
                Err(error) => values.refuse(question, error, now),
            }
            self.sweep_in_time(&mut values);
        }
        result
    }

    /// Drops all values. Requests in progress keep what they have until they end.
    pub(super) fn purge(&self) {
        let mut values = self.lock();
        values.clear();
        drop(values);
        self.describing.forget();
        self.opening.forget();
        self.sharing.forget();
    }

    pub(super) fn counts(&self) -> KeyCounts {
        let values = self.lock();
        let held = values.held();
        drop(values);
        self.counters.read(held)
    }

    fn lock(&self) -> MutexGuard<'_, CachedValues> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a task that drops expired keys even if there are no more requests.
    fn sweep_in_time(self: &Arc<Self>, values: &mut CachedValues) {
        let swept = values.sweeper.as_ref().is_some_and(|task| !task.is_finished());
        if swept || values.drop_expired(Instant::now()).is_none() {
            return;
        }
        values.sweeper = Some(tokio::spawn(sweep(Arc::downgrade(self))));
    }
}

/// Drops expired values until none are left.
async fn sweep(cache: Weak<Cache>) {
    loop {
        let Some(strong) = cache.upgrade() else { return };
        let next = {
            let mut values = strong.lock();
            let next = values.drop_expired(Instant::now());
            if next.is_none() {
                values.sweeper = None;
            }
            next
        };
        // A value cached during the sleep may expire before the one waited for, but not before this time.
        let soonest = Instant::now() + strong.lifetimes.shortest();
        drop(strong);
        let Some(next) = next else { return };
        tokio::time::sleep_until(next.min(soonest)).await;
    }
}
