//! Reading of accounts and entities, one or a page of them.

use crate::error::{IdentityError, Result, Subject};
use crate::identities::Identities;
use crate::key;
use crate::model::account::Account;
use crate::model::entity::Entity;
use crate::model::links::EntityLink;
use crate::page::{Page, Part};
use bytes::Bytes;
use strongroom_access::arn::{AccountId, EntityId, EntityKind, Name};
use strongroom_rows::key as row_key;
use strongroom_rows::{Batch, Found, Record};

/// Rows read at a time if only some of them are in the listing.
const STEP: usize = 200;

/// Place and name of an entity that was found by its unique id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    /// Account of the entity.
    pub account: AccountId,
    /// Kind of the entity.
    pub kind: EntityKind,
    /// Name of the entity.
    pub name: Name,
}

impl Identities {
    /// Returns a user, group, role or managed policy.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`].
    pub async fn get<E: Entity>(&self, account: AccountId, name: &Name) -> Result<E> {
        Ok(self.find::<E>(account, name).await?.record)
    }

    /// Lists users, groups, roles or managed policies of an account, in the order of their names without case.
    ///
    /// # Errors
    /// [`IdentityError::Rows`].
    pub async fn list<E: Entity>(&self, account: AccountId, part: Part<'_>) -> Result<Page<E>> {
        let prefix = key::entities(E::WORD, account);
        let is_in = |entity: &E| entity.path().as_str().starts_with(part.path_prefix);
        let marker = |entity: &E| entity.name().folded();
        self.page(&prefix, part, is_in, marker).await
    }

    /// Returns account, kind and name of the entity with a unique id. `None`: there is none.
    ///
    /// # Errors
    /// [`IdentityError::Rows`].
    pub async fn identify(&self, id: EntityId) -> Result<Option<Identified>> {
        let link = self.row::<EntityLink>(&key::id(id)).await?;
        Ok(link.map(|link| Identified {
            account: link.record.account,
            kind: id.kind(),
            name: link.record.name,
        }))
    }

    /// Lists the records whose rows begin with `prefix`, after the row `prefix` and `part.after`. `marker` returns what
    /// follows the prefix in a record's row.
    pub(crate) async fn page<R: Record>(
        &self,
        prefix: &str,
        part: Part<'_>,
        is_in: impl Fn(&R) -> bool,
        marker: impl Fn(&R) -> String,
    ) -> Result<Page<R>> {
        let limit = part.limit.max(1);
        let mut from = match part.after {
            "" => Bytes::copy_from_slice(prefix.as_bytes()),
            after => row_key::after(&[prefix.as_bytes(), after.as_bytes()].concat()),
        };
        let mut entries: Vec<R> = Vec::new();
        loop {
            // One more than missing tells whether there is a next page.
            let step = if part.path_prefix.is_empty() {
                limit - entries.len() + 1
            } else {
                STEP
            };
            let rows = self.partition.scan::<R>(prefix.as_bytes(), from, step).await?;
            let last = rows.last().map(|(row, _)| row_key::after(row));
            let is_last = rows.len() < step;
            for (_, found) in rows {
                if !is_in(&found.record) {
                    continue;
                }
                if entries.len() == limit {
                    let next = entries.last().map(marker);
                    return Ok(Page { entries, next });
                }
                entries.push(found.record);
            }
            match last {
                Some(next) if !is_last => from = next,
                _ => return Ok(Page { entries, next: None }),
            }
        }
    }

    pub(crate) async fn find<E: Entity>(&self, account: AccountId, name: &Name) -> Result<Found<E>> {
        let found = self.row::<E>(&key::entity(E::WORD, account, name)).await?;
        found.ok_or_else(|| IdentityError::NoSuchEntity(E::subject(name.clone())))
    }

    /// Returns the entity with a unique id. `None`: there is none.
    pub(crate) async fn find_by_id<E: Entity>(&self, id: EntityId) -> Result<Option<(AccountId, Found<E>)>> {
        let Some(link) = self.row::<EntityLink>(&key::id(id)).await? else {
            return Ok(None);
        };
        let EntityLink { account, name, .. } = link.record;
        let found = self.row::<E>(&key::entity(E::WORD, account, &name)).await?;
        Ok(found
            .filter(|found| found.record.id() == id)
            .map(|found| (account, found)))
    }

    pub(crate) async fn find_account(&self, id: AccountId) -> Result<Found<Account>> {
        let found = self.row::<Account>(&key::account(id)).await?;
        found.ok_or_else(|| IdentityError::NoSuchEntity(Subject::Account(id.to_string())))
    }
}

/// Adds the replacement of an entity that keeps its name to a batch.
pub(crate) fn replace<E: Entity>(
    batch: &mut Batch,
    account: AccountId,
    found: &Found<E>,
    new: &E,
) -> Result<()> {
    let row = key::entity(E::WORD, account, new.name());
    batch.expect(row.clone(), Some(found));
    batch.put(row, new)?;
    Ok(())
}

/// Adds the replacement of an account to a batch.
pub(crate) fn replace_account(batch: &mut Batch, found: &Found<Account>, new: &Account) -> Result<()> {
    let row = key::account(new.id);
    batch.expect(row.clone(), Some(found));
    batch.put(row, new)?;
    Ok(())
}
