//! Roles.

use crate::document;
use crate::entities::require_no_policies;
use crate::error::{IdentityError, Result};
use crate::identities::Identities;
use crate::key;
use crate::limits::{MAX_SESSION, MIN_SESSION};
use crate::model::entity::Policies;
use crate::model::role::Role;
use crate::tags::Tags;
use strongroom_access::arn::{AccountId, EntityKind, Name, Path};
use strongroom_access::policy::PolicyKind;

/// Role to create.
pub struct NewRole {
    /// Name.
    pub name: Name,
    /// Path.
    pub path: Path,
    /// Document of the trust policy.
    pub trust: String,
    /// Description: up to 1000 characters.
    pub description: Option<String>,
    /// Duration of the longest session in seconds: 3600 to 43,200. `None`: 3600.
    pub max_session: Option<u32>,
    /// ARN of a managed policy.
    pub boundary: Option<String>,
    /// Tags.
    pub tags: Tags,
}

impl Identities {
    /// Creates a role.
    ///
    /// # Errors
    /// [`IdentityError::EntityAlreadyExists`], [`IdentityError::LimitExceeded`],
    /// [`IdentityError::MalformedPolicyDocument`], [`IdentityError::InvalidInput`]; [`IdentityError::NoSuchEntity`] for
    /// the account and the boundary.
    pub async fn create_role(&self, account: AccountId, new: NewRole) -> Result<Role> {
        document::check(&new.trust, PolicyKind::Trust)?;
        document::check_description(new.description.as_deref())?;
        let max_session = new.max_session.unwrap_or(MIN_SESSION);
        check_max_session(max_session)?;
        let mut role = Role {
            path: new.path,
            name: new.name,
            id: self.new_id(EntityKind::Role)?,
            created: self.now(),
            description: new.description,
            max_session,
            trust: self.principals_to_ids(&new.trust, PolicyKind::Trust).await?,
            tags: new.tags,
            boundary: None,
            policies: Policies::default(),
            revoked_before: 0,
        };
        let mut turn = self.turn(account).await;
        loop {
            let mut batch = self.batch();
            let boundary = new.boundary.as_deref();
            role.boundary = self.add_boundary(&mut batch, account, &role, boundary).await?;
            self.add(&mut batch, account, &role).await?;
            if turn.commit(batch).await? {
                return Ok(role);
            }
        }
    }

    /// Sets description and longest session of a role; `None` keeps them.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::InvalidInput`].
    pub async fn update_role(
        &self,
        account: AccountId,
        name: &Name,
        description: Option<&str>,
        max_session: Option<u32>,
    ) -> Result<()> {
        document::check_description(description)?;
        max_session.map_or(Ok(()), check_max_session)?;
        self.change::<Role>(account, name, |role| {
            if let Some(description) = description {
                role.description = Some(description.to_owned());
            }
            role.max_session = max_session.unwrap_or(role.max_session);
            Ok(())
        })
        .await
    }

    /// Sets the trust policy of a role.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::MalformedPolicyDocument`].
    pub async fn set_trust(&self, account: AccountId, name: &Name, trust: &str) -> Result<()> {
        document::check(trust, PolicyKind::Trust)?;
        let trust = self.principals_to_ids(trust, PolicyKind::Trust).await?;
        self.change::<Role>(account, name, |role| {
            role.trust.clone_from(&trust);
            Ok(())
        })
        .await
    }

    /// Returns the document of a role's trust policy with the ARNs of its principals.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`].
    pub async fn trust(&self, account: AccountId, name: &Name) -> Result<String> {
        let role = self.get::<Role>(account, name).await?;
        self.principals_to_arns(&role.trust, PolicyKind::Trust).await
    }

    /// Makes all sessions of a role void that began before now.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`].
    pub async fn revoke_sessions(&self, account: AccountId, name: &Name) -> Result<()> {
        let now = self.now();
        self.change::<Role>(account, name, |role| {
            role.revoked_before = role.revoked_before.max(now);
            Ok(())
        })
        .await
    }

    /// Deletes a role. Its sessions are void from then on.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`]; [`IdentityError::DeleteConflict`] while the role has policies. A boundary is
    /// removed with the role.
    pub async fn delete_role(&self, account: AccountId, name: &Name) -> Result<()> {
        let mut turn = self.turn(account).await;
        loop {
            let found = self.find::<Role>(account, name).await?;
            require_no_policies(&found.record)?;
            let mut batch = self.batch();
            self.take_boundary_away(&mut batch, account, &found.record)
                .await?;
            batch.delete(key::last_used(found.record.id.as_str()));
            self.take_away(&mut batch, account, &found).await?;
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }
}

fn check_max_session(seconds: u32) -> Result<()> {
    if (MIN_SESSION..=MAX_SESSION).contains(&seconds) {
        return Ok(());
    }
    Err(IdentityError::InvalidInput(format!(
        "The longest session of a role is {seconds} seconds: it must be between {MIN_SESSION} and {MAX_SESSION}."
    )))
}
