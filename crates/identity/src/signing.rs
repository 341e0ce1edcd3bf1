//! The way of each request: from the id of its access key to the secret and the principal.

use crate::error::Result;
use crate::identities::Identities;
use crate::key;
use crate::model::access_key::{KeyRecord, KeyStatus};
use crate::model::account::{Account, AccountStatus};
use crate::model::last_use::{LastUse, Service};
use crate::model::links::EntityLink;
use crate::model::user::User;
use crate::principal::{KeyAnswer, PrincipalKind, SigningKey, Snapshot};
use std::sync::Arc;
use strongroom_access::SecretAccessKey;
use strongroom_access::arn::{AccountId, EntityId};

/// Last uses written in one commit.
const WRITTEN_AT_ONCE: usize = 100;

impl Identities {
    /// Returns the secret and the principal of a permanent access key. Reads no row if the key was used since the last
    /// change in its account. A key that does not exist costs one read, and is not remembered.
    ///
    /// # Errors
    /// [`crate::IdentityError::Rows`].
    pub async fn by_access_key(&self, id: &str) -> Result<KeyAnswer> {
        if !is_access_key_id(id) {
            return Ok(KeyAnswer::Unknown);
        }
        let epoch = self.epoch();
        let known = self
            .snapshots
            .get(id)
            .and_then(|snapshot| snapshot.current(epoch));
        if let Some(answer) = known {
            return Ok(answer);
        }
        let Some(found) = self.row::<KeyRecord>(&key::access_key(id)).await? else {
            self.snapshots.remove(id);
            return Ok(KeyAnswer::Unknown);
        };
        let state = self.states.of(found.record.account);
        let _unchanged = state.read().await;
        let changes = state.changes();
        let answer = self.read_key(id, epoch).await?;
        if !matches!(answer, KeyAnswer::Unknown) {
            let snapshot = Snapshot::new(answer.clone(), Arc::clone(&state), changes, epoch);
            self.snapshots.insert(id, snapshot);
        }
        Ok(answer)
    }

    async fn read_key(&self, id: &str, epoch: u64) -> Result<KeyAnswer> {
        let Some(found) = self.row::<KeyRecord>(&key::access_key(id)).await? else {
            return Ok(KeyAnswer::Unknown);
        };
        let key = found.record;
        let Some(account) = self.row::<Account>(&key::account(key.account)).await? else {
            return Ok(KeyAnswer::Unknown);
        };
        let account = account.record;
        if account.status == AccountStatus::Suspended {
            return Ok(KeyAnswer::Suspended);
        }
        if key.status == KeyStatus::Inactive || key.epoch != epoch {
            return Ok(KeyAnswer::Inactive);
        }
        let principal = match key.user {
            None => Self::root_principal(&account, id, None),
            Some(owner) => match self.find_by_id::<User>(owner.0).await? {
                Some((_, user)) => self.user_principal(&account, &user.record, id, None).await?,
                None => return Ok(KeyAnswer::Unknown),
            },
        };
        Ok(KeyAnswer::Active(SigningKey::new(key.secret, principal)))
    }

    /// Returns the principal of a root user whose access key is not a row: that of the credentials file.
    ///
    /// # Errors
    /// [`crate::IdentityError::Rows`].
    pub async fn by_root_credentials(
        &self,
        account: AccountId,
        access_key_id: &str,
        secret: &SecretAccessKey,
    ) -> Result<KeyAnswer> {
        // Apart from the keys of rows: `by_access_key` must not find this one after the file has changed.
        let cached = ["root/", access_key_id].concat();
        let epoch = self.epoch();
        let known = self
            .snapshots
            .get(&cached)
            .and_then(|snapshot| snapshot.current(epoch));
        match known {
            // The file may have changed since.
            Some(KeyAnswer::Active(key)) if key.secret().expose() != secret.expose() => {}
            Some(answer) => return Ok(answer),
            None => {}
        }
        let state = self.states.of(account);
        let _unchanged = state.read().await;
        let changes = state.changes();
        let answer = match self.row::<Account>(&key::account(account)).await? {
            None => return Ok(KeyAnswer::Unknown),
            Some(found) if found.record.status == AccountStatus::Suspended => KeyAnswer::Suspended,
            Some(found) => {
                let principal = Self::root_principal(&found.record, access_key_id, None);
                KeyAnswer::Active(SigningKey::new(secret.clone(), principal))
            }
        };
        let snapshot = Snapshot::new(answer.clone(), Arc::clone(&state), changes, epoch);
        self.snapshots.insert(&cached, snapshot);
        Ok(answer)
    }

    /// Notes the use of a key, and of the role if it is one of a session. Writes nothing: see
    /// [`Identities::write_last_uses`].
    pub fn note_use(&self, key: &SigningKey, service: Service) {
        let principal = key.principal();
        let id = match &principal.kind {
            PrincipalKind::Role(role) => role.id.as_str(),
            // Sessions of users have no row.
            PrincipalKind::Root | PrincipalKind::User(_) if principal.session.is_some() => return,
            PrincipalKind::Root | PrincipalKind::User(_) => &principal.access_key_id,
        };
        self.last_uses.note(id, key.last(), self.now(), service);
    }

    /// Writes the last uses that were noted. To be called every minute, and before the end. Those that could not be
    /// written are kept for the next call.
    ///
    /// # Errors
    /// [`crate::IdentityError::Rows`].
    pub async fn write_last_uses(&self) -> Result<()> {
        let mut uses: Vec<_> = self.last_uses.take().into_iter().collect();
        while !uses.is_empty() {
            let rest = uses.split_off(uses.len().min(WRITTEN_AT_ONCE));
            match self.write_uses(&uses).await {
                Ok(()) => uses = rest,
                Err(error) => {
                    self.last_uses.give_back(uses.into_iter().chain(rest));
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    async fn write_uses(&self, uses: &[(String, LastUse)]) -> Result<()> {
        loop {
            let mut batch = self.batch();
            for (id, last) in uses {
                // A key or role that was deleted in between must not get a row again.
                let exists = if let Ok(role) = EntityId::parse(id) {
                    let row = key::id(role);
                    let link = self.row::<EntityLink>(&row).await?;
                    link.map(|link| batch.expect(row, Some(&link))).is_some()
                } else {
                    let row = key::access_key(id);
                    let found = self.row::<KeyRecord>(&row).await?;
                    found.map(|found| batch.expect(row, Some(&found))).is_some()
                };
                if exists {
                    batch.put(key::last_used(id), last)?;
                }
            }
            if batch.is_empty() || batch.commit().await?.is_done() {
                return Ok(());
            }
        }
    }

    /// Returns the last use of an access key or of a role, by its id: at most a minute old. `None`: never.
    ///
    /// # Errors
    /// [`crate::IdentityError::Rows`].
    pub async fn last_use(&self, id: &str) -> Result<Option<LastUse>> {
        if let Some(last) = self.last_uses.get(id) {
            return Ok(Some(last));
        }
        let found = self.row::<LastUse>(&key::last_used(id)).await?;
        Ok(found.map(|found| found.record))
    }
}

/// Returns whether a text may be the id of an access key: 16 to 128 letters and digits.
fn is_access_key_id(text: &str) -> bool {
    (16..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
