//! Versions of managed policies.

use crate::document;
use crate::error::{Conflict, Limit, Result};
use crate::identities::Identities;
use crate::key;
use crate::limits::MAX_VERSIONS;
use crate::lookup::replace;
use crate::model::policy::{Document, PolicyVersion};
use crate::policies::require_version;
use strongroom_access::arn::AccountId;
use strongroom_access::policy::PolicyKind;

impl Identities {
    /// Creates a version of a managed policy.
    ///
    /// # Errors
    /// [`crate::IdentityError::NoSuchEntity`], [`crate::IdentityError::UnmodifiablePolicy`],
    /// [`crate::IdentityError::MalformedPolicyDocument`]; [`crate::IdentityError::LimitExceeded`] for more than 5 versions.
    pub async fn create_policy_version(
        &self,
        account: AccountId,
        arn: &str,
        text: &str,
        set_default: bool,
    ) -> Result<PolicyVersion> {
        document::check(text, PolicyKind::Managed)?;
        let document = Document {
            text: text.to_owned(),
        };
        let mut turn = self.turn(account).await;
        loop {
            let found = self.find_policy(account, arn).await?;
            let mut policy = found.record.clone();
            if policy.versions.len() >= MAX_VERSIONS {
                return Err(Limit::PolicyVersions(MAX_VERSIONS).into());
            }
            let created = self.now();
            let number = policy.next;
            let version = PolicyVersion { number, created };
            policy.next = number.saturating_add(1);
            policy.versions.push(version);
            policy.updated = created;
            if set_default {
                policy.default = number;
            }
            let mut batch = self.batch();
            replace(&mut batch, account, &found, &policy)?;
            batch.put(key::version(policy.id, number), &document)?;
            if turn.commit(batch).await? {
                return Ok(version);
            }
        }
    }

    /// Makes a version of a managed policy the default one, which decides.
    ///
    /// # Errors
    /// [`crate::IdentityError::NoSuchEntity`], [`crate::IdentityError::UnmodifiablePolicy`].
    pub async fn set_default_version(&self, account: AccountId, arn: &str, number: u32) -> Result<()> {
        let mut turn = self.turn(account).await;
        loop {
            let found = self.find_policy(account, arn).await?;
            let mut policy = found.record.clone();
            require_version(&policy, arn, number)?;
            policy.default = number;
            policy.updated = self.now();
            let mut batch = self.batch();
            replace(&mut batch, account, &found, &policy)?;
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }

    /// Deletes a version of a managed policy.
    ///
    /// # Errors
    /// [`crate::IdentityError::NoSuchEntity`], [`crate::IdentityError::UnmodifiablePolicy`];
    /// [`crate::IdentityError::DeleteConflict`] for the default version.
    pub async fn delete_policy_version(&self, account: AccountId, arn: &str, number: u32) -> Result<()> {
        let mut turn = self.turn(account).await;
        loop {
            let found = self.find_policy(account, arn).await?;
            let mut policy = found.record.clone();
            require_version(&policy, arn, number)?;
            if policy.default == number {
                return Err(Conflict::DefaultVersion.into());
            }
            policy.versions.retain(|version| version.number != number);
            let mut batch = self.batch();
            replace(&mut batch, account, &found, &policy)?;
            batch.delete(key::version(policy.id, number));
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }
}
