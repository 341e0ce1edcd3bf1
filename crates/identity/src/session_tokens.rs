//! Tokens of sessions: from a token to the secret and the principal.

use crate::document;
use crate::error::IdentityError;
use crate::identities::Identities;
use crate::key;
use crate::model::account::{Account, AccountStatus};
use crate::model::role::Role;
use crate::model::session_token::SessionToken;
use crate::model::user::User;
use crate::principal::{KeyAnswer, OpenedSession, Principal, Session, SigningKey, Snapshot};
use crate::sessions::is_session_key;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::sync::Arc;
use strongroom_access::arn::EntityKind;
use strongroom_access::evaluation::NamedPolicy;
use strongroom_access::policy::PolicyKind;

/// Longest token that is looked at, in characters: the largest one with its frame.
const MAX_TOKEN: usize = 12_288;

/// Error of a session token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The token was not made by this store for this access key, or was changed.
    #[error("The security token included in the request is invalid.")]
    Invalid,
    /// The session has ended.
    #[error("The security token included in the request is expired.")]
    Expired,
    /// The session began before the time up to which its role's sessions are revoked.
    #[error("The sessions of the role that began earlier were revoked.")]
    Revoked,
    /// The account, user or role was deleted, or a managed policy that limits the session.
    #[error("The owner of the session, or a policy of the session, was deleted.")]
    OwnerDeleted,
    /// The session began before the store was restored.
    #[error("The session began before the store was restored.")]
    PreviousEpoch,
    /// The account is suspended.
    #[error("The account is suspended.")]
    Suspended,
    /// The rows could not be read.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

impl Identities {
    /// Opens the token of a request: returns the secret and the principal of the session. Reads no row if the session
    /// was used since the last change in its account.
    ///
    /// # Errors
    /// [`SessionError`].
    pub async fn open_session(&self, token: &str, access_key_id: &str) -> Result<SigningKey, SessionError> {
        let epoch = self.epoch();
        if let Some(opened) = self.sessions.get(access_key_id)
            && *opened.token == *token
            && let Some(KeyAnswer::Active(key)) = opened.snapshot.current(epoch)
        {
            return self.unexpired(key);
        }
        let record = self.unseal(token, access_key_id)?;
        if record.expires <= self.now() {
            return Err(SessionError::Expired);
        }
        if record.epoch != epoch {
            return Err(SessionError::PreviousEpoch);
        }
        let state = self.states.of(record.account);
        let _unchanged = state.read().await;
        let changes = state.changes();
        let principal = self.session_principal(&record, access_key_id).await?;
        let key = SigningKey::new(record.secret, principal);
        let answer = KeyAnswer::Active(key.clone());
        let opened = OpenedSession {
            token: token.into(),
            snapshot: Snapshot::new(answer, Arc::clone(&state), changes, epoch),
        };
        self.sessions.insert(access_key_id, opened);
        Ok(key)
    }

    fn unexpired(&self, key: SigningKey) -> Result<SigningKey, SessionError> {
        let session = key.principal().session.as_ref();
        if session.is_some_and(|session| session.expires > self.now()) {
            Ok(key)
        } else {
            Err(SessionError::Expired)
        }
    }

    fn unseal(&self, token: &str, access_key_id: &str) -> Result<SessionToken, SessionError> {
        if token.len() > MAX_TOKEN || !is_session_key(access_key_id) {
            return Err(SessionError::Invalid);
        }
        let sealed = URL_SAFE_NO_PAD.decode(token).map_err(|_| SessionError::Invalid)?;
        let opened = self.partition.open(&key::session(access_key_id), &sealed);
        opened.map_err(|_| SessionError::Invalid)
    }

    async fn session_principal(
        &self,
        record: &SessionToken,
        access_key_id: &str,
    ) -> Result<Principal, SessionError> {
        let found = self.row::<Account>(&key::account(record.account)).await?;
        let account = found.ok_or(SessionError::OwnerDeleted)?.record;
        if account.status == AccountStatus::Suspended {
            return Err(SessionError::Suspended);
        }
        let session = self.session(record).await?;
        let Some(id) = record.owner else {
            return Ok(Self::root_principal(&account, access_key_id, Some(session)));
        };
        match id.0.kind() {
            EntityKind::User => {
                let found = self.find_by_id::<User>(id.0).await?;
                let (_, user) = found.ok_or(SessionError::OwnerDeleted)?;
                Ok(self
                    .user_principal(&account, &user.record, access_key_id, Some(session))
                    .await?)
            }
            EntityKind::Role => {
                let found = self.find_by_id::<Role>(id.0).await?;
                let (_, role) = found.ok_or(SessionError::OwnerDeleted)?;
                if record.issued < role.record.revoked_before {
                    return Err(SessionError::Revoked);
                }
                Ok(self
                    .role_principal(&account, &role.record, access_key_id, session)
                    .await?)
            }
            EntityKind::Group | EntityKind::Policy => Err(SessionError::Invalid),
        }
    }

    async fn session(&self, record: &SessionToken) -> Result<Session, SessionError> {
        let (mut policies, mut document_bytes) = (Vec::new(), 0);
        if let Some(text) = &record.policy {
            policies.push(NamedPolicy {
                name: "session policy".into(),
                policy: document::parse_stored(text, PolicyKind::Session, "of a session")?,
            });
            document_bytes += text.len();
        }
        for arn in &record.managed {
            match self.managed(record.account, arn).await {
                Ok((policy, bytes)) => {
                    policies.push(policy);
                    document_bytes += bytes;
                }
                // Without it, the session could do more than it was given.
                Err(IdentityError::NoSuchEntity(_)) => return Err(SessionError::OwnerDeleted),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Session {
            name: record.name.clone(),
            issued: record.issued,
            expires: record.expires,
            tags: record.tags.clone(),
            transitive: record.transitive.clone(),
            source_identity: record.source_identity.clone(),
            provider: record.provider.clone(),
            claims: record.claims.clone(),
            mfa: record.mfa,
            policies,
            document_bytes,
        })
    }
}
