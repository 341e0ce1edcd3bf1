//! Buckets.

use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::model::owner::BucketOwner;
use crate::model::settings::BucketSettings;
use crate::process::buckets_in_use::Bucket;
use crate::rows::key;
use crate::rows::record::OwnedRecord;
use crate::rows::recount::ensure_counted;
use std::net::Ipv4Addr;
use std::sync::Arc;
use strongroom_access::arn::AccountId;
use strongroom_audit::{KeyEvent, KeyUse};
use strongroom_rows::Partition;
use strongroom_rows::key as row_key;
use strongroom_seal::{Mode, Place};
use strongroom_store::PartitionId;

mod close;
pub(crate) mod commit;
mod configure;
mod create;
pub(crate) mod envelope;
mod room;

/// Name and creation time of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketInfo {
    /// Name of the bucket.
    pub name: String,
    /// Time of creation, in microseconds since 1970.
    pub created: u64,
}

impl Engine {
    /// Returns the name and creation time of a bucket.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::Store`].
    pub async fn head_bucket(&self, name: &str) -> Result<BucketInfo> {
        let bucket = self.bucket(name).await?;
        Ok(BucketInfo {
            name: bucket.name.clone(),
            created: bucket.created,
        })
    }

    /// Returns at most `limit` buckets of an account whose names begin with `prefix` and sort after `after`, in the order
    /// of their names.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn list_buckets(
        &self,
        account: AccountId,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<BucketInfo>> {
        let from = if after.is_empty() {
            key::owned(account, prefix)
        } else {
            row_key::after(&key::owned(account, after))
        };
        let rows = self
            .root
            .scan::<OwnedRecord>(&key::owned(account, prefix), from, limit)
            .await?;
        Ok(rows
            .into_iter()
            .map(|(row, found)| BucketInfo {
                name: key::owned_name(&row),
                created: found.record.created,
            })
            .collect())
    }

    /// Returns the account that owns a bucket, and the bucket's settings.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::Store`].
    pub async fn bucket_access(&self, name: &str) -> Result<(BucketOwner, Arc<BucketSettings>)> {
        let bucket = self.bucket(name).await?;
        Ok((bucket.owner, Arc::clone(&bucket.settings)))
    }

    /// Returns the bucket of this name, ready for use.
    pub(crate) async fn bucket(&self, name: &str) -> Result<Arc<Bucket>> {
        let removals = match self.buckets.find(name) {
            Ok(bucket) => return Ok(bucket),
            Err(removals) => removals,
        };
        let (record, envelope) = self.bucket_record(name).await?;
        let rows = Partition::new(&self.rows, PartitionId(record.id));
        ensure_counted(&rows).await?;
        let settings = rows.get::<BucketSettings>(&key::settings()).await?;
        // Open the bucket's key.
        let opened = self.keyring.open(&envelope, Place::bucket(record.id));
        let key =
            opened.map_err(|error| self.audit_refusal(Mode::Bucket, name, envelope.outer_id(), error))?;
        self.audit.record(&KeyEvent {
            actor: self.actor().cloned(),
            what: KeyUse::Unwrap,
            bucket: name,
            object: "",
            version: None,
            mode: Some(Mode::Bucket),
            key_id: envelope.outer_id(),
            result: "ok",
        })?;
        let bucket = Arc::new(Bucket {
            name: name.to_owned(),
            rows,
            created: record.created,
            owner: record.owner,
            key_id: record.key_id,
            key,
            settings: settings.map(|found| found.record).unwrap_or_default().into(),
            meter: self.meters.bucket(PartitionId(record.id)),
        });
        // A bucket whose partition was closed is as good as deleted.
        if !bucket.rows.is_open().await? {
            self.forget_bucket(&bucket.name, bucket.id()).await?;
            return Err(Error::NoSuchBucket(name.to_owned()));
        }
        self.track_with_account(&bucket).await?;
        self.buckets.add(&bucket, removals);
        Ok(bucket)
    }
}

/// Returns whether S3 allows the name for a general purpose bucket
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>).
pub fn is_bucket_name(name: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let bytes = name.as_bytes();
    (3..=63).contains(&bytes.len())
        && bytes
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
        && edge(bytes.first())
        && edge(bytes.last())
        && !name.contains("..")
        && name.parse::<Ipv4Addr>().is_err()
        && !["xn--", "sthree-", "amzn-s3-demo-"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        && !["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"]
            .iter()
            .any(|suffix| name.ends_with(suffix))
}
