//! Calls that are under way, so that nobody makes the same one beside it.

use crate::kms::error::KmsError;
use crate::kms::timed::Digest;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OnceCell;

type Answer<V> = Arc<OnceCell<Result<V, KmsError>>>;

/// Calls under way, by what they ask.
pub(super) struct Flights<V>(Mutex<HashMap<Digest, Answer<V>>>);

impl<V> Default for Flights<V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<V: Clone> Flights<V> {
    /// Makes `call`, or waits for the same one that is under way and shares its answer. Should whoever makes it give up,
    /// one of those who wait makes it instead.
    pub(super) async fn join(
        &self,
        digest: Digest,
        call: impl Future<Output = Result<V, KmsError>>,
    ) -> Result<V, KmsError> {
        let seat = Seat {
            flights: self,
            digest,
            answer: Arc::clone(self.lock().entry(digest).or_default()),
        };
        let landing = async {
            let answer = call.await;
            // Whoever comes from now on asks anew: what may be remembered is in the cache by now.
            seat.land();
            answer
        };
        seat.answer.get_or_init(|| landing).await.clone()
    }

    /// Calls under way are not joined any more.
    pub(super) fn forget(&self) {
        self.lock().clear();
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

impl<V> Flights<V> {
    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Answer<V>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of those who wait for an answer.
struct Seat<'a, V> {
    flights: &'a Flights<V>,
    digest: Digest,
    answer: Answer<V>,
}

impl<V> Seat<'_, V> {
    fn land(&self) {
        let mut flights = self.flights.lock();
        if flights
            .get(&self.digest)
            .is_some_and(|its| Arc::ptr_eq(its, &self.answer))
        {
            flights.remove(&self.digest);
        }
    }
}

impl<V> Drop for Seat<'_, V> {
    fn drop(&mut self) {
        // Two hold it: the map, and who is leaving. The lock keeps others from joining meanwhile.
        let mut flights = self.flights.lock();
        if Arc::strong_count(&self.answer) == 2
            && flights
                .get(&self.digest)
                .is_some_and(|its| Arc::ptr_eq(its, &self.answer))
        {
            flights.remove(&self.digest);
        }
    }
}
