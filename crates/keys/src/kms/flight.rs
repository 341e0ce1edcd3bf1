//! Calls that are under way, so that nobody makes the same one beside it.

use crate::kms::error::KmsError;
use crate::kms::timed::Digest;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OnceCell;

type SharedResult<V> = Arc<OnceCell<Result<V, KmsError>>>;

/// Calls under way, by what they ask.
pub(super) struct Flights<V>(Mutex<HashMap<Digest, SharedResult<V>>>);

impl<V> Default for Flights<V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<V: Clone> Flights<V> {
    /// Makes `call`, or waits for the same one that is under way and shares its result. Should whoever makes it give up,
    /// one of those who wait makes it instead.
    pub(super) async fn join(
        &self,
        digest: Digest,
        call: impl Future<Output = Result<V, KmsError>>,
    ) -> Result<V, KmsError> {
        let participant = Participant {
            flights: self,
            digest,
            result: Arc::clone(self.lock().entry(digest).or_default()),
        };
        let leading = async {
            let result = call.await;
            // Whoever comes from now on asks anew: what may be remembered is in the cache by now.
            participant.remove();
            result
        };
        participant.result.get_or_init(|| leading).await.clone()
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
    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, SharedResult<V>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of those who wait for an result.
struct Participant<'a, V> {
    flights: &'a Flights<V>,
    digest: Digest,
    result: SharedResult<V>,
}

impl<V> Participant<'_, V> {
    fn remove(&self) {
        let mut flights = self.flights.lock();
        if flights
            .get(&self.digest)
            .is_some_and(|its| Arc::ptr_eq(its, &self.result))
        {
            flights.remove(&self.digest);
        }
    }
}

impl<V> Drop for Participant<'_, V> {
    fn drop(&mut self) {
        // Two hold it: the map, and who is leaving. The lock keeps others from joining meanwhile.
        let mut flights = self.flights.lock();
        if Arc::strong_count(&self.result) == 2
            && flights
                .get(&self.digest)
                .is_some_and(|its| Arc::ptr_eq(its, &self.result))
        {
            flights.remove(&self.digest);
        }
    }
}
