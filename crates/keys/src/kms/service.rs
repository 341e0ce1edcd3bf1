//! The key service used by the engine: a back end with a default key, behind a cache.

use crate::kms::cache::Cache;
use crate::kms::cache::counts::KeyCounts;
use crate::kms::cache::lifetimes::Lifetimes;
use crate::kms::cache::question::{CacheQuestion, QuestionKind};
use crate::kms::cache::values::{CachedValues, KeyPair};
use crate::kms::context::Context;
use crate::kms::error::KmsError;
use crate::kms::{GeneratedKey, KeyState, Kms};
use std::sync::Arc;
use strongroom_seal::OuterKey;

#[cfg(test)]
mod tests;

/// A key management service as used by the engine.
///
/// It caches the following. *positive*, *negative* and *transient* are the fields of [`Lifetimes`], measured by the
/// runtime's clock, which does not jump.
///
/// - unwrapped keys, for *positive* after the call that unwrapped them; later uses do not prolong it,
/// - shared keys, for *positive* after their creation, and for at most `uses` uses,
/// - the id that a name resolves to, for *positive*,
/// - refusals, for *negative*: a key that does not exist, is disabled or in no usable state is refused for all
///   requests; denied use and failed unwrapping only for the same request,
/// - unavailability of the service, for *transient*: requests that need it fail at once meanwhile.
///
/// So a key that is disabled at the service stops wrapping with fresh keys at once, since these always need a call.
/// Shared keys, and unwrapping, work until the cached values expire, at most for *positive*. A key that is enabled
/// again is used again after at most *negative*. [`Self::purge`] ends both at once. Keys are wiped when they are
/// dropped, which a timer does even without further requests.
pub struct KeyService {
    backend: Option<Arc<dyn Kms>>,
    default_key: Option<String>,
    cache: Arc<Cache>,
}

/// A fresh or shared key to wrap data keys with.
pub struct Issued {
    /// The key.
    pub key: Arc<OuterKey>,
    /// Permanent id of the service's key that wraps it.
    pub key_id: String,
    /// Id of the service's key for responses: the name from the request, but for an alias or label the id it resolves
    /// to now.
    pub display_id: String,
    /// The key, wrapped by the service's key.
    pub wrapped: Vec<u8>,
}

impl Default for KeyService {
    /// Creates a service without a back end.
    fn default() -> Self {
        Self {
            backend: None,
            default_key: None,
            cache: Cache::new(Lifetimes::default()),
        }
    }
}

impl KeyService {
    /// Creates a service with `backend`. `default_key` is used for requests that name none.
    pub fn new(backend: Arc<dyn Kms>, default_key: Option<String>) -> Self {
        Self {
            backend: Some(backend),
            default_key,
            ..Self::default()
        }
    }

    /// Returns the service with other lifetimes and an empty cache.
    #[must_use]
    pub fn with_lifetimes(self, lifetimes: Lifetimes) -> Self {
        Self {
            cache: Cache::new(lifetimes),
            ..self
        }
    }

    /// Issues a key to wrap a data key with, bound to `context`. `shared` allows a key that was issued before for the
    /// same key and context (S3 Bucket Keys); otherwise it is fresh.
    ///
    /// # Errors
    /// Those of [`Kms::generate`]; [`KmsError::NoService`], [`KmsError::NoDefaultKey`].
    pub async fn issue(
        &self,
        requested: Option<&str>,
        context: &Context,
        shared: bool,
    ) -> Result<Issued, KmsError> {
        let backend = self.backend()?;
        let requested = requested.or(self.default_key.as_deref());
        let requested = requested.ok_or(KmsError::NoDefaultKey)?;
        let key_id = self.id(backend, requested).await?;
        let (key, wrapped) = if shared && !self.cache.lifetimes.positive.is_zero() {
            self.shared(backend, &key_id, context).await?
        } else {
            self.fresh(backend, &key_id, context).await?
        };
        Ok(Issued {
            display_id: display_id(requested, &key_id),
            key_id,
            key,
            wrapped,
        })
    }

    /// Unwraps an issued key.
    ///
    /// # Errors
    /// Those of [`Kms::unwrap`]; [`KmsError::NoService`].
    pub async fn open(
        &self,
        key_id: &str,
        wrapped: &[u8],
        context: &Context,
    ) -> Result<Arc<OuterKey>, KmsError> {
        let backend = self.backend()?;
        let question = CacheQuestion::new(QuestionKind::Unwrap, key_id, wrapped, context);
        let find = |values: &mut CachedValues, now| values.opened.get(&question.exactly, now).cloned();
        if let Some(found) = self.cache.lookup(&question, find) {
            return found;
        }
        let unwrap = async { Ok(Arc::new(backend.unwrap(key_id, wrapped, context).await?)) };
        let keep = |values: &mut CachedValues, key: &Arc<OuterKey>, now| {
            values.opened.insert(question.exactly, Arc::clone(key), now);
        };
        let call = self.cache.call(&question, unwrap, keep);
        self.cache.opening.join(question.exactly, call).await
    }

