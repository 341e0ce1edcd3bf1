//! The cached values, guarded by one lock.

use crate::kms::cache::lifetimes::Lifetimes;
use crate::kms::cache::question::{CacheQuestion, QuestionKind};
use crate::kms::context::Context;
use crate::kms::error::{KmsError, Unavailable};
use crate::kms::timed::Timed;
use std::sync::Arc;
use std::time::Duration;
use strongroom_seal::OuterKey;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// A key and its wrapped form.
pub(in crate::kms) type KeyPair = (Arc<OuterKey>, Vec<u8>);

/// A key that may be issued again.
struct Shared {
    key_id: String,
    pair: KeyPair,
    uses_left: u32,
}

/// The cached values.
pub(in crate::kms) struct CachedValues {
    /// Number of purges. The response to a call made before a purge is not cached after it.
    pub(super) age: u64,
    /// Ids that names resolve to.
    pub(in crate::kms) ids: Timed<String>,
    pub(in crate::kms) opened: Timed<Arc<OuterKey>>,
    shared: Timed<Shared>,
    refused: Timed<KmsError>,
    unavailable: Option<(Instant, Unavailable)>,
    pub(super) sweeper: Option<JoinHandle<()>>,
}

impl CachedValues {
    pub(super) fn new(lifetimes: Lifetimes) -> Self {
        let Lifetimes {
            positive, entries, ..
        } = lifetimes;
        Self {
            age: 0,
            ids: Timed::new(positive, entries),
            opened: Timed::new(positive, entries),
            shared: Timed::new(positive, entries),
            refused: Timed::new(lifetimes.negative, entries),
            unavailable: None,
            sweeper: None,
        }
    }

    /// Drops all values, and prevents the caching of calls in progress.
    pub(super) fn clear(&mut self) {
        self.age += 1;
        self.ids.clear();
        self.opened.clear();
        self.shared.clear();
        self.refused.clear();
        self.unavailable = None;
    }

    /// Returns the number of unwrapped keys in memory.
    pub(super) fn held(&self) -> usize {
        self.opened.len() + self.shared.len()
    }

    /// Returns the shared key for `question` if it has a use left, and counts the use.
    pub(in crate::kms) fn take_use(&mut self, question: &CacheQuestion, now: Instant) -> Option<KeyPair> {
        let shared = self.shared.get_mut(&question.exactly, now)?;
        shared.uses_left -= 1;
        let spent = shared.uses_left == 0;
        let pair = shared.pair.clone();
        if spent {
            self.shared.remove(&question.exactly);
        }
        Some(pair)
    }

    /// Caches a key that is used for the first time: for opening what it wraps, and for reuse if `uses` allows it.
    pub(in crate::kms) fn share(
        &mut self,
        question: &CacheQuestion,
        pair: &KeyPair,
        context: &Context,
        uses: u32,
        now: Instant,
    ) {
        let (key, wrapped) = pair;
        let opening = CacheQuestion::new(QuestionKind::Unwrap, &question.key, wrapped, context);
        self.opened.insert(opening.exactly, Arc::clone(key), now);
        if uses > 1 {
            let shared = Shared {
                key_id: question.key.clone(),
                pair: pair.clone(),
                uses_left: uses - 1,
            };
            self.shared.insert(question.exactly, shared, now);
        }
    }

    pub(super) fn refusal(&self, question: &CacheQuestion, now: Instant) -> Option<KmsError> {
        let of_key = self.refused.get(&question.of_key, now);
        let refused = of_key.or_else(|| self.refused.get(&question.exactly, now));
        if let Some(refusal) = refused {
            return Some(refusal.clone());
        }
        let (until, why) = self.unavailable.as_ref()?;
        (*until > now).then(|| KmsError::Unavailable(why.clone()))
    }

    pub(super) fn refuse(&mut self, question: &CacheQuestion, error: &KmsError, now: Instant) {
        let of_key = matches!(
            error,
            KmsError::NotFound(_) | KmsError::Disabled(_) | KmsError::InvalidState(_)
        );
        if of_key {
            self.shared.retain(|shared| shared.key_id != question.key);
            self.refused.insert(question.of_key, error.clone(), now);
        } else if !matches!(error, KmsError::Unavailable(_)) {
            self.refused.insert(question.exactly, error.clone(), now);
        }
    }

    /// Records whether the service is available, and logs changes.
    pub(super) fn note_availability(&mut self, error: Option<&KmsError>, now: Instant, pause: Duration) {
        if let Some(KmsError::Unavailable(why)) = error {
            if self.unavailable.is_none() {
                tracing::warn!(%why, "the key management service is unavailable");
            }
            self.unavailable = Some((now + pause, why.clone()));
        } else if self.unavailable.take().is_some() {
            tracing::info!("the key management service is available again");
        }
    }

    /// Drops expired values. Returns when the next one expires.
    pub(super) fn drop_expired(&mut self, now: Instant) -> Option<Instant> {
        let next = [
            self.ids.sweep(now),
            self.opened.sweep(now),
            self.shared.sweep(now),
            self.refused.sweep(now),
        ];
        next.into_iter().flatten().min()
    }
}
