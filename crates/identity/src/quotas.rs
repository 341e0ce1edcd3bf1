//! Quotas of accounts, all of them in memory: every request reads one.

use crate::error::Result;
use crate::key;
use crate::model::quota::AccountQuota;
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use strongroom_access::arn::AccountId;
use strongroom_rows::{Pages, Partition};

/// Quotas of the accounts that have one. A second process on the same store would not see its changes.
#[derive(Default)]
pub(crate) struct Quotas(RwLock<HashMap<AccountId, AccountQuota>>);

impl Quotas {
    /// Reads all quotas.
    pub(crate) async fn read(partition: &Partition) -> Result<Self> {
        let mut pages = Pages::<AccountQuota>::new(partition, Bytes::from_static(key::QUOTA.as_bytes()));
        let mut quotas = HashMap::new();
        while let Some(page) = pages.next().await? {
            for (row, found) in page {
                if let Some(account) = key::account_of_quota(&row) {
                    quotas.insert(account, found?.record);
                }
            }
        }
        Ok(Self(RwLock::new(quotas)))
    }

    pub(crate) fn get(&self, account: AccountId) -> AccountQuota {
        let quotas = self.0.read().unwrap_or_else(PoisonError::into_inner);
        quotas.get(&account).copied().unwrap_or_default()
    }

    /// Sets the quota that requests see from now on.
    pub(crate) fn set(&self, account: AccountId, quota: AccountQuota) {
        let mut quotas = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if quota.is_none() {
            quotas.remove(&account);
        } else {
            quotas.insert(account, quota);
        }
    }
}
