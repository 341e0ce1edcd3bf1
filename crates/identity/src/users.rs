//! Users, and the names of users and groups.

use crate::attachments::Usage;
use crate::entities::{link, require_no_policies};
use crate::error::{Conflict, IdentityError, Result};
use crate::identities::Identities;
use crate::key;
use crate::model::entity::{Policies, Renamed};
use crate::model::user::User;
use crate::reference::PolicyRef;
use crate::tags::Tags;
use strongroom_access::arn::{AccountId, EntityKind, Name, Path};
use strongroom_rows::Batch;

impl Identities {
    /// Creates a user. `boundary`: ARN of a managed policy.
    ///
    /// # Errors
    /// [`IdentityError::EntityAlreadyExists`], [`IdentityError::LimitExceeded`]; [`IdentityError::NoSuchEntity`] for
    /// the account and the boundary.
    pub async fn create_user(
        &self,
        account: AccountId,
        name: Name,
        path: Path,
        tags: Tags,
        boundary: Option<&str>,
    ) -> Result<User> {
        let mut user = User {
            path,
            name,
            id: self.new_id(EntityKind::User)?,
            created: self.now(),
            tags,
            boundary: None,
            policies: Policies::default(),
            groups: Vec::new(),
            access_keys: Vec::new(),
            login: None,
        };
        let mut turn = self.turn(account).await;
        loop {
            let mut batch = self.batch();
            user.boundary = self.add_boundary(&mut batch, account, &user, boundary).await?;
            self.add(&mut batch, account, &user).await?;
            if turn.commit(batch).await? {
                return Ok(user);
            }
        }
    }

    /// Deletes a user.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`]; [`IdentityError::DeleteConflict`] while the user has access keys, a password,
    /// policies or groups. A boundary is removed with the user. (IAM API Reference, "`DeleteUser`".)
    pub async fn delete_user(&self, account: AccountId, name: &Name) -> Result<()> {
        let mut turn = self.turn(account).await;
        loop {
            let found = self.find::<User>(account, name).await?;
            let user = &found.record;
            if !user.groups.is_empty() {
                return Err(Conflict::Groups.into());
            }
            if !user.access_keys.is_empty() {
                return Err(Conflict::AccessKeys.into());
            }
            if user.login.is_some() {
                return Err(Conflict::LoginProfile.into());
            }
            require_no_policies(user)?;
            let mut batch = self.batch();
            self.take_boundary_away(&mut batch, account, user).await?;
            self.take_away(&mut batch, account, &found).await?;
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }

    /// Gives a user or group another name, another path, or both. Its unique id stays. (IAM API Reference,
    /// "`UpdateUser`", "`UpdateGroup`".)
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::EntityAlreadyExists`].
    pub async fn rename<E: Renamed>(
        &self,
        account: AccountId,
        name: &Name,
        new_name: Option<&Name>,
        new_path: Option<&Path>,
    ) -> Result<E> {
        let mut turn = self.turn(account).await;
        loop {
            let found = self.find::<E>(account, name).await?;
            let old = &found.record;
            let mut new = old.clone();
            new.rename(
                new_name.unwrap_or(old.name()).clone(),
                new_path.unwrap_or(old.path()).clone(),
            );
            let mut batch = self.batch();
            let row = key::entity(E::WORD, account, new.name());
            let old_row = key::entity(E::WORD, account, old.name());
            if row != old_row {
                if self.row::<E>(&row).await?.is_some() {
                    return Err(IdentityError::EntityAlreadyExists(E::subject(new.name().clone())));
                }
                batch.expect::<E>(row.clone(), None);
            }
            batch.expect(old_row.clone(), Some(&found));
            batch.delete(old_row);
            batch.put(row, &new)?;
            batch.put(key::id(new.id()), &link(account, &new))?;
            move_links(&mut batch, account, old, &new)?;
            if turn.commit(batch).await? {
                return Ok(new);
            }
        }
    }
}

/// Moves the rows that lead to an entity by its name.
fn move_links<E: Renamed>(batch: &mut Batch, account: AccountId, old: &E, new: &E) -> Result<()> {
    for group in old.memberships() {
        batch.delete(key::member(*group, old.name()));
        batch.put(key::member(*group, new.name()), &link(account, new))?;
    }
    let attached = old
        .policies()
        .attached
        .iter()
        .map(|arn| (arn.as_str(), Usage::Attached));
    let boundary = old.boundary_arn().map(|arn| (arn, Usage::Boundary));
    for (arn, usage) in attached.chain(boundary) {
        let policy = PolicyRef::parse(account, arn)?.row_name();
        let row = |name| key::holder(account, &policy, usage.word(), E::WORD, name);
        batch.delete(row(old.name()));
        batch.put(row(new.name()), &link(account, new))?;
    }
    Ok(())
}
