//! Access keys of users and root users.

use crate::error::{IdentityError, Limit, Result, Subject};
use crate::identities::Identities;
use crate::key;
use crate::lookup::{replace, replace_account};
use crate::model::access_key::{AccessKey, KeyRecord, KeyStatus, NewAccessKey, OwnerId};
use crate::model::links::EntityLink;
use crate::model::user::User;
use strongroom_access::Credentials;
use strongroom_access::arn::{AccountId, Name};
use zeroize::Zeroizing;

/// Owner of access keys in an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner<'a> {
    /// The root user.
    Root,
    /// A user.
    User(&'a Name),
}

impl Identities {
    /// Creates an access key with a random id and secret. The secret is returned only now.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`]; [`IdentityError::LimitExceeded`] for more keys than the account allows each user.
    pub async fn create_access_key(&self, account: AccountId, owner: Owner<'_>) -> Result<NewAccessKey> {
        let mut random = Zeroizing::new([0; 58]);
        self.random.fill(&mut *random)?;
        let Credentials {
            access_key_id,
            secret,
        } = Credentials::from_random(&random);
        let mut turn = self.turn(account).await;
        loop {
            let mut batch = self.batch();
            let mut record = KeyRecord {
                account,
                user: None,
                status: KeyStatus::Active,
                created: self.now(),
                epoch: self.epoch(),
                secret: secret.clone(),
            };
            let found = self.find_account(account).await?;
            let max = found.record.max_access_keys;
            let check = |keys: &[String]| {
                if u32::try_from(keys.len()).unwrap_or(u32::MAX) < max {
                    return Ok(());
                }
                let max = usize::try_from(max).unwrap_or(usize::MAX);
                Err(IdentityError::from(Limit::Quota("AccessKeysPerUser", max)))
            };
            match owner {
                Owner::Root => {
                    let mut account = found.record.clone();
                    check(&account.root_keys)?;
                    account.root_keys.push(access_key_id.clone());
                    replace_account(&mut batch, &found, &account)?;
                }
                Owner::User(name) => {
                    let found = self.find::<User>(account, name).await?;
                    let mut user = found.record.clone();
                    check(&user.access_keys)?;
                    user.access_keys.push(access_key_id.clone());
                    record.user = Some(OwnerId(user.id));
                    replace(&mut batch, account, &found, &user)?;
                }
            }
            let row = key::access_key(&access_key_id);
            batch.expect::<KeyRecord>(row.clone(), None);
            batch.put(row, &record)?;
            if turn.commit(batch).await? {
                let key = self.shown(access_key_id, &record);
                return Ok(NewAccessKey { key, secret });
            }
        }
    }

    /// Lists the access keys of a user or root user, oldest first. There are few.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`].
    pub async fn access_keys(&self, account: AccountId, owner: Owner<'_>) -> Result<Vec<AccessKey>> {
        let ids = match owner {
            Owner::Root => self.account(account).await?.root_keys,
            Owner::User(name) => self.get::<User>(account, name).await?.access_keys,
        };
        let mut keys = Vec::with_capacity(ids.len());
        for id in ids {
            // `None`: deleted since the owner was read.
            if let Some(found) = self.row::<KeyRecord>(&key::access_key(&id)).await? {
                keys.push(self.shown(id, &found.record));
            }
        }
        Ok(keys)
    }

    /// Sets the status of an access key. Setting it active also confirms a key that a restore revived.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`] for the user, and if the key is not one of the owner.
    pub async fn set_key_status(
        &self,
        account: AccountId,
        owner: Owner<'_>,
        id: &str,
        status: KeyStatus,
    ) -> Result<()> {
        let mut turn = self.turn(account).await;
        loop {
            self.require_owner(account, owner, id).await?;
            let row = key::access_key(id);
            let found = self.row::<KeyRecord>(&row).await?.ok_or_else(|| missing(id))?;
            let mut record = found.record.clone();
            record.status = status;
            if status == KeyStatus::Active {
                record.epoch = self.epoch();
            }
            let mut batch = self.batch();
            batch.expect(row.clone(), Some(&found));
            batch.put(row, &record)?;
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }

    /// Deletes an access key.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`] for the user, and if the key is not one of the owner.
    pub async fn delete_access_key(&self, account: AccountId, owner: Owner<'_>, id: &str) -> Result<()> {
        let mut turn = self.turn(account).await;
        loop {
            let mut batch = self.batch();
            match owner {
                Owner::Root => {
                    let found = self.find_account(account).await?;
                    let mut account = found.record.clone();
                    remove(&mut account.root_keys, id)?;
                    replace_account(&mut batch, &found, &account)?;
                }
                Owner::User(name) => {
                    let found = self.find::<User>(account, name).await?;
                    let mut user = found.record.clone();
                    remove(&mut user.access_keys, id)?;
                    replace(&mut batch, account, &found, &user)?;
                }
            }
            batch.delete(key::access_key(id));
            batch.delete(key::last_used(id));
            if turn.commit(batch).await? {
                self.snapshots.remove(id);
                return Ok(());
            }
        }
    }

    /// Returns account and user of an access key; no user for a key of a root user. `None`: there is no such key.
    ///
    /// # Errors
    /// [`IdentityError::Rows`].
    pub async fn owner_of_key(&self, id: &str) -> Result<Option<(AccountId, Option<Name>)>> {
        let Some(found) = self.row::<KeyRecord>(&key::access_key(id)).await? else {
            return Ok(None);
        };
        let name = match found.record.user {
            None => None,
            Some(user) => match self.row::<EntityLink>(&key::id(user.0)).await? {
                Some(link) => Some(link.record.name),
                None => return Ok(None),
            },
        };
        Ok(Some((found.record.account, name)))
    }

    async fn require_owner(&self, account: AccountId, owner: Owner<'_>, id: &str) -> Result<()> {
        let mut ids = match owner {
            Owner::Root => self.account(account).await?.root_keys,
            Owner::User(name) => self.get::<User>(account, name).await?.access_keys,
        };
        remove(&mut ids, id)
    }

    fn shown(&self, id: String, record: &KeyRecord) -> AccessKey {
        AccessKey {
            id,
            status: record.status,
            is_unconfirmed: record.epoch != self.epoch(),
            created: record.created,
        }
    }
}

fn remove(ids: &mut Vec<String>, id: &str) -> Result<()> {
    let at = ids
        .iter()
        .position(|other| other == id)
        .ok_or_else(|| missing(id))?;
    ids.remove(at);
    Ok(())
}

fn missing(id: &str) -> IdentityError {
    IdentityError::NoSuchEntity(Subject::AccessKey(id.to_owned()))
}
