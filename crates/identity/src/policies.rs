//! Managed policies.

use crate::attachments::Usage;
use crate::aws_managed::{self, AwsManaged};
use crate::document;
use crate::error::{Conflict, IdentityError, Result, Subject};
use crate::identities::Identities;
use crate::key;
use crate::model::entity::Entity;
use crate::model::policy::{Document, ManagedPolicy, PolicyVersion};
use crate::page::{Page, Part};
use crate::reference::PolicyRef;
use crate::tags::Tags;
use strongroom_access::arn::{AccountId, EntityId, EntityKind, Name, Path};
use strongroom_access::policy::PolicyKind;
use strongroom_rows::Found;

/// Managed policy to create.
pub struct NewPolicy {
    /// Name.
    pub name: Name,
    /// Path.
    pub path: Path,
    /// Description: up to 1000 characters. Cannot be changed later.
    pub description: Option<String>,
    /// Document of the first version.
    pub document: String,
    /// Tags.
    pub tags: Tags,
}

/// Managed policy of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyInfo {
    /// ARN.
    pub arn: String,
    /// The policy. One that all accounts have has a single version, and its uses in the account are counted.
    pub policy: ManagedPolicy,
}

/// Managed policies to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those of the account.
    Local,
    /// Those that all accounts have.
    Aws,
    /// Both: first those that all accounts have.
    All,
}

/// Filter of a listing of managed policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyFilter {
    /// Owners of the policies.
    pub scope: Scope,
    /// Only policies that are attached to something.
    pub only_attached: bool,
    /// Only policies that are used in this way by something.
    pub usage: Option<Usage>,
}

impl Identities {
    /// Creates a managed policy with version 1.
    ///
    /// # Errors
    /// [`IdentityError::EntityAlreadyExists`], [`IdentityError::LimitExceeded`],
    /// [`IdentityError::MalformedPolicyDocument`], [`IdentityError::InvalidInput`]; [`IdentityError::NoSuchEntity`] for
    /// the account.
    pub async fn create_policy(&self, account: AccountId, new: NewPolicy) -> Result<PolicyInfo> {
        document::check(&new.document, PolicyKind::Managed)?;
        document::check_description(new.description.as_deref())?;
        let now = self.now();
        let policy = ManagedPolicy {
            path: new.path,
            name: new.name,
            id: self.new_id(EntityKind::Policy)?,
            created: now,
            updated: now,
            description: new.description,
            tags: new.tags,
            versions: vec![PolicyVersion {
                number: 1,
                created: now,
            }],
            default: 1,
            next: 2,
            attachments: 0,
            boundaries: 0,
        };
        let document = Document { text: new.document };
        let mut turn = self.turn(account).await;
        loop {
            let mut batch = self.batch();
            self.add(&mut batch, account, &policy).await?;
            batch.put(key::version(policy.id, 1), &document)?;
            if turn.commit(batch).await? {
                let arn = policy.arn(account).to_string();
                return Ok(PolicyInfo { arn, policy });
            }
        }
    }

    /// Returns a managed policy of the account, or one that all accounts have.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::InvalidInput`].
    pub async fn policy(&self, account: AccountId, arn: &str) -> Result<PolicyInfo> {
        match PolicyRef::parse(account, arn)? {
            PolicyRef::Aws(policy) => self.of_all_accounts(account, policy).await,
            PolicyRef::Own { .. } => {
                let policy = self.find_policy(account, arn).await?.record;
                let arn = policy.arn(account).to_string();
                Ok(PolicyInfo { arn, policy })
            }
        }
    }

    /// Lists managed policies: first those that all accounts have, then those of the account, each in the order of their
    /// names.
    ///
    /// # Errors
    /// [`IdentityError::Rows`].
    pub async fn policies(
        &self,
        account: AccountId,
        filter: PolicyFilter,
        part: Part<'_>,
    ) -> Result<Page<PolicyInfo>> {
        let limit = part.limit.max(1);
        let is_in = |policy: &ManagedPolicy| {
            let uses = match filter.usage {
                Some(Usage::Attached) => policy.attachments > 0,
                Some(Usage::Boundary) => policy.boundaries > 0,
                None => true,
            };
            uses && (!filter.only_attached || policy.attachments > 0)
        };
        // Markers of policies that all accounts have begin with `aws:`, which no name does.
        let (aws_after, own_after) = match part.after.strip_prefix("aws:") {
            Some(name) => (Some(name), ""),
            None if part.after.is_empty() => (Some(""), ""),
            None => (None, part.after),
        };
        let mut entries = Vec::new();
        if let Some(after) = aws_after
            && filter.scope != Scope::Local
            && "/".starts_with(part.path_prefix)
        {
            for policy in &aws_managed::ALL {
                if policy.name.to_ascii_lowercase().as_str() <= after {
                    continue;
                }
                let info = self.of_all_accounts(account, policy).await?;
                if !is_in(&info.policy) {
                    continue;
                }
                if entries.len() == limit {
                    let next = entries.last().map(marker_of_aws);
                    return Ok(Page { entries, next });
                }
                entries.push(info);
            }
        }
        if filter.scope == Scope::Aws {
            return Ok(Page { entries, next: None });
        }
        let rest = Part {
            after: own_after,
            // At least one, to see whether there are more.
            limit: (limit - entries.len()).max(1),
            ..part
        };
        let prefix = key::entities(ManagedPolicy::WORD, account);
        let is_within =
            |policy: &ManagedPolicy| policy.path.as_str().starts_with(part.path_prefix) && is_in(policy);
        let own = self
            .page(&prefix, rest, is_within, |policy| policy.name.folded())
            .await?;
        if entries.len() == limit {
            let next = if own.entries.is_empty() {
                None
            } else {
                entries.last().map(marker_of_aws)
            };
            return Ok(Page { entries, next });
        }
        let own_entries = own.entries.into_iter().map(|policy| PolicyInfo {
            arn: policy.arn(account).to_string(),
            policy,
        });
        entries.extend(own_entries);
        let next = own.next;
        Ok(Page { entries, next })
    }

