//! The transit engine of HashiCorp Vault and OpenBao (<https://openbao.org/api-docs/secret/transit/>,
//! <https://developer.hashicorp.com/vault/api-docs/secret/transit>).
//!
//! Keys are generated here and wrapped by the engine, with the encryption context as associated data. The wrapped form
//! is the engine's own text (`vault:v1:...`), so its own tools can unwrap it too.

use crate::kms::context::{Context, canonical};
use crate::kms::error::{KmsError, Unavailable};
use crate::kms::http::{Address, Http, SetupError};
use crate::kms::{GeneratedKey, KeyDescription, KeyState, Kms};
use crate::plain_key::key_of_base64;
use api::{Api, Encrypted, Key, Opened, Response, Seal, Unseal};
use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hyper::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use session::{Session, Token};
use settings::{VaultSettings, is_name};
use std::sync::Arc;
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{OuterKey, Random};
use zeroize::Zeroizing;

mod api;
mod session;
pub(super) mod settings;

#[cfg(test)]
mod tests;

/// A transit engine.
pub struct Vault {
    api: Arc<Api>,
    session: Arc<Session>,
    mount: String,
    random: Arc<dyn Random>,
}

impl Vault {
    /// Prepares the client, and logs in in the background.
    ///
    /// # Errors
    /// [`SetupError`] if the settings are not valid. An unavailable service is not an error here.
    pub fn new(settings: &VaultSettings, random: Arc<dyn Random>) -> Result<Self, SetupError> {
        settings.check()?;
        let address = Address::read(&settings.address)?;
        let http = Http::new(&address, settings.ca_file.as_deref())?;
        let bare = |path: &str| path.trim_matches('/').to_owned();
        let namespace = settings.namespace.as_deref().map(bare);
        let api = Arc::new(Api {
            http,
            address,
            namespace,
        });
        let session = Session::start(Arc::clone(&api), settings.login.clone());
        Ok(Self {
            api,
            session,
            mount: bare(&settings.mount),
            random,
        })
    }

    /// Calls an operation on `key`. After a response of 403, checks the token first: only with a valid token is the key
    /// denied.
    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        operation: &str,
        key: &str,
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<Response<T>, KmsError> {
        let path = format!("/v1/{}/{operation}/{key}", self.mount);
        let token = self.session.token().await?;
        let response = self.send(&method, &path, &token, body).await?;
        if !matches!(response, Response::Denied) {
            return Ok(response);
        }
        let newer = self.session.replace_refused(&token).await?;
        if newer.same_as(&token) {
            return Err(KmsError::Denied(key.to_owned()));
        }
        match self.send(&method, &path, &newer, body).await? {
            Response::Denied => Err(KmsError::Denied(key.to_owned())),
            response => Ok(response),
        }
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: &Method,
        path: &str,
        token: &Token,
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<Response<T>, KmsError> {
        let response = self
            .api
            .call(method.clone(), path, Some(token.secret()), body)
            .await;
        response.map_err(KmsError::Unavailable)
    }

    /// Describes the key `name`.
    async fn key(&self, name: &str) -> Result<Key, KmsError> {
        must_be_name(name)?;
        match self.call(Method::GET, "keys", name, None::<&()>).await? {
            Response::Success(key) => Ok(key),
            Response::NotFound => Err(KmsError::NotFound(name.to_owned())),
            Response::Denied => Err(KmsError::Denied(name.to_owned())),
            Response::Rejected(why) => Err(KmsError::Unavailable(why)),
        }
    }

    /// Describes the key `name`, and refuses one that cannot wrap.
    async fn usable(&self, name: &str) -> Result<Key, KmsError> {
        let key = self.key(name).await?;
        if key.state() == KeyState::Enabled {
            Ok(key)
        } else {
            Err(KmsError::InvalidState(name.to_owned()))
        }
    }
}

#[async_trait]
impl Kms for Vault {
    async fn describe(&self, key: &str) -> Result<KeyDescription, KmsError> {
        let state = self.key(key).await?.state();
        Ok(KeyDescription {
            id: key.to_owned(),
            state,
        })
    }

    async fn generate(&self, key: &str, context: &Context) -> Result<GeneratedKey, KmsError> {
        let generated = OuterKey::generate(&*self.random);
        let generated = generated.map_err(|error| KmsError::Unavailable(Unavailable(error.to_string())))?;
        let wrapped = self.wrap(key, &generated, context).await?;
        Ok(GeneratedKey {
            key: generated,
            wrapped,
        })
    }

    async fn wrap(&self, key: &str, plain: &OuterKey, context: &Context) -> Result<Vec<u8>, KmsError> {
        // Encrypting would create a missing key if the token may do so, and a deleted key would return with another
        // value.
        self.usable(key).await?;
        let plaintext = Zeroizing::new(BASE64_STANDARD.encode(plain.expose()));
        let body = Seal {
            plaintext: &plaintext,
            associated_data: &associated(context),
        };
        match self.call(Method::POST, "encrypt", key, Some(&body)).await? {
            Response::Success(Encrypted { ciphertext }) => Ok(ciphertext.into_bytes()),
            Response::NotFound => Err(KmsError::NotFound(key.to_owned())),
            Response::Denied => Err(KmsError::Denied(key.to_owned())),
            Response::Rejected(why) => {
                tracing::warn!(%why, "the key management service refuses to wrap");
                Err(KmsError::InvalidState(key.to_owned()))
            }
        }
    }

    async fn unwrap(&self, key: &str, wrapped: &[u8], context: &Context) -> Result<OuterKey, KmsError> {
        must_be_name(key)?;
        let refused = || KmsError::Refused(key.to_owned());
        let body = Unseal {
            ciphertext: str::from_utf8(wrapped).map_err(|_| refused())?,
            associated_data: &associated(context),
        };
        let plaintext = match self.call(Method::POST, "decrypt", key, Some(&body)).await? {
            Response::Success(Opened { plaintext }) => plaintext,
            Response::NotFound => return Err(KmsError::NotFound(key.to_owned())),
            Response::Denied => return Err(KmsError::Denied(key.to_owned())),
            // A status of 400 means any of: there is no such key, it may not be used, it did not wrap this.
            Response::Rejected(_) => return Err(self.usable(key).await.err().unwrap_or_else(refused)),
        };
        key_of_base64(&plaintext).ok_or_else(refused)
    }

    fn version_of(&self, wrapped: &[u8]) -> Option<String> {
        let text = str::from_utf8(wrapped).ok()?;
        let (version, _) = text.strip_prefix("vault:")?.split_once(':')?;
        Some(version.to_owned())
    }
}

fn associated(context: &Context) -> String {
    BASE64_STANDARD.encode(canonical(context))
}

/// Refuses names that the engine does not accept, and those that would form another path.
fn must_be_name(name: &str) -> Result<(), KmsError> {
    if is_name(name) {
        Ok(())
    } else {
        Err(KmsError::NotFound(name.to_owned()))
    }
}
