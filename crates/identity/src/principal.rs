//! Principals of requests: everything about a caller that decides about access.

use crate::cache::Weighed;
use crate::last_uses::LastNote;
use crate::tags::Tags;
use crate::turn::AccountState;
use std::sync::Arc;
use strongroom_access::SecretAccessKey;
use strongroom_access::arn::{AccountId, CanonicalId, EntityId, Name};
use strongroom_access::evaluation::{CallerPolicies, NamedPolicy};
use strongroom_access::policy;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Caller of a request, with all of its policies, as of the last change in its account.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Account.
    pub account: AccountId,
    /// Canonical id of the account.
    pub canonical_id: CanonicalId,
    /// Name of the account.
    pub account_name: String,
    /// Id of the access key that signed the request.
    pub access_key_id: String,
    /// The caller in its account.
    pub kind: PrincipalKind,
    /// Identity policies: inline and attached, of the user or role, and of the user's groups.
    pub identity: Vec<NamedPolicy>,
    /// Sources of the identity policies, in the same order.
    pub sources: Vec<PolicySource>,
    /// Permissions boundary.
    pub boundary: Option<NamedPolicy>,
    /// Session of temporary credentials. `None`: the access key is a permanent one.
    pub session: Option<Session>,
    /// Bytes of the documents of all policies.
    pub document_bytes: usize,
}

/// Caller in its account.
#[derive(Clone, Debug)]
pub enum PrincipalKind {
    /// The root user.
    Root,
    /// A user.
    User(Named),
    /// A session of a role.
    Role(Named),
}

/// User or role of a caller.
#[derive(Clone, Debug)]
pub struct Named {
    /// Path and name without the first slash, as in an ARN after `user/` or `role/`.
    pub path_and_name: String,
    /// Name.
    pub name: Name,
    /// Unique id.
    pub id: EntityId,
    /// Tags.
    pub tags: Tags,
}

/// Session of temporary credentials.
#[derive(Clone, Debug)]
pub struct Session {
    /// Name. Empty for a session of a user or of a root user.
    pub name: String,
    /// Time at which it began, in microseconds since 1970.
    pub issued: u64,
    /// Time at which it ends, in microseconds since 1970.
    pub expires: u64,
    /// Tags of the session. They replace tags of the role that have the same keys.
    pub tags: Tags,
    /// Keys of the tags that sessions begun by this one keep.
    pub transitive: Vec<String>,
    /// Source identity.
    pub source_identity: Option<String>,
    /// ARN of the identity provider that vouched for the caller.
    pub provider: Option<String>,
    /// Condition keys that the identity provider vouched for, and their values.
    pub claims: Vec<(String, String)>,
    /// True if the caller proved a second factor.
    pub mfa: bool,
    /// Policies that limit the session.
    pub policies: Vec<NamedPolicy>,
    /// Bytes of their documents.
    pub document_bytes: usize,
}

/// Source of an identity policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicySource {
    /// Group that the user has the policy by.
    pub group: Option<Name>,
    /// ARN of the managed policy. `None`: an inline policy.
    pub arn: Option<String>,
}

