//! The transit engine of HashiCorp Vault and OpenBao
//! (<https://openbao.org/api-docs/secret/transit/>, <https://developer.hashicorp.com/vault/api-docs/secret/transit>).
//!
//! Keys are made here and wrapped there, with the encryption context as associated data. What a key is wrapped into is
//! the engine's own text (`vault:v1:...`), so its own tools open it too.

use crate::kms::context::{Context, canonical};
use crate::kms::error::{KmsError, Unavailable};
use crate::kms::http::{Address, Http, SetupError};
use crate::kms::{GeneratedKey, KeyDescription, KeyState, Kms};
use crate::plain_key::key_of_base64;
use api::{Api, Encrypted, Key, Opened, Said, Seal, Unseal};
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
    /// Sets it up, and logs in in the background; nobody waits for that.
    ///
    /// # Errors
    /// [`SetupError`] if the settings cannot be meant. That the service is away is none.
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

    /// Asks for something of `key`. An answer of 403 counts as the token's fault until the token has been looked at.
    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        operation: &str,
        key: &str,
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<Said<T>, KmsError> {
        let path = format!("/v1/{}/{operation}/{key}", self.mount);
        let token = self.session.token().await?;
        let said = self.say(&method, &path, &token, body).await?;
        if !matches!(said, Said::Denied) {
            return Ok(said);
        }
        let newer = self.session.instead_of(&token).await?;
        if newer.same_as(&token) {
            return Err(KmsError::Denied(key.to_owned()));
        }
        match self.say(&method, &path, &newer, body).await? {
            Said::Denied => Err(KmsError::Denied(key.to_owned())),
            said => Ok(said),
        }
    }

    async fn say<T: DeserializeOwned>(
        &self,
        method: &Method,
        path: &str,
        token: &Token,
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<Said<T>, KmsError> {
        let said = self
            .api
            .ask(method.clone(), path, Some(token.secret()), body)
            .await;
        said.map_err(KmsError::Unavailable)
    }

    /// The key, if there is one of that name.
    async fn key(&self, name: &str) -> Result<Key, KmsError> {
        must_be_name(name)?;
        match self.ask(Method::GET, "keys", name, None::<&()>).await? {
            Said::Yes(key) => Ok(key),
            Said::Nothing => Err(KmsError::NotFound(name.to_owned())),
            Said::Denied => Err(KmsError::Denied(name.to_owned())),
            Said::No(why) => Err(KmsError::Unavailable(why)),
        }
    }

    /// The key, if it can wrap as it has to.
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
        let made = OuterKey::generate(&*self.random);
        let made = made.map_err(|error| KmsError::Unavailable(Unavailable(error.to_string())))?;
        let wrapped = self.wrap(key, &made, context).await?;
        Ok(GeneratedKey { key: made, wrapped })
    }

    async fn wrap(&self, key: &str, plain: &OuterKey, context: &Context) -> Result<Vec<u8>, KmsError> {
        // Encrypting makes a key that is not there, if the token may: one that was deleted would be back, as another.
        self.usable(key).await?;
        let plaintext = Zeroizing::new(BASE64_STANDARD.encode(plain.expose()));
        let body = Seal {
            plaintext: &plaintext,
            associated_data: &associated(context),
        };
        match self.ask(Method::POST, "encrypt", key, Some(&body)).await? {
            Said::Yes(Encrypted { ciphertext }) => Ok(ciphertext.into_bytes()),
            Said::Nothing => Err(KmsError::NotFound(key.to_owned())),
            Said::Denied => Err(KmsError::Denied(key.to_owned())),
            Said::No(why) => {
                tracing::warn!(%why, key, "the key management service does not wrap");
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
        let plaintext = match self.ask(Method::POST, "decrypt", key, Some(&body)).await? {
            Said::Yes(Opened { plaintext }) => plaintext,
            Said::Nothing => return Err(KmsError::NotFound(key.to_owned())),
            Said::Denied => return Err(KmsError::Denied(key.to_owned())),
            // The same 400 says that there is no such key, that it may not be used, and that this is not its work.
            Said::No(_) => return Err(self.usable(key).await.err().unwrap_or_else(refused)),
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

/// Names that the engine takes, and that are no paths to elsewhere.
fn must_be_name(name: &str) -> Result<(), KmsError> {
    if is_name(name) {
        Ok(())
    } else {
        Err(KmsError::NotFound(name.to_owned()))
    }
}
