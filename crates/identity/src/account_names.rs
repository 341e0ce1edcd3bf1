//! Names and aliases of accounts.

use crate::accounts::check_name;
use crate::error::{IdentityError, Result, Subject};
use crate::identities::Identities;
use crate::key;
use crate::lookup::replace_account;
use crate::model::links::AccountLink;
use strongroom_access::arn::AccountId;

impl Identities {
    /// Renames an account.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::EntityAlreadyExists`], [`IdentityError::InvalidInput`].
    pub async fn rename_account(&self, id: AccountId, name: &str) -> Result<()> {
        check_name(name)?;
        let mut turn = self.turn(id).await;
        loop {
            let found = self.find_account(id).await?;
            let (old, new) = (key::account_name(&found.record.name), key::account_name(name));
            let mut batch = self.batch();
            if old != new {
                if self.row::<AccountLink>(&new).await?.is_some() {
                    return Err(IdentityError::EntityAlreadyExists(Subject::Account(
                        name.to_owned(),
                    )));
                }
                batch.expect::<AccountLink>(new.clone(), None);
                batch.put(new, &AccountLink { account: id })?;
                batch.delete(old);
            }
            let mut account = found.record.clone();
            name.clone_into(&mut account.name);
            replace_account(&mut batch, &found, &account)?;
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }

    /// Sets the alias of an account for the sign-in page, or removes it: 3 to 63 lower-case letters, digits and hyphens,
    /// unique in the store. (IAM API Reference, "`CreateAccountAlias`".)
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`], [`IdentityError::EntityAlreadyExists`], [`IdentityError::InvalidInput`].
    pub async fn set_account_alias(&self, id: AccountId, alias: Option<&str>) -> Result<()> {
        if let Some(alias) = alias {
            check_alias(alias)?;
        }
        let mut turn = self.turn(id).await;
        loop {
            let found = self.find_account(id).await?;
            if found.record.alias.as_deref() == alias {
                return Ok(());
            }
            let mut batch = self.batch();
            if let Some(old) = &found.record.alias {
                batch.delete(key::alias(old));
            }
            if let Some(new) = alias {
                let row = key::alias(new);
                if self.row::<AccountLink>(&row).await?.is_some() {
                    return Err(IdentityError::EntityAlreadyExists(Subject::Alias(new.to_owned())));
                }
                batch.expect::<AccountLink>(row.clone(), None);
                batch.put(row, &AccountLink { account: id })?;
            }
            let mut account = found.record.clone();
            account.alias = alias.map(str::to_owned);
            replace_account(&mut batch, &found, &account)?;
            if turn.commit(batch).await? {
                return Ok(());
            }
        }
    }
}

fn check_alias(alias: &str) -> Result<()> {
    let is_valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_number = alias.len() == 12 && alias.bytes().all(|byte| byte.is_ascii_digit());
    if !(3..=63).contains(&alias.len())
        || !alias.bytes().all(is_valid)
        || alias.starts_with('-')
        || alias.ends_with('-')
        || alias.contains("--")
        || is_number
    {
        return Err(IdentityError::InvalidInput(format!(
            "{alias:?} is not a valid account alias: 3 to 63 lower-case letters, digits and single hyphens, none at the \
             ends, and not 12 digits"
        )));
    }
    Ok(())
}
