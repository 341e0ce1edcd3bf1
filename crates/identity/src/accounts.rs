//! Accounts: creation, changes, deletion.

use crate::error::{Conflict, IdentityError, Result, Subject};
use crate::identities::{Identities, add_account};
use crate::key;
use crate::limits::{MAX_ACCESS_KEYS, MAX_GROUPS, MAX_POLICIES, MAX_PROVIDERS, MAX_ROLES, MAX_USERS};
use crate::lookup::replace_account;
use crate::model::account::{Account, AccountStatus, Usage};
use crate::model::links::AccountLink;
use crate::model::quota::AccountQuota;
use crate::page::{Page, Part};
use bytes::Bytes;
use strongroom_access::arn::{AccountId, CanonicalId};
use strongroom_seal::random;

/// Maximum number of characters of an account's name.
const MAX_NAME: usize = 50;
/// Maximum of the limit of access keys of a user.
const MAX_KEY_LIMIT: u32 = 100;

impl Identities {
    /// Creates an account. Its name must be unique in the store without regard to case: 1 to 50 printable characters,
    /// no space at either end.
    ///
    /// # Errors
    /// [`IdentityError::EntityAlreadyExists`], [`IdentityError::InvalidInput`].
    pub async fn create_account(&self, name: &str, email: Option<&str>) -> Result<Account> {
        check_name(name)?;
        check_email(email)?;
        loop {
            let id = AccountId::from_random(u64::from_be_bytes(random::bytes(&*self.random)?));
            let canonical_id = CanonicalId::from_random(&random::bytes(&*self.random)?);
            let mut account = Account::new(id, canonical_id, name.to_owned(), self.now());
            account.email = email.map(str::to_owned);
            let mut turn = self.turn(id).await;
            if self.row::<AccountLink>(&key::account_name(name)).await?.is_some() {
                return Err(IdentityError::EntityAlreadyExists(Subject::Account(
                    name.to_owned(),
                )));
            }
            let mut batch = self.batch();
            add_account(&mut batch, &account)?;
            // Refused: the random id or the name was taken. The next round tells which.
            if turn.commit(batch).await? {
                return Ok(account);
            }
        }
    }

    /// Returns an account.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`].
    pub async fn account(&self, id: AccountId) -> Result<Account> {
        Ok(self.find_account(id).await?.record)
    }

    /// Returns the account with a name. Names are compared without case. `None`: there is none.
    ///
    /// # Errors
    /// [`IdentityError::Rows`].
    pub async fn account_by_name(&self, name: &str) -> Result<Option<Account>> {
        self.linked_account(key::account_name(name)).await
    }

    /// Returns the account with a canonical id. `None`: there is none.
    ///
    /// # Errors
    /// [`IdentityError::Rows`].
    pub async fn account_by_canonical_id(&self, id: CanonicalId) -> Result<Option<Account>> {
        self.linked_account(key::canonical_id(id.as_str())).await
    }

    /// Returns the account with an alias. `None`: there is none.
    ///
    /// # Errors
    /// [`IdentityError::Rows`].
    pub async fn account_by_alias(&self, alias: &str) -> Result<Option<Account>> {
        self.linked_account(key::alias(alias)).await
    }

    async fn linked_account(&self, row: Bytes) -> Result<Option<Account>> {
        let Some(link) = self.row::<AccountLink>(&row).await? else {
            return Ok(None);
        };
        let found = self.row::<Account>(&key::account(link.record.account)).await?;
        Ok(found.map(|found| found.record))
    }

    /// Lists accounts in the order of their ids. `after`: the id after which the page begins, or empty.
    ///
    /// # Errors
    /// [`IdentityError::Rows`].
    pub async fn accounts(&self, after: &str, limit: usize) -> Result<Page<Account>> {
        let part = Part {
            path_prefix: "",
            after,
            limit,
        };
        self.page(
            key::ACCOUNT,
            part,
            |_| true,
            |account: &Account| account.id.to_string(),
        )
        .await
    }

    /// Suspends an account, or makes it active again. All its requests see this at once.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`].
    pub async fn set_account_status(&self, id: AccountId, status: AccountStatus) -> Result<()> {
        self.change_account(id, |account| {
            account.status = status;
            Ok(())
        })
        .await
    }

    /// Sets the address of an account.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::InvalidInput`].
    pub async fn set_account_email(&self, id: AccountId, email: Option<&str>) -> Result<()> {
        check_email(email)?;
        self.change_account(id, |account| {
            account.email = email.map(str::to_owned);
            Ok(())
        })
        .await
    }

