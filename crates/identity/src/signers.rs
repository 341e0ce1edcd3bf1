//! The signers of requests: root credentials of the credentials file, access keys in rows, and temporary credentials.

use crate::error::IdentityError;
use crate::identities::Identities;
use crate::principal::{KeyAnswer, SigningKey};
use crate::session_tokens::SessionError;
use crate::sessions::is_session_key;
use std::sync::Arc;
use strongroom_access::AccessKeys;
use strongroom_access::arn::AccountId;

/// Finds the signer of a request. A clone shares everything.
#[derive(Clone)]
pub struct Signers {
    identities: Identities,
    /// Access keys of the root user of the first account, which are not rows.
    root: Arc<AccessKeys>,
}

/// Reasons why a request with an access key is refused before its signature is checked.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// There is no such access key.
    #[error("the access key does not exist")]
    Unknown,
    /// The access key is inactive.
    #[error("the access key is inactive")]
    Inactive,
    /// The account is suspended.
    #[error("the account is suspended")]
    Suspended,
    /// A session token that does not belong to the access key: a permanent one has none, a temporary one needs its own.
    #[error("the session token does not belong to the access key")]
    Token,
    /// The temporary credentials have expired.
    #[error("the session token has expired")]
    Expired,
    /// The rows cannot be read.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

impl Signers {
    /// Creates the signers of a store. `root` are the access keys of the credentials file.
    pub fn new(identities: Identities, root: Arc<AccessKeys>) -> Self {
        Self { identities, root }
    }

    /// Returns the accounts and their users.
    pub fn identities(&self) -> &Identities {
        &self.identities
    }

    /// Returns the key that signed a request: its secret, and the principal. `token` is the session token of the request.
    ///
    /// # Errors
    /// See [`SignerError`].
    pub async fn find(&self, access_key_id: &str, token: Option<&str>) -> Result<SigningKey, SignerError> {
        if let Some(secret) = self.root.secret(access_key_id) {
            if token.is_some() {
                return Err(SignerError::Token);
            }
            let answer = self
                .identities
                .by_root_credentials(AccountId::ROOT, access_key_id, &secret)
                .await?;
            return active(answer);
        }
        match token {
            Some(token) => Ok(self.identities.open_session(token, access_key_id).await?),
            None if is_session_key(access_key_id) => Err(SignerError::Token),
            None => active(self.identities.by_access_key(access_key_id).await?),
        }
    }
}

impl From<SessionError> for SignerError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Expired => Self::Expired,
            SessionError::Suspended => Self::Suspended,
            SessionError::Identity(error) => Self::Identity(error),
            SessionError::Invalid
            | SessionError::Revoked
            | SessionError::OwnerDeleted
            | SessionError::PreviousEpoch => Self::Token,
        }
    }
}

fn active(answer: KeyAnswer) -> Result<SigningKey, SignerError> {
    match answer {
        KeyAnswer::Active(key) => Ok(key),
        KeyAnswer::Unknown => Err(SignerError::Unknown),
        KeyAnswer::Inactive => Err(SignerError::Inactive),
        KeyAnswer::Suspended => Err(SignerError::Suspended),
    }
}
