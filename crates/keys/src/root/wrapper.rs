//! Root keys that are wrapped by a key management service or a token.

use crate::base64_text;
use crate::kms::Kms;
use crate::kms::context::Context;
use crate::kms::error::KmsError;
use crate::root::kind::RootKind;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use strongroom_seal::OuterKey;

/// A root key wrapped by a service or token. Contains no secret; stored in the keyring's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrappedRoot {
    /// The one permanent name of the wrapping key.
    pub key: String,
    /// The wrapped root key, which only that key unwraps.
    #[serde(with = "base64_text")]
    pub bytes: Vec<u8>,
}

/// A service or token with a key that never leaves it, which wraps root keys.
#[async_trait]
pub trait RootWrapper: Send + Sync + 'static {
    /// Returns [`RootKind::Kms`] or [`RootKind::Pkcs11`].
    fn kind(&self) -> RootKind;

    /// Wraps a root key.
    ///
    /// # Errors
    /// Those of [`Kms::wrap`].
    async fn wrap(&self, root: &OuterKey) -> Result<WrappedRoot, KmsError>;

    /// Unwraps a root key with the key that it names.
    ///
    /// # Errors
    /// Those of [`Kms::unwrap`].
    async fn unwrap(&self, wrapped: &WrappedRoot) -> Result<OuterKey, KmsError>;
}

/// A key of a [`Kms`] that wraps root keys.
pub struct KmsRoot {
    kms: Arc<dyn Kms>,
    key: String,
    kind: RootKind,
}

impl KmsRoot {
    /// Wraps with the key `key` of `kms`. `kind` is shown to the operator: [`RootKind::Kms`] or [`RootKind::Pkcs11`].
    pub fn new(kms: Arc<dyn Kms>, key: String, kind: RootKind) -> Self {
        Self { kms, key, kind }
    }

    /// Returns the context of root keys, so that nothing else wrapped by the service's key is accepted as a root key.
    fn context() -> Context {
        Context::from([("strongroom".to_owned(), "root key of a keyring".to_owned())])
    }
}

#[async_trait]
impl RootWrapper for KmsRoot {
    fn kind(&self) -> RootKind {
        self.kind
    }

    async fn wrap(&self, root: &OuterKey) -> Result<WrappedRoot, KmsError> {
        // An alias may point to another key later.
        let key = self.kms.describe(&self.key).await?.id;
        let bytes = self.kms.wrap(&key, root, &Self::context()).await?;
        Ok(WrappedRoot { key, bytes })
    }

    async fn unwrap(&self, wrapped: &WrappedRoot) -> Result<OuterKey, KmsError> {
        self.kms
            .unwrap(&wrapped.key, &wrapped.bytes, &Self::context())
            .await
    }
}
