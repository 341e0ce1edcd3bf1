//! The cache of a [`KeyService`](crate::kms::KeyService): unwrapped keys, names, refusals, and unavailability of the
//! service.

use crate::kms::cache::counts::{Counters, KeyCounts};
use crate::kms::cache::lifetimes::Lifetimes;
use crate::kms::cache::question::CacheQuestion;
use crate::kms::cache::remembered::Remembered;
use crate::kms::error::KmsError;
use crate::kms::flight::Flights;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use strongroom_seal::OuterKey;
use tokio::time::Instant;

pub(super) mod counts;
pub(super) mod lifetimes;
pub(super) mod question;
pub(super) mod remembered;

pub(super) struct Cache {
    pub(super) lifetimes: Lifetimes,
    remembered: Mutex<Remembered>,
    pub(super) describing: Flights<String>,
    pub(super) opening: Flights<Arc<OuterKey>>,
    pub(super) sharing: Flights<()>,
    counters: Counters,
}

impl Cache {
    pub(super) fn new(lifetimes: Lifetimes) -> Arc<Self> {
        Arc::new(Self {
            lifetimes,
            remembered: Mutex::new(Remembered::new(lifetimes)),
            describing: Flights::default(),
            opening: Flights::default(),
            sharing: Flights::default(),
            counters: Counters::default(),
        })
    }

    /// Looks up a value with `find`, then a cached refusal of the request or of its key, or unavailability of the
    /// service. `None`: the service must be called.
    pub(super) fn lookup<V>(
        &self,
        question: &CacheQuestion,
        find: impl FnOnce(&mut Remembered, Instant) -> Option<V>,
    ) -> Option<Result<V, KmsError>> {
        let now = Instant::now();
        let mut remembered = self.lock();
        let found = match find(&mut remembered, now) {
            Some(value) => Some(Ok(value)),
            None => remembered.refusal(question, now).map(Err),
        };
        drop(remembered);
        self.counters.count_question(found.is_some());
        found
    }

    /// Calls the service once and caches the result: a refusal directly, any other value through `keep`.
    pub(super) async fn call<V>(
        self: &Arc<Self>,
        question: &CacheQuestion,
        call: impl Future<Output = Result<V, KmsError>>,
        keep: impl FnOnce(&mut Remembered, &V, Instant),
    ) -> Result<V, KmsError> {
        let age = self.lock().age;
        self.counters.count_call();
        let answer = call.await;
        let now = Instant::now();
        let mut remembered = self.lock();
        if let Err(error) = &answer {
            self.counters.count_error(error);
        }
        remembered.note_availability(answer.as_ref().err(), now, self.lifetimes.transient);
        if remembered.age == age {
            match &answer {
                Ok(value) => keep(&mut remembered, value, now),
                Err(error) => remembered.refuse(question, error, now),
            }
            self.sweep_in_time(&mut remembered);
        }
        answer
    }

    /// Drops all values. Requests in progress keep what they have until they end.
    pub(super) fn purge(&self) {
        let mut remembered = self.lock();
        remembered.clear();
        drop(remembered);
        self.describing.forget();
        self.opening.forget();
        self.sharing.forget();
    }

    pub(super) fn counts(&self) -> KeyCounts {
        let remembered = self.lock();
        let held = remembered.held();
        drop(remembered);
        self.counters.read(held)
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a task that drops expired keys even if there are no more requests.
    fn sweep_in_time(self: &Arc<Self>, remembered: &mut Remembered) {
        let swept = remembered
            .sweeper
            .as_ref()
            .is_some_and(|task| !task.is_finished());
        if swept || remembered.drop_expired(Instant::now()).is_none() {
            return;
        }
        remembered.sweeper = Some(tokio::spawn(sweep(Arc::downgrade(self))));
    }
}

/// Drops expired values until none are left.
async fn sweep(cache: Weak<Cache>) {
    loop {
        let Some(strong) = cache.upgrade() else { return };
        let next = {
            let mut remembered = strong.lock();
            let next = remembered.drop_expired(Instant::now());
            if next.is_none() {
                remembered.sweeper = None;
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
