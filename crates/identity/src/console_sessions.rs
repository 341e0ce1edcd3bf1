//! Sessions of the web console: rows, so that a restart of the server ends none, and the principals of their callers.

use crate::error::{IdentityError, Result};
use crate::identities::Identities;
use crate::key;
use crate::model::access_key::OwnerId;
use crate::model::account::{Account, AccountStatus};
use crate::model::console_session::{ConsoleSession, Proof};
use crate::model::user::User;
use crate::principal::Principal;
use strongroom_access::arn::{AccountId, EntityId, Name};
use strongroom_rows::CommitOutcome;

/// SHA-256 of the token of a session, which names its row.
pub type TokenDigest = [u8; 32];

/// Rows that are read at a time.
const PAGE: usize = 1000;

impl Identities {
    /// Writes the row of a new session.
    ///
    /// # Errors
    /// [`IdentityError::Rows`].
    pub async fn add_console_session(&self, digest: &TokenDigest, session: &ConsoleSession) -> Result<()> {
        let mut batch = self.batch();
        batch.put(key::console_session(digest), session)?;
        committed(batch.commit().await?)
    }

    /// Deletes the rows of sessions. Those that do not exist have no effect.
    ///
    /// # Errors
    /// [`IdentityError::Rows`].
    pub async fn delete_console_sessions(&self, digests: &[TokenDigest]) -> Result<()> {
        if digests.is_empty() {
            return Ok(());
        }
        let mut batch = self.batch();
        for digest in digests {
            batch.delete(key::console_session(digest));
        }
        committed(batch.commit().await?)
    }

    /// Returns all sessions that have a row.
    ///
    /// # Errors
    /// [`IdentityError::Rows`].
    pub async fn console_sessions(&self) -> Result<Vec<(TokenDigest, ConsoleSession)>> {
        let prefix = key::CONSOLE_SESSION.as_bytes();
        let mut from = bytes::Bytes::from_static(prefix);
        let mut sessions = Vec::new();
        loop {
            let rows = self.partition.scan::<ConsoleSession>(prefix, from, PAGE).await?;
            let Some((last, _)) = rows.last() else {
                return Ok(sessions);
            };
            from = strongroom_rows::key::after(last);
            for (row, found) in rows {
                let mut digest = [0; 32];
                let digits = row.get(prefix.len()..).unwrap_or_default();
                hex::decode_to_slice(digits, &mut digest).map_err(|_| {
                    strongroom_rows::Error::Damaged(
                        "the row of a console session has no valid name".to_owned(),
                    )
                })?;
                sessions.push((digest, found.record));
            }
        }
    }

    /// Returns what a session that begins with this password is bound to. `None`: there is no such user, or it has no
    /// password. Call it before [`Identities::check_password`]: a password that is changed in between ends the session.
    ///
    /// # Errors
    /// [`IdentityError::Rows`].
    pub async fn proof_by_password(&self, account: AccountId, name: &Name) -> Result<Option<Proof>> {
        let user = match self.get::<User>(account, name).await {
            Ok(user) => user,
            Err(IdentityError::NoSuchEntity(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(user.login.as_ref().map(|login| Proof::Password {
            user: OwnerId(user.id),
            salt: login.hash.salt,
        }))
    }

    /// Returns the principal of a session that began with a password. `None`: the user, its password or its account is
    /// no longer what it was at the sign-in.
    ///
    /// # Errors
    /// [`IdentityError::Rows`].
    pub async fn principal_by_password(
        &self,
        account: AccountId,
        user: EntityId,
        salt: [u8; 16],
    ) -> Result<Option<Principal>> {
        let _unchanged = self.states.of(account).read().await;
        let Some(account) = self.row::<Account>(&key::account(account)).await? else {
            return Ok(None);
        };
        let account = account.record;
        let Some((_, user)) = self.find_by_id::<User>(user).await? else {
            return Ok(None);
        };
        let user = user.record;
        let same = user.login.as_ref().is_some_and(|login| login.hash.salt == salt);
        if !same || account.status == AccountStatus::Suspended {
            return Ok(None);
        }
        Ok(Some(self.user_principal(&account, &user, "", None).await?))
    }
}

impl OwnerId {
    /// Returns the unique id.
    pub fn id(self) -> EntityId {
        self.0
    }
}

fn committed(outcome: CommitOutcome) -> Result<()> {
    match outcome {
        CommitOutcome::Done => Ok(()),
        // The batches have no checks, and the partition of identities is never closed.
        CommitOutcome::Stale(_) | CommitOutcome::Closed => Err(IdentityError::ConcurrentModification),
    }
}
