//! Inline policies of users, groups and roles.

use crate::document;
use crate::error::{IdentityError, Limit, Result, Subject};
use crate::identities::Identities;
use crate::key;
use crate::lookup::replace;
use crate::model::entity::{Holder, InlinePolicy};
use crate::model::policy::Document;
use crate::page::{Page, Part};
use strongroom_access::arn::{AccountId, EntityKind, Name};
use strongroom_access::policy::PolicyKind;

impl Identities {
    /// Sets an inline policy of a user, group or role; one of the same name is replaced.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::MalformedPolicyDocument`]; [`IdentityError::LimitExceeded`] if
    /// all inline policies of the entity together are too large.
    pub async fn put_inline<H: Holder>(
        &self,
        account: AccountId,
        holder: &Name,
        policy: Name,
        text: &str,
    ) -> Result<()> {
        document::check(text, kind::<H>())?;
        let size = document::size(text);
        let mut turn = self.turn(account).await;
        loop {
            let found = self.find::<H>(account, holder).await?;
            let mut new = found.record.clone();
            let id = new.id();
            let inline = &mut new.policies_mut().inline;
            inline.retain(|other| other.name.folded() != policy.folded());
            let others: u64 = inline.iter().map(|policy| u64::from(policy.size)).sum();
            if others + u64::from(size) > u64::try_from(H::MAX_INLINE).unwrap_or(u64::MAX) {
                return Err(Limit::InlineSize(H::MAX_INLINE, H::WORD, new.name().clone()).into());
            }
            let at = inline.partition_point(|other| other.name.folded() < policy.folded());
            let name = policy.clone();
            inline.insert(at, InlinePolicy { name, size });
            let mut batch = self.batch();
            replace(&mut batch, account, &found, &new)?;
            let text = text.to_owned();
            batch.put(key::inline(id, &policy), &Document { text })?;
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }

    /// Returns the name as it was written and the document of an inline policy.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`].
    pub async fn inline<H: Holder>(
        &self,
        account: AccountId,
        holder: &Name,
        policy: &Name,
    ) -> Result<(Name, String)> {
        let found = self.find::<H>(account, holder).await?;
        let inline = find_inline(&found.record, policy)?;
        let document = self
            .row::<Document>(&key::inline(found.record.id(), policy))
            .await?;
        let document = document.ok_or_else(|| missing::<H>(policy))?;
        Ok((inline.name.clone(), document.record.text))
    }

    /// Lists the names of the inline policies of a user, group or role. The path prefix has no effect.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`].
    pub async fn inline_names<H: Holder>(
        &self,
        account: AccountId,
        holder: &Name,
        part: Part<'_>,
    ) -> Result<Page<Name>> {
        let holder = self.get::<H>(account, holder).await?;
        let names = holder.policies().inline.iter().map(|policy| policy.name.clone());
        Ok(Page::of(names, part, Name::folded))
    }

    /// Deletes an inline policy.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`].
    pub async fn delete_inline<H: Holder>(
        &self,
        account: AccountId,
        holder: &Name,
        policy: &Name,
    ) -> Result<()> {
        let mut turn = self.turn(account).await;
        loop {
            let found = self.find::<H>(account, holder).await?;
            find_inline(&found.record, policy)?;
            let mut new = found.record.clone();
            let inline = &mut new.policies_mut().inline;
            inline.retain(|other| other.name.folded() != policy.folded());
            let mut batch = self.batch();
            replace(&mut batch, account, &found, &new)?;
            batch.delete(key::inline(new.id(), policy));
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }
}

fn find_inline<'a, H: Holder>(holder: &'a H, policy: &Name) -> Result<&'a InlinePolicy> {
    let mut inline = holder.policies().inline.iter();
    let found = inline.find(|other| other.name.folded() == policy.folded());
    found.ok_or_else(|| missing::<H>(policy))
}

fn missing<H: Holder>(policy: &Name) -> IdentityError {
    IdentityError::NoSuchEntity(Subject::InlinePolicy(H::WORD, policy.clone()))
}

/// Returns the kind of the inline policies of an entity.
pub(crate) fn kind<H: Holder>() -> PolicyKind<'static> {
    match H::KIND {
        EntityKind::Group => PolicyKind::InlineOfGroup,
        EntityKind::Role => PolicyKind::InlineOfRole,
        EntityKind::User | EntityKind::Policy => PolicyKind::InlineOfUser,
    }
}
