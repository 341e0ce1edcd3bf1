//! What the engine asks: a back end with a default key, behind a cache.

use super::{Context, Kms, KmsError};
use std::sync::Arc;
use strongroom_seal::OuterKey;

/// A key management service as the engine uses it.
#[derive(Default)]
pub struct KeyService {
    backend: Option<Arc<dyn Kms>>,
    default_key: Option<String>,
}

/// A key to wrap data keys with, fresh or shared.
pub struct Issued {
    /// The key.
    pub key: Arc<OuterKey>,
    /// The one id of the service's key that wraps it.
    pub key_id: String,
    /// How the service's key is told to clients: as they named it, but an alias or label as the id that it leads to now.
    pub told: String,
    /// The key, wrapped by the service's.
    pub wrapped: Vec<u8>,
}

impl KeyService {
    /// A service with `backend`. `default_key` is for requests that name none.
    pub fn new(backend: Arc<dyn Kms>, default_key: Option<String>) -> Self {
        Self {
            backend: Some(backend),
            default_key,
        }
    }

    /// A key to wrap a data key with, bound to `context`. `shared` lets it be one that was issued before for the same
    /// key and context (S3 Bucket Keys); else it is fresh.
    ///
    /// # Errors
    /// Those of [`Kms::generate`]; [`KmsError::NoService`], [`KmsError::NoDefaultKey`].
    pub async fn issue(
        &self,
        asked: Option<&str>,
        context: &Context,
        shared: bool,
    ) -> Result<Issued, KmsError> {
        let _ = shared;
        let backend = self.backend()?;
        let asked = asked.or(self.default_key.as_deref());
        let asked = asked.ok_or(KmsError::NoDefaultKey)?;
        let key_id = backend.describe(asked).await?.id;
        let generated = backend.generate(&key_id, context).await?;
        let is_alias = !asked.contains(key_id.rsplit('/').next().unwrap_or(&key_id));
        Ok(Issued {
            key: Arc::new(generated.key),
            told: if is_alias {
                key_id.clone()
            } else {
                asked.to_owned()
            },
            key_id,
            wrapped: generated.wrapped,
        })
    }

    /// Opens a key that was issued.
    ///
    /// # Errors
    /// Those of [`Kms::unwrap`]; [`KmsError::NoService`].
    pub async fn open(
        &self,
        key_id: &str,
        wrapped: &[u8],
        context: &Context,
    ) -> Result<Arc<OuterKey>, KmsError> {
        Ok(Arc::new(self.backend()?.unwrap(key_id, wrapped, context).await?))
    }

    /// Which version of the service's key has wrapped something, if that can be seen.
    pub fn version_of(&self, wrapped: &[u8]) -> Option<String> {
        self.backend.as_ref()?.version_of(wrapped)
    }

    fn backend(&self) -> Result<&Arc<dyn Kms>, KmsError> {
        self.backend.as_ref().ok_or(KmsError::NoService)
    }
}
