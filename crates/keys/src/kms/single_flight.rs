//! Sharing of concurrent equal calls.

use crate::kms::error::KmsError;
use crate::kms::timed::Digest;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OnceCell;

type SharedResult<V> = Arc<OnceCell<Result<V, KmsError>>>;

/// Calls in progress, by request.
pub(super) struct SingleFlight<V>(Mutex<HashMap<Digest, SharedResult<V>>>);

impl<V> Default for SingleFlight<V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<V: Clone> SingleFlight<V> {
    /// Makes `call`, or waits for the same call in progress and shares its result. If the task making the call is
    /// cancelled, one of the waiting ones makes it instead.
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
            // Later requests call again: anything to be cached is in the cache by now.
            participant.remove();
            result
        };
        participant.result.get_or_init(|| leading).await.clone()
    }

    /// Prevents new requests from joining the calls in progress.
    pub(super) fn forget(&self) {
        self.lock().clear();
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

impl<V> SingleFlight<V> {
    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, SharedResult<V>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task that waits for a result.
struct Participant<'a, V> {
    flights: &'a SingleFlight<V>,
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
        // Two references: the map and this task. The lock keeps others from joining meanwhile.
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
