//! Access keys and passwords of an earlier epoch: a restore of the store revived them, perhaps after they were deleted.
//! They are void until somebody confirms them.

use crate::error::{IdentityError, Result, Subject};
use crate::identities::Identities;
use crate::key;
use crate::model::access_key::KeyRecord;
use crate::model::user::User;
use crate::page::{Page, Part};
use strongroom_access::arn::{AccountId, Name};

/// Access key or password that is void until it is confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unconfirmed {
    /// Account of the owner.
    pub account: AccountId,
    /// User that has it. `None`: the root user.
    pub user: Option<Name>,
    /// Access key or password.
    pub credential: Credential,
    /// Time of creation, in microseconds since 1970.
    pub created: u64,
}

/// Kind of credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// An access key, by its id.
    AccessKey(String),
    /// The password of the user.
    Password,
}

impl Identities {
    /// Lists unconfirmed access keys and passwords of an account, by pages of its users: a page may be empty although
    /// there is a next one. The root user is on the first page.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`] for the account.
    pub async fn unconfirmed(&self, account: AccountId, part: Part<'_>) -> Result<Page<Unconfirmed>> {
        let mut entries = Vec::new();
        if part.after.is_empty() {
            let root_keys = self.account(account).await?.root_keys;
            self.add_keys(account, None, root_keys, &mut entries).await?;
        }
        let users = self.list::<User>(account, part).await?;
        for user in users.entries {
            let name = Some(&user.name);
            self.add_keys(account, name, user.access_keys, &mut entries)
                .await?;
            if let Some(login) = user.login.filter(|login| login.epoch != self.epoch()) {
                entries.push(Unconfirmed {
                    account,
                    user: Some(user.name),
                    credential: Credential::Password,
                    created: login.created,
                });
            }
        }
        Ok(Page {
            entries,
            next: users.next,
        })
    }

    async fn add_keys(
        &self,
        account: AccountId,
        user: Option<&Name>,
        ids: Vec<String>,
        entries: &mut Vec<Unconfirmed>,
    ) -> Result<()> {
        for id in ids {
            // `None`: deleted since the owner was read.
            let found = self.row::<KeyRecord>(&key::access_key(&id)).await?;
            let found = found.filter(|found| found.record.epoch != self.epoch());
            entries.extend(found.map(|found| Unconfirmed {
                account,
                user: user.cloned(),
                credential: Credential::AccessKey(id),
                created: found.record.created,
            }));
        }
        Ok(())
    }

    /// Confirms an access key or password: it works as it did before the restore, and an access key that was inactive
    /// stays inactive. Has no effect on one that is confirmed.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`].
    pub async fn confirm(&self, entry: &Unconfirmed) -> Result<()> {
        let epoch = self.epoch();
        match (&entry.credential, &entry.user) {
            (Credential::AccessKey(id), _) => self.confirm_key(entry.account, id).await,
            (Credential::Password, Some(name)) => {
                let missing = || IdentityError::NoSuchEntity(Subject::LoginProfile(name.clone()));
                self.change::<User>(entry.account, name, |user| {
                    user.login.as_mut().ok_or_else(missing)?.epoch = epoch;
                    Ok(())
                })
                .await
            }
            // The root user has no password.
            (Credential::Password, None) => Ok(()),
        }
    }

    async fn confirm_key(&self, account: AccountId, id: &str) -> Result<()> {
        let missing = || IdentityError::NoSuchEntity(Subject::AccessKey(id.to_owned()));
        let mut turn = self.turn(account).await;
        loop {
            let row = key::access_key(id);
            let found = self.row::<KeyRecord>(&row).await?;
            let found = found
                .filter(|found| found.record.account == account)
                .ok_or_else(missing)?;
            let mut record = found.record.clone();
            record.epoch = self.epoch();
            let mut batch = self.batch();
            batch.expect(row.clone(), Some(&found));
            batch.put(row, &record)?;
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }
}
