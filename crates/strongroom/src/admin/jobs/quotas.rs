//! `strongroom quota`: limits of accounts and buckets.

use http::Method;
use serde::{Deserialize, Serialize};
use strongroom_access::arn::AccountId;
use strongroom_engine::model::quota::Quota;
use strongroom_identity::model::quota::AccountQuota;

use crate::admin::host::Host;
use crate::admin::job::{Events, Job, NoRows};
use crate::admin::job_error::JobError;
use crate::admin::jobs::accounts::{find, record};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetQuota {
    /// Id or name of the account. Either this or `bucket`.
    pub(crate) account: Option<String>,
    /// Name of the bucket.
    pub(crate) bucket: Option<String>,
    /// Limits to set. The others stay.
    pub(crate) limits: Limits,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClearQuota {
    /// Id or name of the account. Either this or `bucket`.
    pub(crate) account: Option<String>,
    /// Name of the bucket.
    pub(crate) bucket: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowQuota {
    /// Id or name of the account. Either this or `bucket`.
    pub(crate) account: Option<String>,
    /// Name of the bucket.
    pub(crate) bucket: Option<String>,
}

/// Limits. `None`: no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    /// Bytes of versions and parts.
    pub(crate) bytes: Option<u64>,
    /// Number of versions.
    pub(crate) objects: Option<u64>,
    /// Number of buckets. Of accounts only, as the following.
    pub(crate) buckets: Option<u64>,
    /// Requests per second, at least 1.
    pub(crate) requests_per_second: Option<u32>,
    /// Requests at the same time, at least 1.
    pub(crate) concurrency: Option<u32>,
}

/// Limits of an account or bucket, and what is used of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ShownQuota {
    pub(crate) limits: Limits,
    /// Bytes of versions and parts.
    pub(crate) bytes: i64,
    /// Number of versions.
    pub(crate) objects: i64,
    /// Number of buckets.
    pub(crate) buckets: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct QuotaDone {}

/// Owner of a quota.
enum Of {
    Account(AccountId),
    Bucket(String),
}

impl Of {
    async fn named(host: &Host, account: Option<&String>, bucket: Option<&String>) -> Result<Self, JobError> {
        match (account, bucket) {
            (Some(account), None) => Ok(Self::Account(find(host, account).await?)),
            (None, Some(bucket)) => {
                host.core.engine.bucket_access(bucket).await?;
                Ok(Self::Bucket(bucket.clone()))
            }
            _ => Err(JobError::AccountOrBucket),
        }
    }

    /// Replaces the limits by what `change` makes of them.
    async fn change(
        self,
        host: &Host,
        change: impl Fn(Limits) -> Limits + Send + Sync + 'static,
    ) -> Result<(), JobError> {
        host.core.audit.ready()?;
        match self {
            Self::Account(account) => {
                let identities = host.core.identities().await?;
                let changed =
                    identities.change_quota(account, move |quota| *quota = change((*quota).into()).into());
                changed.await?;
                record(host, account, account.as_str())
            }
            Self::Bucket(bucket) => {
                let (owner, settings) = host.core.engine.bucket_access(&bucket).await?;
                let Limits { bytes, objects, .. } = change(settings.quota.unwrap_or_default().into());
                let quota = Quota { bytes, objects };
                host.core.engine.set_bucket_quota(&bucket, quota).await?;
                record(host, owner.account, &format!("arn:aws:s3:::{bucket}"))
            }
        }
    }
}

impl From<AccountQuota> for Limits {
    fn from(quota: AccountQuota) -> Self {
        Self {
            bytes: quota.bytes,
            objects: quota.objects,
            buckets: quota.buckets,
            requests_per_second: quota.requests_per_second,
            concurrency: quota.concurrency,
        }
    }
}

impl From<Limits> for AccountQuota {
    fn from(limits: Limits) -> Self {
        Self {
            bytes: limits.bytes,
            objects: limits.objects,
            buckets: limits.buckets,
            requests_per_second: limits.requests_per_second,
            concurrency: limits.concurrency,
        }
    }
}

impl From<Quota> for Limits {
    fn from(quota: Quota) -> Self {
        Self {
            bytes: quota.bytes,
            objects: quota.objects,
            ..Self::default()
        }
    }
}

impl Limits {
    /// Returns these limits, with those of `before` where there are none.
    fn or(self, before: Self) -> Self {
        Self {
            bytes: self.bytes.or(before.bytes),
            objects: self.objects.or(before.objects),
            buckets: self.buckets.or(before.buckets),
            requests_per_second: self.requests_per_second.or(before.requests_per_second),
            concurrency: self.concurrency.or(before.concurrency),
        }
    }
}

impl Job for SetQuota {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/quotas/set";
    const STREAMS: bool = false;
    type Row = NoRows;
    type Outcome = QuotaDone;

    fn command(&self) -> &'static str {
        "quota set"
    }

    async fn run(&self, host: &Host, _: &mut Events<Self>) -> Result<QuotaDone, JobError> {
        let limits = self.limits;
        if limits == Limits::default() {
            return Err(JobError::NoLimit);
        }
        if limits.requests_per_second == Some(0) || limits.concurrency == Some(0) {
            return Err(JobError::NoRequests);
        }
        let of = Of::named(host, self.account.as_ref(), self.bucket.as_ref()).await?;
        let of_accounts = Limits {
            bytes: None,
            objects: None,
            ..limits
        };
        if matches!(of, Of::Bucket(_)) && of_accounts != Limits::default() {
            return Err(JobError::LimitOfAccounts);
        }
        of.change(host, move |before| limits.or(before)).await?;
        Ok(QuotaDone {})
    }
}

impl Job for ClearQuota {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/quotas/clear";
    const STREAMS: bool = false;
    type Row = NoRows;
    type Outcome = QuotaDone;

    fn command(&self) -> &'static str {
        "quota clear"
    }

    async fn run(&self, host: &Host, _: &mut Events<Self>) -> Result<QuotaDone, JobError> {
        let of = Of::named(host, self.account.as_ref(), self.bucket.as_ref()).await?;
        of.change(host, |_| Limits::default()).await?;
        Ok(QuotaDone {})
    }
}

impl Job for ShowQuota {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1/quotas/show";
    const STREAMS: bool = false;
    type Row = NoRows;
    type Outcome = ShownQuota;

    fn command(&self) -> &'static str {
        "quota show"
    }

    async fn run(&self, host: &Host, _: &mut Events<Self>) -> Result<ShownQuota, JobError> {
        let engine = &host.core.engine;
        let (limits, usage, buckets) =
            match Of::named(host, self.account.as_ref(), self.bucket.as_ref()).await? {
                Of::Account(account) => {
                    let mut sum = strongroom_engine::model::usage::Usage::default();
                    let all = engine.usage_of_buckets(Some(account)).await?;
                    for bucket in &all {
                        sum += bucket.usage;
                    }
                    let quota = host.core.identities().await?.quota(account);
                    (quota.into(), sum, all.len())
                }
                Of::Bucket(bucket) => {
                    let (_, settings) = engine.bucket_access(&bucket).await?;
                    let usage = engine.bucket_usage(&bucket).await?;
                    (settings.quota.unwrap_or_default().into(), usage, 1)
                }
            };
        let total = usage.total();
        Ok(ShownQuota {
            limits,
            bytes: total.bytes + total.part_bytes,
            objects: total.versions,
            buckets: u64::try_from(buckets).unwrap_or(u64::MAX),
        })
    }
}