impl Principal {
    /// Returns the policies of the caller, for an evaluation.
    pub fn policies(&self) -> CallerPolicies<'_> {
        CallerPolicies {
            identity: &self.identity,
            boundary: self.boundary.as_ref(),
            session: self.session.as_ref().map_or(&[], |session| &session.policies),
        }
    }

    /// Returns the caller as policies name it.
    pub fn as_policy_principal(&self) -> policy::Principal<'_> {
        let account = policy::Account {
            id: self.account.as_str(),
            canonical_id: self.canonical_id.as_str(),
        };
        match &self.kind {
            PrincipalKind::Root => policy::Principal::Account(account),
            PrincipalKind::User(user) => policy::Principal::User(policy::User {
                account,
                name: &user.path_and_name,
                id: user.id.as_str(),
            }),
            PrincipalKind::Role(role) => policy::Principal::Session(policy::RoleSession {
                account,
                role: &role.path_and_name,
                role_id: role.id.as_str(),
                session: self.session.as_ref().map_or("", |session| &session.name),
                provider: self
                    .session
                    .as_ref()
                    .and_then(|session| session.provider.as_deref()),
            }),
        }
    }

    /// Adds the condition keys of the caller that its policy principal does not have: those of its tags and its session.
    ///
    /// (IAM User Guide, "AWS global condition context keys", "Properties of the principal", "Properties of a role session".)
    pub fn add_conditions<'a>(&'a self, conditions: &mut policy::Conditions<'a>) {
        let named = match &self.kind {
            PrincipalKind::Root => None,
            PrincipalKind::User(named) | PrincipalKind::Role(named) => Some(&named.tags),
        };
        let of_session = self.session.as_ref().map(|session| &session.tags);
        let tags = named.into_iter().flat_map(Tags::iter);
        let tags = tags.filter(|(key, _)| of_session.is_none_or(|session| session.get(key).is_none()));
        for (key, value) in tags.chain(of_session.into_iter().flat_map(Tags::iter)) {
            conditions.add([policy::key::PRINCIPAL_TAG, key].concat(), value);
        }
        let Some(session) = &self.session else { return };
        conditions.add(
            policy::key::MFA_PRESENT,
            if session.mfa { "true" } else { "false" },
        );
        if let Some(issued) = iso_8601(session.issued) {
            conditions.add(policy::key::TOKEN_ISSUE_TIME, issued);
        }
        if let Some(source) = &session.source_identity {
            conditions.add(policy::key::SOURCE_IDENTITY, source.as_str());
        }
        for (key, value) in &session.claims {
            conditions.add(key.as_str(), value.as_str());
        }
    }

    /// Returns the value of the caller's tag: of its session, or else of its user or role.
    pub fn tag(&self, key: &str) -> Option<&str> {
        let of_session = self.session.as_ref().and_then(|session| session.tags.get(key));
        of_session.or_else(|| match &self.kind {
            PrincipalKind::Root => None,
            PrincipalKind::User(named) | PrincipalKind::Role(named) => named.tags.get(key),
        })
    }
}

/// Returns a time in microseconds since 1970 as ISO 8601, to the second. `None`: the year has more than four digits.
fn iso_8601(micros: u64) -> Option<String> {
    let seconds = i64::try_from(micros / 1_000_000).ok()?;
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()?
        .format(&Rfc3339)
        .ok()
}

/// Answer to a request with an access key.
#[derive(Clone)]
pub enum KeyAnswer {
    /// There is no such access key.
    Unknown,
    /// The access key is inactive, or was revived by a restore of the store and not confirmed.
    Inactive,
    /// The account is suspended.
    Suspended,
    /// The access key can be used.
    Active(SigningKey),
}

/// Access key with its principal: cheap to clone. Has no `Debug`, because of the secret.
#[derive(Clone)]
pub struct SigningKey(Arc<Signing>);

struct Signing {
    secret: SecretAccessKey,
    principal: Arc<Principal>,
    last: LastNote,
}

impl SigningKey {
    pub(crate) fn new(secret: SecretAccessKey, principal: Principal) -> Self {
        Self(Arc::new(Signing {
            secret,
            principal: Arc::new(principal),
            last: LastNote::default(),
        }))
    }

    /// Returns the secret, to check a signature.
    pub fn secret(&self) -> &SecretAccessKey {
        &self.0.secret
    }

    /// Returns the caller.
    pub fn principal(&self) -> &Arc<Principal> {
        &self.0.principal
    }

    pub(crate) fn last(&self) -> &LastNote {
        &self.0.last
    }
}

/// Answer that is kept until its account changes.
#[derive(Clone)]
pub(crate) struct Snapshot {
    answer: KeyAnswer,
    state: Arc<AccountState>,
    changes: u64,
    epoch: u64,
}

/// Session that was opened, until its account changes.
#[derive(Clone)]
pub(crate) struct OpenedSession {
    pub(crate) token: Arc<str>,
    pub(crate) snapshot: Snapshot,
}

/// Weight of a principal without policies. With them, each byte of a document weighs one.
const WEIGHT: usize = 1024;

impl Weighed for Snapshot {
    fn weight(&self) -> usize {
        match &self.answer {
            KeyAnswer::Active(key) => WEIGHT + key.principal().document_bytes,
            KeyAnswer::Unknown | KeyAnswer::Inactive | KeyAnswer::Suspended => WEIGHT,
        }
    }
}

impl Weighed for OpenedSession {
    fn weight(&self) -> usize {
        self.token.len() + self.snapshot.weight()
    }
}

impl Snapshot {
    /// Keeps an answer that was derived from rows as they were after this number of changes in the account.
    pub(crate) fn new(answer: KeyAnswer, state: Arc<AccountState>, changes: u64, epoch: u64) -> Self {
        Self {
            answer,
            state,
            changes,
            epoch,
        }
    }

    /// Returns the answer. `None`: the account has changed since.
    pub(crate) fn current(self, epoch: u64) -> Option<KeyAnswer> {
        (self.changes == self.state.changes() && self.epoch == epoch).then_some(self.answer)
    }
}
