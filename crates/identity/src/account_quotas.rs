//! Quotas of accounts, read and changed.

use crate::error::{IdentityError, Result};
use crate::identities::Identities;
use crate::key;
use crate::model::quota::AccountQuota;
use strongroom_access::arn::AccountId;
use strongroom_store::StoreError;

impl Identities {
    /// Returns the quota of an account. Accounts without one, and unknown ones, have no limits.
    pub fn quota(&self, account: AccountId) -> AccountQuota {
        self.quotas.get(account)
    }

    /// Changes the quota of an account, and returns the new one. Completes even if the caller is cancelled.
    ///
    /// # Errors
    /// [`IdentityError::NoSuchEntity`].
    pub async fn change_quota(
        &self,
        account: AccountId,
        change: impl Fn(&mut AccountQuota) + Send + Sync + 'static,
    ) -> Result<AccountQuota> {
        let identities = self.clone();
        let changing = tokio::spawn(async move { identities.commit_quota(account, change).await });
        changing.await.map_err(|lost| {
            IdentityError::from(strongroom_rows::Error::Store(StoreError::failed(
                "changing a quota",
                lost,
            )))
        })?
    }

    async fn commit_quota(
        &self,
        id: AccountId,
        change: impl Fn(&mut AccountQuota) + Send + Sync,
    ) -> Result<AccountQuota> {
        let mut turn = self.turn(id).await;
        loop {
            let account = self.find_account(id).await?;
            let before = self.row::<AccountQuota>(&key::quota(id)).await?;
            let mut quota = before.as_ref().map(|found| found.record).unwrap_or_default();
            change(&mut quota);
            let mut batch = self.batch();
            // The account must not be deleted meanwhile.
            batch.expect(key::account(id), Some(&account));
            batch.expect(key::quota(id), before.as_ref());
            if quota.is_none() {
                batch.delete(key::quota(id));
            } else {
                batch.put(key::quota(id), &quota)?;
            }
            if turn.commit(batch).await? {
                self.quotas.set(id, quota);
                return Ok(quota);
            }
        }
    }
}
