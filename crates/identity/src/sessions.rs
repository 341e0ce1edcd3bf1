//! Sessions: temporary credentials whose token contains everything about them, sealed. Nothing is stored.
//!
//! A token is sealed like a row, under a name that contains its access key id and that no row has. So it opens only in
//! this store, and only with that access key id. (AWS Security Token Service API Reference; IAM User Guide, "Temporary
//! security credentials in IAM".)

use crate::document;
use crate::error::{IdentityError, Result, Subject};
use crate::identities::Identities;
use crate::key;
use crate::model::access_key::OwnerId;
use crate::model::account::{Account, AccountStatus};
use crate::model::role::Role;
use crate::model::session_token::SessionToken;
use crate::model::user::User;
use crate::principal::{KeyAnswer, OpenedSession, Principal, Session, SigningKey, Snapshot};
use crate::tags::Tags;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::sync::Arc;
use strongroom_access::arn::{AccountId, EntityId, EntityKind};
use strongroom_access::evaluation::NamedPolicy;
use strongroom_access::policy::PolicyKind;
use strongroom_access::{Credentials, SecretAccessKey};
use zeroize::Zeroizing;

/// Beginning of the access key ids of sessions. Other ids contain no 0, so the two never meet.
const PREFIX: &str = "SR0";
/// Minimum duration in seconds.
const MIN_SECONDS: u32 = 900;
/// Maximum duration of a session of a user, in seconds. (AWS STS API Reference, "GetSessionToken".)
const MAX_OF_USER: u32 = 129_600;
/// Maximum duration of a session of a root user, in seconds.
const MAX_OF_ROOT: u32 = 3600;
/// Maximum number of managed policies that limit a session.
const MAX_MANAGED: usize = 10;
/// Maximum number of bytes of policies and tags in a token: the header that carries the token must fit into the head of
/// a request.
const MAX_PACKED: usize = 6144;
/// Longest token that is looked at, in characters: the largest one with its frame.
const MAX_TOKEN: usize = 12_288;

/// Owner of a session in an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionOwner {
    /// The root user.
    Root,
    /// A user or role, by its unique id.
    Entity(EntityId),
}

/// Session to begin.
pub struct NewSession {
    /// Account of the owner.
    pub account: AccountId,
    /// Owner, whose policies the session has.
    pub owner: SessionOwner,
    /// Name of a session of a role. Empty for others.
    pub name: String,
    /// Duration in seconds.
    pub seconds: u32,
    /// Document of a policy that limits the session.
    pub policy: Option<String>,
    /// ARNs of managed policies of the account that limit the session: at most 10.
    pub managed: Vec<String>,
    /// Tags of the session.
    pub tags: Tags,
    /// Keys of the tags that sessions begun by this one keep.
    pub transitive: Vec<String>,
    /// Source identity.
    pub source_identity: Option<String>,
    /// ARN of the identity provider that vouched for the caller.
    pub provider: Option<String>,
    /// True if the caller proved a second factor.
    pub mfa: bool,
}