    /// Sets the maximum number of access keys of each user and of the root user: 1 to 100, 2 by default. Keys beyond it
    /// are kept.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::InvalidInput`].
    pub async fn set_max_access_keys(&self, id: AccountId, max: u32) -> Result<()> {
        if !(1..=MAX_KEY_LIMIT).contains(&max) {
            return Err(IdentityError::InvalidInput(format!(
                "The maximum number of access keys is {max}: it must be between 1 and {MAX_KEY_LIMIT}, and is \
                 {MAX_ACCESS_KEYS} by default."
            )));
        }
        self.change_account(id, |account| {
            account.max_access_keys = max;
            Ok(())
        })
        .await
    }

    async fn change_account(
        &self,
        id: AccountId,
        change: impl Fn(&mut Account) -> Result<()> + Send + Sync,
    ) -> Result<()> {
        let mut turn = self.turn(id).await;
        loop {
            let found = self.find_account(id).await?;
            let mut account = found.record.clone();
            change(&mut account)?;
            let mut batch = self.batch();
            replace_account(&mut batch, &found, &account)?;
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }

    /// Deletes an account with its root user's access keys. The caller checks that it owns no buckets.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`]; [`IdentityError::DeleteConflict`] for the first account, and while the account
    /// has users, groups, roles, managed policies or identity providers.
    pub async fn delete_account(&self, id: AccountId) -> Result<()> {
        if id == AccountId::ROOT {
            return Err(Conflict::FirstAccount.into());
        }
        let mut turn = self.turn(id).await;
        loop {
            let found = self.find_account(id).await?;
            let account = &found.record;
            if account.usage != Usage::default() {
                return Err(Conflict::Account.into());
            }
            let mut batch = self.batch();
            batch.expect(key::account(id), Some(&found));
            for row in [
                key::account(id),
                key::quota(id),
                key::account_name(&account.name),
                key::canonical_id(account.canonical_id.as_str()),
            ] {
                batch.delete(row);
            }
            if let Some(alias) = &account.alias {
                batch.delete(key::alias(alias));
            }
            for access_key in &account.root_keys {
                batch.delete(key::access_key(access_key));
                batch.delete(key::last_used(access_key));
            }
            if turn.commit(batch).await? {
                self.quotas.set(id, AccountQuota::default());
                return Ok(());
            }
        }
    }

    /// Returns the numbers of an account's entities and their quotas, by the names of AWS. (IAM API Reference,
    /// "`GetAccountSummary`".)
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`].
    pub async fn account_summary(&self, id: AccountId) -> Result<Vec<(&'static str, u64)>> {
        let account = self.account(id).await?;
        let usage = account.usage;
        let quota = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
        Ok(vec![
            ("AccessKeysPerUserQuota", account.max_access_keys.into()),
            (
                "AccountAccessKeysPresent",
                u64::from(!account.root_keys.is_empty()),
            ),
            ("Groups", usage.groups.into()),
            ("GroupsQuota", quota(MAX_GROUPS)),
            ("Policies", usage.policies.into()),
            ("PoliciesQuota", quota(MAX_POLICIES)),
            ("Providers", usage.providers.into()),
            ("ProvidersQuota", quota(MAX_PROVIDERS)),
            ("Roles", usage.roles.into()),
            ("RolesQuota", quota(MAX_ROLES)),
            ("Users", usage.users.into()),
            ("UsersQuota", quota(MAX_USERS)),
        ])
    }
}

pub(crate) fn check_name(name: &str) -> Result<()> {
    let length = name.chars().count();
    if !(1..=MAX_NAME).contains(&length) || name.chars().any(char::is_control) || name.trim() != name {
        return Err(IdentityError::InvalidInput(format!(
            "{name:?} is not a valid account name: 1 to {MAX_NAME} printable characters, no space at the ends"
        )));
    }
    Ok(())
}

fn check_email(email: Option<&str>) -> Result<()> {
    let is_valid = |email: &str| {
        let printable = email.len() <= 254 && !email.chars().any(|c| c.is_control() || c.is_whitespace());
        printable
            && email
                .split_once('@')
                .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty())
    };
    match email {
        Some(email) if !is_valid(email) => Err(IdentityError::InvalidInput(format!(
            "{email:?} is not an e-mail address"
        ))),
        _ => Ok(()),
    }
}