    /// Deletes a managed policy with its only version.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::UnmodifiablePolicy`]; [`IdentityError::DeleteConflict`] while it
    /// is attached, is a boundary, or has other versions than the default one.
    pub async fn delete_policy(&self, account: AccountId, arn: &str) -> Result<()> {
        let mut turn = self.turn(account).await;
        loop {
            let found = self.find_policy(account, arn).await?;
            let policy = &found.record;
            if policy.attachments > 0 || policy.boundaries > 0 {
                return Err(Conflict::Attached.into());
            }
            if policy.versions.len() > 1 {
                return Err(Conflict::Versions.into());
            }
            let mut batch = self.batch();
            batch.delete(key::version(policy.id, policy.default));
            self.take_away(&mut batch, account, &found).await?;
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }

    /// Returns the document of a version of a managed policy. `None`: of the default version.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::InvalidInput`].
    pub async fn policy_document(
        &self,
        account: AccountId,
        arn: &str,
        number: Option<u32>,
    ) -> Result<(PolicyVersion, String)> {
        let policy = self.policy(account, arn).await?.policy;
        let version = require_version(&policy, arn, number.unwrap_or(policy.default))?;
        if let PolicyRef::Aws(policy) = PolicyRef::parse(account, arn)? {
            return Ok((version, policy.document.to_owned()));
        }
        let found = self
            .row::<Document>(&key::version(policy.id, version.number))
            .await?;
        let missing = || IdentityError::NoSuchEntity(Subject::PolicyVersion(arn.to_owned(), version.number));
        Ok((version, found.ok_or_else(missing)?.record.text))
    }

    /// Finds a policy of the account, to change it.
    pub(crate) async fn find_policy(&self, account: AccountId, arn: &str) -> Result<Found<ManagedPolicy>> {
        let PolicyRef::Own { path, name } = PolicyRef::parse(account, arn)? else {
            return Err(IdentityError::UnmodifiablePolicy(arn.to_owned()));
        };
        let found = self
            .row::<ManagedPolicy>(&key::entity(ManagedPolicy::WORD, account, &name))
            .await?;
        let found = found.filter(|found| found.record.path == path);
        found.ok_or_else(|| IdentityError::NoSuchEntity(Subject::Policy(arn.to_owned())))
    }

    async fn of_all_accounts(&self, account: AccountId, policy: &AwsManaged) -> Result<PolicyInfo> {
        let row_name = PolicyRef::row_name_of_aws(policy);
        let invalid =
            |error: strongroom_access::arn::InvalidIdentifier| IdentityError::InvalidInput(error.to_string());
        let attachments = self.count_holders(account, &row_name, Usage::Attached).await?;
        let boundaries = self.count_holders(account, &row_name, Usage::Boundary).await?;
        Ok(PolicyInfo {
            arn: policy.arn.to_owned(),
            policy: ManagedPolicy {
                path: Path::default(),
                name: Name::of_policy(policy.name).map_err(invalid)?,
                id: EntityId::parse(policy.id).map_err(invalid)?,
                created: 0,
                updated: 0,
                description: Some(policy.description.to_owned()),
                tags: Tags::default(),
                versions: vec![PolicyVersion {
                    number: 1,
                    created: 0,
                }],
                default: 1,
                next: 2,
                attachments,
                boundaries,
            },
        })
    }
}

pub(crate) fn require_version(policy: &ManagedPolicy, arn: &str, number: u32) -> Result<PolicyVersion> {
    let found = policy.versions.iter().find(|version| version.number == number);
    let missing = || IdentityError::NoSuchEntity(Subject::PolicyVersion(arn.to_owned(), number));
    found.copied().ok_or_else(missing)
}

/// Returns the marker of a policy that all accounts have.
fn marker_of_aws(info: &PolicyInfo) -> String {
    ["aws:", &info.policy.name.folded()].concat()
}