/// Session that was begun, with its temporary credentials. Has no `Debug`.
pub struct IssuedSession {
    /// Access key id: `SR0` and 17 letters.
    pub access_key_id: String,
    /// Secret that signs requests.
    pub secret: SecretAccessKey,
    /// Token that each request must contain.
    pub token: Zeroizing<String>,
    /// Time at which it ends, in microseconds since 1970.
    pub expires: u64,
    /// Size of policies and tags, in percent of the maximum.
    pub packed_percent: u32,
}

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
    /// Begins a session. The caller checks that its own caller may do this.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`] for account, owner and managed policies; [`IdentityError::InvalidInput`] for a
    /// duration that the owner does not allow, for too many policies, and if policies and tags are too large;
    /// [`IdentityError::MalformedPolicyDocument`].
    pub async fn issue_session(&self, new: NewSession) -> Result<IssuedSession> {
        let max = self.max_seconds(&new).await?;
        if !(MIN_SECONDS..=max).contains(&new.seconds) {
            return Err(IdentityError::InvalidInput(format!(
                "The requested DurationSeconds {} must be between {MIN_SECONDS} and {max}.",
                new.seconds
            )));
        }
        if let Some(text) = &new.policy {
            document::check(text, PolicyKind::Session)?;
        }
        if new.managed.len() > MAX_MANAGED {
            return Err(IdentityError::InvalidInput(format!(
                "A session has at most {MAX_MANAGED} managed policies."
            )));
        }
        for arn in &new.managed {
            self.policy(new.account, arn).await?;
        }
        let packed = packed_size(&new);
        if packed > MAX_PACKED {
            return Err(IdentityError::InvalidInput(format!(
                "Policies and tags of the session have {packed} bytes; the maximum is {MAX_PACKED}."
            )));
        }
        let mut random = Zeroizing::new([0; 58]);
        self.random.fill(&mut *random)?;
        let Credentials {
            access_key_id,
            secret,
        } = Credentials::from_random(&random);
        let access_key_id = [PREFIX, access_key_id.get(PREFIX.len()..).unwrap_or_default()].concat();
        let issued = self.now();
        let expires = issued.saturating_add(u64::from(new.seconds) * 1_000_000);
        let record = SessionToken {
            account: new.account,
            owner: match new.owner {
                SessionOwner::Root => None,
                SessionOwner::Entity(id) => Some(OwnerId(id)),
            },
            name: new.name,
            issued,
            expires,
            epoch: self.epoch(),
            secret: secret.clone(),
            policy: new.policy,
            managed: new.managed,
            tags: new.tags,
            transitive: new.transitive,
            source_identity: new.source_identity,
            provider: new.provider,
            mfa: new.mfa,
        };
        let sealed = self.partition.seal(&key::session(&access_key_id), &record)?;
        Ok(IssuedSession {
            access_key_id,
            secret,
            token: Zeroizing::new(URL_SAFE_NO_PAD.encode(sealed)),
            expires,
            packed_percent: u32::try_from((packed * 100).div_ceil(MAX_PACKED)).unwrap_or(100),
        })
    }

    /// Returns the longest duration of a session of this owner, in seconds.
    async fn max_seconds(&self, new: &NewSession) -> Result<u32> {
        self.find_account(new.account).await?;
        let SessionOwner::Entity(id) = new.owner else {
            return Ok(MAX_OF_ROOT);
        };
        let missing = || IdentityError::NoSuchEntity(Subject::Id(id.to_string()));
        let found = match id.kind() {
            EntityKind::User => {
                let found = self.find_by_id::<User>(id).await?;
                found.map(|(account, _)| (account, MAX_OF_USER))
            }
            EntityKind::Role => {
                let found = self.find_by_id::<Role>(id).await?;
                found.map(|(account, role)| (account, role.record.max_session))
            }
            EntityKind::Group | EntityKind::Policy => None,
        };
        let (account, max) = found.ok_or_else(missing)?;
        if account == new.account {
            Ok(max)
        } else {
            Err(missing())
        }
    }

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
        match session.is_some_and(|session| session.expires > self.now()) {
            true => Ok(key),
            false => Err(SessionError::Expired),
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
        let mut policies = Vec::new();
        if let Some(text) = &record.policy {
            policies.push(NamedPolicy {
                name: "session policy".into(),
                policy: document::parse_stored(text, PolicyKind::Session, "of a session")?,
            });
        }
        for arn in &record.managed {
            match self.managed(record.account, arn).await {
                Ok(policy) => policies.push(policy),
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
            mfa: record.mfa,
            policies,
        })
    }
}

/// Returns whether an access key id is one of a session, whose requests must contain a token.
pub fn is_session_key(access_key_id: &str) -> bool {
    let letters = |rest: &str| {
        rest.bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    access_key_id
        .strip_prefix(PREFIX)
        .is_some_and(|rest| rest.len() == 17 && letters(rest))
}

fn packed_size(new: &NewSession) -> usize {
    let tags: usize = new.tags.iter().map(|(key, value)| key.len() + value.len()).sum();
    let lists = new.managed.iter().chain(&new.transitive).map(String::len);
    let texts = [&new.policy, &new.source_identity, &new.provider];
    let texts = texts.into_iter().flatten().map(String::len);
    tags + lists.sum::<usize>() + texts.sum::<usize>()
}
