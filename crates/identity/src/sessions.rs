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
use crate::model::role::Role;
use crate::model::session_token::SessionToken;
use crate::model::user::User;
use crate::tags::Tags;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use strongroom_access::arn::{AccountId, EntityId, EntityKind};
use strongroom_access::policy::PolicyKind;
use strongroom_access::{Credentials, SecretAccessKey};
use zeroize::Zeroizing;

/// Beginning of the access key ids of sessions. Other ids contain no 0, so the two never meet.
const PREFIX: &str = "SR0";
/// Minimum duration in seconds.
const MIN_SECONDS: u32 = 900;
/// Maximum duration of a session of a user, in seconds. (AWS STS API Reference, "`GetSessionToken`".)
const MAX_OF_USER: u32 = 129_600;
/// Maximum duration of a session of a root user, in seconds.
const MAX_OF_ROOT: u32 = 3600;
/// Maximum number of managed policies that limit a session.
const MAX_MANAGED: usize = 10;
/// Maximum number of bytes of policies and tags in a token: the header that carries the token must fit into the head of
/// a request.
const MAX_PACKED: usize = 6144;

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
    /// Condition keys that the identity provider vouched for, such as `id.example.com:sub`, and their values.
    pub claims: Vec<(String, String)>,
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
            claims: new.claims,
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
    let claims: usize = new
        .claims
        .iter()
        .map(|(key, value)| key.len() + value.len())
        .sum();
    let lists = new.managed.iter().chain(&new.transitive).map(String::len);
    let texts = [&new.policy, &new.source_identity, &new.provider];
    let texts = texts.into_iter().flatten().map(String::len);
    tags + claims + lists.sum::<usize>() + texts.sum::<usize>()
}
