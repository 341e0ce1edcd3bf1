//! Root keys that something else unwraps: a key management service, a token.

use crate::base64_text;
use crate::kms::Kms;
use crate::kms::context::Context;
use crate::kms::error::KmsError;
use crate::root::kind::RootKind;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use strongroom_seal::OuterKey;

/// A root key as a service or token wrapped it. Holds no secret; it lies in the keyring's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrappedRoot {
    /// The one name of the key that wrapped it.
    pub key: String,
    /// What only that key opens.
    #[serde(with = "base64_text")]
    pub bytes: Vec<u8>,
}

/// What keeps a key that never leaves it, and wraps root keys with it.
#[async_trait]
pub trait RootWrapper: Send + Sync + 'static {
    /// [`RootKind::Kms`] or [`RootKind::Pkcs11`].
    fn kind(&self) -> RootKind;

    /// Wraps a root key.
    ///
    /// # Errors
    /// Those of [`Kms::wrap`].
    async fn wrap(&self, root: &OuterKey) -> Result<WrappedRoot, KmsError>;

    /// Opens a root key, by the key that it names.
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
    /// Wraps with `key` of `kms`. `kind` tells the operator what it is: [`RootKind::Kms`] or [`RootKind::Pkcs11`].
    pub fn new(kms: Arc<dyn Kms>, key: String, kind: RootKind) -> Self {
        Self { kms, key, kind }
    }

    /// Nothing else that the service's key wraps can be handed to us as a root key.
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
        // An alias may lead to another key tomorrow.
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
