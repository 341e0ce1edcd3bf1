//! Creation of buckets.

use crate::bucket::is_bucket_name;
use crate::engine::Engine;
use crate::engine::pending::PendingKeyEvent;
use crate::model::error::{Error, Result};
use crate::model::owner::BucketOwner;
use crate::model::settings::BucketSettings;
use crate::rows::key;
use crate::rows::record::{BucketRecord, ClosingRecord, OwnedRecord};
use crate::rows::usage::COUNTED;
use bytes::Bytes;
use std::sync::Arc;
use strongroom_audit::KeyUse;
use strongroom_rows::{Batch, CommitOutcome, Pages, Partition};
use strongroom_seal::{Mode, OuterKey, Place, keys::Wrapped as _, random};
use strongroom_store::{Index, KeyDigest, KeyOwner, PartitionId, WrappedKeys};
use tokio::sync::OwnedMutexGuard;

impl Engine {
    /// Creates a bucket of the first account with default settings.
    ///
    /// # Errors
    /// As [`Self::create_bucket_with`].
    pub async fn create_bucket(&self, name: &str) -> Result<()> {
        self.create_bucket_with(name, BucketOwner::FIRST, &BucketSettings::default())
            .await
    }

    /// Creates a bucket of an account, with a random id and a key of its own. Completes even if the caller is cancelled.
    ///
    /// # Errors
    /// [`Error::InvalidBucketName`]; [`Error::BucketExists`] or [`Error::BucketTaken`], depending on whose bucket it is;
    /// [`Error::TooManyBuckets`]; [`Error::Store`].
    pub async fn create_bucket_with(
        &self,
        name: &str,
        owner: BucketOwner,
        settings: &BucketSettings,
    ) -> Result<()> {
        if !is_bucket_name(name) {
            return Err(Error::InvalidBucketName(name.to_owned()));
        }
        if let Some(exists) = self.existing(name, owner).await? {
            return Err(exists);
        }
        let turn = self.turn_to_create(owner).await?;
        self.audit.ready()?;
        let id = random::bytes::<16>(&*self.random)?;
        let bucket_key = OuterKey::generate(&*self.random)?;
        // Held until the bucket is created, or its creation given up.
        let wrapping = self.wrapping.begin().await;
        let envelope = self
            .keyring
            .wrap(&bucket_key, Mode::Bucket, Place::bucket(id), &*self.random)?;
        let record = BucketRecord {
            id,
            created: self.clock.now(),
            key_id: format!("b-{}", hex::encode(random::bytes::<8>(&*self.random)?)),
            key_digest: KeyDigest::of(envelope.as_bytes()).0,
            owner,
        };
        let creation = self.creation(name, &record, settings, envelope.as_bytes())?;
        let wrap = PendingKeyEvent::new(KeyUse::Wrap, name, Mode::Bucket, envelope.outer_id());
        let ledger = Arc::clone(&self.ledger);
        let create = async move {
            let created = creation.run().await;
            if !matches!(created, Ok(CommitOutcome::Done)) {
                // The collector removes what exists of the bucket.
                ledger.look_at(PartitionId::ROOT);
            }
            drop((wrapping, turn));
            created
        };
        if self.commit_and_audit(create, vec![wrap]).await?.is_done() {
            return Ok(());
        }
        // Another request created it in the meantime. It may be deleted again by now.
        let exists = self.existing(name, owner).await?;
        Err(exists.unwrap_or_else(|| Error::BucketTaken(name.to_owned())))
    }

    /// Checks that the account may have another bucket. Creations wait for each other while there is a limit: until the
    /// returned turn is dropped.
    async fn turn_to_create(&self, owner: BucketOwner) -> Result<Option<OwnedMutexGuard<()>>> {
        let Some(limit) = self.meters.quota(owner.account).buckets else {
            return Ok(None);
        };
        let account = self.meters.account(owner.account);
        let turn = Arc::clone(&account.creation).lock_owned().await;
        let buckets = Pages::<OwnedRecord>::new(&self.root, key::owned(owner.account, ""));
        if buckets.count().await? >= limit {
            return Err(Error::TooManyBuckets(limit));
        }
        Ok(Some(turn))
    }

    /// Returns the error that refuses the creation of a bucket because there is one of this name.
    async fn existing(&self, name: &str, owner: BucketOwner) -> Result<Option<Error>> {
        match self.bucket(name).await {
            Ok(bucket) if bucket.owner == owner => Ok(Some(Error::BucketExists(name.to_owned()))),
            Ok(_) => Ok(Some(Error::BucketTaken(name.to_owned()))),
            Err(Error::NoSuchBucket(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn creation(
        &self,
        name: &str,
        record: &BucketRecord,
        settings: &BucketSettings,
        envelope: &[u8],
    ) -> Result<Creation> {
        let id = PartitionId(record.id);
        let (row, closing) = (key::bucket(name), key::closing(record.id));
        let mut begin = self.root.batch();
        begin.put(
            closing.clone(),
            &ClosingRecord {
                since: record.created,
                name: name.to_owned(),
                key_id: record.key_id.clone(),
            },
        )?;
        let mut configure = Partition::new(&self.rows, id).batch();
        if *settings != BucketSettings::default() {
            configure.put(key::settings(), settings)?;
        }
        configure.count(COUNTED, 1);
        let mut finish = self.root.batch();
        finish.expect::<BucketRecord>(row.clone(), None);
        finish.put(row, record)?;
        let owned = OwnedRecord {
            created: record.created,
        };
        finish.put(key::owned(record.owner.account, name), &owned)?;
        finish.delete(closing);
        Ok(Creation {
            id,
            index: Arc::clone(self.rows.index()),
            keys: Arc::clone(&self.keys),
            envelope: Bytes::copy_from_slice(envelope),
            begin,
            configure,
            finish,
        })
    }
}

/// Steps of the creation of a bucket.
struct Creation {
    id: PartitionId,
    index: Arc<dyn Index>,
    keys: Arc<dyn WrappedKeys>,
    envelope: Bytes,
    /// Writes the row of a deleted bucket, so that a crash from here on leaves nothing that is not removed.
    begin: Batch,
    configure: Batch,
    /// Replaces that row with the bucket's.
    finish: Batch,
}

impl Creation {
    async fn run(self) -> Result<CommitOutcome> {
        // Without checks, a commit on the root is not refused.
        let _ = self.begin.commit().await?;
        self.keys.add(KeyOwner::Partition(self.id), self.envelope).await?;
        self.index.create_partition(self.id).await?;
        // Nobody knows the partition yet to close it: the commit cannot be refused.
        let _ = self.configure.commit().await?;
        Ok(self.finish.commit().await?)
    }
}
