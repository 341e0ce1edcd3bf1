//! Groups and their members.
//!
//! A membership is in the record of the user, counted in the record of the group, and a row of its own for listings by
//! group. One commit changes all three.

use crate::entities::{link, require_no_policies};
use crate::error::{Conflict, IdentityError, Limit, Result};
use crate::identities::Identities;
use crate::key;
use crate::limits::MAX_GROUPS_OF_USER;
use crate::lookup::replace;
use crate::model::entity::Policies;
use crate::model::group::Group;
use crate::model::links::EntityLink;
use crate::model::user::User;
use crate::page::{Page, Part};
use strongroom_access::arn::{AccountId, EntityKind, Name, Path};

impl Identities {
    /// Creates a group.
    ///
    /// # Errors
    /// [`IdentityError::EntityAlreadyExists`], [`IdentityError::LimitExceeded`]; [`IdentityError::NoSuchEntity`] for
    /// the account.
    pub async fn create_group(&self, account: AccountId, name: Name, path: Path) -> Result<Group> {
        let group = Group {
            path,
            name,
            id: self.new_id(EntityKind::Group)?,
            created: self.now(),
            policies: Policies::default(),
            members: 0,
        };
        let mut turn = self.turn(account).await;
        loop {
            let mut batch = self.batch();
            self.add(&mut batch, account, &group).await?;
            if turn.commit(batch).await? {
                return Ok(group);
            }
        }
    }

    /// Deletes a group.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`]; [`IdentityError::DeleteConflict`] while the group has members or policies.
    pub async fn delete_group(&self, account: AccountId, name: &Name) -> Result<()> {
        let mut turn = self.turn(account).await;
        loop {
            let found = self.find::<Group>(account, name).await?;
            if found.record.members > 0 {
                return Err(Conflict::Members.into());
            }
            require_no_policies(&found.record)?;
            let mut batch = self.batch();
            self.take_away(&mut batch, account, &found).await?;
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }

    /// Adds a user to a group. Has no effect if it is a member.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`]; [`IdentityError::LimitExceeded`] for more than 10 groups of a user.
    pub async fn add_member(&self, account: AccountId, group: &Name, user: &Name) -> Result<()> {
        self.change_member(account, group, user, true).await
    }

    /// Removes a user from a group. Has no effect if it is no member.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`].
    pub async fn remove_member(&self, account: AccountId, group: &Name, user: &Name) -> Result<()> {
        self.change_member(account, group, user, false).await
    }

    async fn change_member(&self, account: AccountId, group: &Name, user: &Name, add: bool) -> Result<()> {
        let mut turn = self.turn(account).await;
        loop {
            let found_group = self.find::<Group>(account, group).await?;
            let found_user = self.find::<User>(account, user).await?;
            let (mut group, mut user) = (found_group.record.clone(), found_user.record.clone());
            if user.groups.contains(&group.id) == add {
                return Ok(());
            }
            let mut batch = self.batch();
            let row = key::member(group.id, &user.name);
            if add {
                if user.groups.len() >= MAX_GROUPS_OF_USER {
                    return Err(Limit::Quota("GroupsPerUser", MAX_GROUPS_OF_USER).into());
                }
                user.groups.push(group.id);
                group.members = group.members.saturating_add(1);
                batch.put(row, &link(account, &user))?;
            } else {
                user.groups.retain(|id| *id != group.id);
                group.members = group.members.saturating_sub(1);
                batch.delete(row);
            }
            replace(&mut batch, account, &found_group, &group)?;
            replace(&mut batch, account, &found_user, &user)?;
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }

    /// Lists the members of a group, in the order of their names. The path prefix has no effect.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`].
    pub async fn members(&self, account: AccountId, group: &Name, part: Part<'_>) -> Result<Page<User>> {
        let group = self.get::<Group>(account, group).await?;
        let prefix = key::members(group.id);
        let all = Part {
            path_prefix: "",
            ..part
        };
        let page = self
            .page(&prefix, all, |_| true, |link: &EntityLink| link.name.folded())
            .await?;
        let mut entries = Vec::with_capacity(page.entries.len());
        for member in page.entries {
            match self.get::<User>(account, &member.name).await {
                Ok(user) => entries.push(user),
                // Deleted or renamed since the page was read.
                Err(IdentityError::NoSuchEntity(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Page {
            entries,
            next: page.next,
        })
    }

    /// Lists the groups of a user, in the order of their names. The path prefix has no effect.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`].
    pub async fn groups_of(&self, account: AccountId, user: &Name, part: Part<'_>) -> Result<Page<Group>> {
        let user = self.get::<User>(account, user).await?;
        let mut groups = Vec::with_capacity(user.groups.len());
        for id in user.groups {
            // `None`: removed since the user was read.
            if let Some((_, group)) = self.find_by_id::<Group>(id).await? {
                groups.push(group.record);
            }
        }
        groups.sort_by_key(|group| group.name.folded());
        Ok(Page::of(groups, part, |group| group.name.folded()))
    }
}