    /// Drops all keys and all cached responses. Requests in progress drop their keys when they end.
    pub fn purge(&self) {
        self.cache.purge();
    }

    /// Returns the counters.
    pub fn counts(&self) -> KeyCounts {
        self.cache.counts()
    }

    /// Resolves a name to the id of the key: a label, an alias, an ARN or the id itself.
    ///
    /// # Errors
    /// Those of [`Kms::describe`]; [`KmsError::NoService`], [`KmsError::Disabled`], [`KmsError::InvalidState`].
    pub async fn id_of(&self, name: &str) -> Result<String, KmsError> {
        self.id(self.backend()?, name).await
    }

    async fn id(&self, backend: &Arc<dyn Kms>, name: &str) -> Result<String, KmsError> {
        let question = CacheQuestion::new(QuestionKind::Describe, name, &[], &Context::new());
        let find = |values: &mut CachedValues, now| values.ids.get(&question.exactly, now).cloned();
        if let Some(found) = self.cache.lookup(&question, find) {
            return found;
        }
        let describe = async {
            let description = backend.describe(name).await?;
            match description.state {
                KeyState::Enabled => Ok(description.id),
                KeyState::Disabled => Err(KmsError::Disabled(description.id)),
                KeyState::Unusable => Err(KmsError::InvalidState(description.id)),
            }
        };
        let keep = |values: &mut CachedValues, id: &String, now| {
            values.ids.insert(question.exactly, id.clone(), now);
        };
        let call = self.cache.call(&question, describe, keep);
        self.cache.describing.join(question.exactly, call).await
    }

    async fn fresh(
        &self,
        backend: &Arc<dyn Kms>,
        key_id: &str,
        context: &Context,
    ) -> Result<KeyPair, KmsError> {
        let question = CacheQuestion::new(QuestionKind::Generate, key_id, &[], context);
        if let Some(refused) = self.cache.lookup(&question, |_, _| None) {
            return refused;
        }
        let generate = backend.generate(key_id, context);
        let GeneratedKey { key, wrapped } = self.cache.call(&question, generate, |_, _, _| ()).await?;
        Ok((Arc::new(key), wrapped))
    }

    async fn shared(
        &self,
        backend: &Arc<dyn Kms>,
        key_id: &str,
        context: &Context,
    ) -> Result<KeyPair, KmsError> {
        let question = CacheQuestion::new(QuestionKind::Generate, key_id, &[], context);
        // A task that waited for another's call takes a use of the new key, and calls again if these are used up.
        loop {
            let take = |values: &mut CachedValues, now| values.take_use(&question, now);
            if let Some(found) = self.cache.lookup(&question, take) {
                return found;
            }
            let mut own = None;
            let call = async {
                let generate = async {
                    let GeneratedKey { key, wrapped } = backend.generate(key_id, context).await?;
                    Ok((Arc::new(key), wrapped))
                };
                let keep = |values: &mut CachedValues, generated: &KeyPair, now| {
                    values.share(&question, generated, context, self.cache.lifetimes.uses, now);
                };
                own = Some(self.cache.call(&question, generate, keep).await?);
                Ok(())
            };
            self.cache.sharing.join(question.exactly, call).await?;
            if let Some(own) = own {
                return Ok(own);
            }
        }
    }

    /// Returns the version of the service's key that wrapped `wrapped`, if it can be determined without a call.
    pub fn version_of(&self, wrapped: &[u8]) -> Option<String> {
        self.backend.as_ref()?.version_of(wrapped)
    }

    fn backend(&self) -> Result<&Arc<dyn Kms>, KmsError> {
        self.backend.as_ref().ok_or(KmsError::NoService)
    }
}

/// Returns the id of a key for responses: the name from the request if it can only mean this key (its id, an ARN of it,
/// or the end of its ARN), else (an alias or label) the id.
fn display_id(requested: &str, key_id: &str) -> String {
    let arn_of_id = || {
        requested.starts_with("arn:") && requested.rsplit_once(":key/").is_some_and(|(_, id)| id == key_id)
    };
    let is_id = requested == key_id || key_id.rsplit('/').next() == Some(requested) || arn_of_id();
    if is_id { requested } else { key_id }.to_owned()
}
