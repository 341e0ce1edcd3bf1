//! Buckets.

use crate::engine::Engine;
use crate::engine::pending::PendingKeyEvent;
use crate::model::error::{Error, Result};
use crate::model::settings::BucketSettings;
use crate::process::buckets_in_use::Bucket;
use crate::rows::key;
use crate::rows::partition::Partition;
use crate::rows::record::BucketRecord;
use std::net::Ipv4Addr;
use std::sync::Arc;
use strongroom_audit::{KeyEvent, KeyUse};
use strongroom_seal::{Envelope, Mode, OuterKey, Place, keys::Wrapped as _, random};
use strongroom_store::PartitionId;

mod close;
pub(crate) mod commit;
mod configure;

/// Name and creation time of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketInfo {
    /// Name of the bucket.
    pub name: String,
    /// Time of creation, in microseconds since 1970.
    pub created: u64,
}

impl Engine {
    /// Creates a bucket with default settings.
    ///
    /// # Errors
    /// As [`Self::create_bucket_with`].
    pub async fn create_bucket(&self, name: &str) -> Result<()> {
        self.create_bucket_with(name, &BucketSettings::default()).await
    }

    /// Creates a bucket, with a random id and a key of its own.
    ///
    /// # Errors
    /// [`Error::InvalidBucketName`], [`Error::BucketExists`], [`Error::Store`].
    pub async fn create_bucket_with(&self, name: &str, settings: &BucketSettings) -> Result<()> {
        if !is_bucket_name(name) {
            return Err(Error::InvalidBucketName(name.to_owned()));
        }
        match self.bucket(name).await {
            Ok(_) => return Err(Error::BucketExists(name.to_owned())),
            Err(Error::NoSuchBucket(_)) => {}
            Err(error) => return Err(error),
        }
        self.audit.ready()?;
        let id = random::bytes::<16>(&*self.random)?;
        let bucket_key = OuterKey::generate(&*self.random)?;
        let wrapping = self.wrapping.begin().await;
        let envelope = self
            .keyring
            .wrap(&bucket_key, Mode::Bucket, Place::bucket(id), &*self.random)?;
        let record = BucketRecord {
            id,
            created: self.clock.now(),
            key_id: format!("b-{}", hex::encode(random::bytes::<8>(&*self.random)?)),
            key_envelope: envelope.as_bytes().to_vec(),
        };
        // The partition first: a crash in between leaves an empty one that nothing names, never a bucket without one.
        self.rows.index.create_partition(PartitionId(id)).await?;
        if *settings != BucketSettings::default() {
            let mut batch = Partition::new(&self.rows, PartitionId(id)).batch();
            batch.put(key::settings(), settings)?;
            // The batch has no checks, and nobody knows the partition yet to close it: the commit cannot be refused.
            let _ = batch.commit().await?;
        }
        let row = key::bucket(name);
        let mut batch = self.root.batch();
        batch.expect::<BucketRecord>(row.clone(), None);
        batch.put(row, &record)?;
        let wrap = PendingKeyEvent::new(KeyUse::Wrap, name, Mode::Bucket, envelope.outer_id());
        let committed = self
            .commit_and_audit(wrapping.until_done(batch.commit()), vec![wrap])
            .await?;
        if !committed.is_done() {
            self.rows.index.remove_partition(PartitionId(id)).await?;
            return Err(Error::BucketExists(name.to_owned()));
        }
        Ok(())
    }

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

    /// Returns at most `limit` buckets whose names begin with `prefix` and sort after `after`, in the order of their
    /// names.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn list_buckets(&self, prefix: &str, after: &str, limit: usize) -> Result<Vec<BucketInfo>> {
        let from = if after.is_empty() {
            key::bucket(prefix)
        } else {
            key::after(&key::bucket(after))
        };
        let rows = self
            .root
            .scan::<BucketRecord>(&key::bucket(prefix), from, limit)
            .await?;
        let name = |row: &[u8]| String::from_utf8_lossy(&row[key::BUCKET.len()..]).into_owned();
        Ok(rows
            .into_iter()
            .map(|(row, found)| BucketInfo {
                name: name(&row),
                created: found.record.created,
            })
            .collect())
    }

    /// Returns the bucket of this name, ready for use.
    pub(crate) async fn bucket(&self, name: &str) -> Result<Arc<Bucket>> {
        let removals = match self.buckets.find(name) {
            Ok(bucket) => return Ok(bucket),
            Err(removals) => removals,
        };
        let missing = || Error::NoSuchBucket(name.to_owned());
        let found = self.root.get::<BucketRecord>(&key::bucket(name)).await?;
        let record = found.ok_or_else(missing)?.record;
        let envelope = Envelope::from_bytes(&record.key_envelope)?;
        let rows = Partition::new(&self.rows, PartitionId(record.id));
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
            key_id: record.key_id,
            key,
            settings: settings.map(|found| found.record).unwrap_or_default().into(),
        });
        // A bucket whose partition was closed is as good as deleted.
        if !bucket.rows.is_open().await? {
            self.forget_bucket(&bucket.name, bucket.id()).await?;
            return Err(missing());
        }
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
