//! Report of the keys in use, and how much each one encrypts.

use crate::bucket::envelope::EnvelopesRead;
use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::operator::stored_key::StoredKey;
use crate::rows::pages::{all_buckets, uploads, versions};
use std::collections::BTreeMap;
use strongroom_keys::kms::KeyService;
use strongroom_rows::Partition;
use strongroom_seal::Envelope;
use strongroom_seal::Mode;
use strongroom_store::PartitionId;

/// Usage of one key in one bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUsage {
    /// Name of the bucket.
    pub bucket: String,
    /// Mode: the holder of the outer key.
    pub mode: Mode,
    /// Id of the outer key. Empty for customers' keys, which are never named.
    pub key_id: String,
    /// Version of the key. For a bucket's key: the master key that wraps it. For a KMS key: the version that the
    /// service reports. Empty if there is none.
    pub key_version: String,
    /// Number of versions of objects, including noncurrent ones.
    pub versions: u64,
    /// Number of uploads in progress. The versions they become will be under this key.
    pub uploads: u64,
    /// Plaintext bytes of the versions. Content that versions share is counted for each.
    pub bytes: u64,
}

/// Id of a bucket and of the master key that wraps its key.
struct MasterOfBucket {
    id: PartitionId,
    master: String,
}

/// Bucket as described by its row.
pub(crate) struct StoredBucket {
    pub(crate) name: String,
    /// Contents of the row and of the key file, if they can be read.
    master: Result<MasterOfBucket>,
}

/// Keys in use in one bucket. Requires no key: a bucket whose own key is not available is counted too.
struct OfBucket<'a> {
    bucket: &'a str,
    master: &'a str,
    usage: BTreeMap<(u8, String, String), KeyUsage>,
}

impl OfBucket<'_> {
    /// Returns the counters of the key that wraps this data key. `None`: its envelope cannot be read.
    fn of(&mut self, key: StoredKey<'_>, kms: &KeyService) -> Option<&mut KeyUsage> {
        let envelope = Envelope::from_bytes(key.envelope).ok()?;
        let mode = envelope.mode();
        let key_id = envelope.outer_id().to_owned();
        let key_version = match (mode, key.kms) {
            (Mode::S3, _) => self.master.to_owned(),
            (_, Some(of_service)) => kms.version_of(&of_service.wrapped).unwrap_or_default(),
            _ => String::new(),
        };
        let place = (mode as u8, key_id.clone(), key_version.clone());
        Some(self.usage.entry(place).or_insert_with(|| KeyUsage {
            bucket: self.bucket.to_owned(),
            mode,
            key_id,
            key_version,
            versions: 0,
            uploads: 0,
            bytes: 0,
        }))
    }
}

/// Keys in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyReport {
    /// Usage by bucket, mode, key id and key version.
    pub usage: Vec<KeyUsage>,
    /// Number of versions and uploads whose rows cannot be read.
    pub damaged: u64,
    /// Names of buckets whose own rows cannot be read; nothing in them is counted.
    pub damaged_buckets: Vec<String>,
}

impl Engine {
    /// Reports the keys in use, and how much each one encrypts. Calls `progress` with the number of versions read so
    /// far.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn report_keys(&self, mut progress: impl FnMut(u64) + Send) -> Result<KeyReport> {
        let mut report = KeyReport::default();
        let mut seen = 0;
        for StoredBucket { name, master } in self.stored_buckets().await? {
            let Ok(bucket) = master else {
                report.damaged_buckets.push(name);
                continue;
            };
            let mut of_bucket = OfBucket {
                bucket: &name,
                master: &bucket.master,
                usage: BTreeMap::new(),
            };
            // Count the versions by the key in their envelope.
            let mut versions = versions(&Partition::new(&self.rows, bucket.id), "");
            while let Some(page) = versions.next().await? {
                seen += u64::try_from(page.len()).unwrap_or(u64::MAX);
                for version in page {
                    let counted = version.record.as_ref().ok().and_then(|record| {
                        let Some(content) = &record.content else {
                            return Some(());
                        };
                        let usage = of_bucket.of(content.stored_key(), &self.kms)?;
                        usage.versions += 1;
                        usage.bytes += record.summary.length;
                        Some(())
                    });
                    report.damaged += u64::from(counted.is_none());
                }
                progress(seen);
            }
            // Count the uploads in progress.
            let mut uploads = uploads(&Partition::new(&self.rows, bucket.id), "");
            while let Some(page) = uploads.next().await? {
                for upload in page {
                    let usage = upload.record.as_ref().ok();
                    match usage.and_then(|record| of_bucket.of(record.stored_key(), &self.kms)) {
                        Some(usage) => usage.uploads += 1,
                        None => report.damaged += 1,
                    }
                }
            }
            report.usage.extend(of_bucket.usage.into_values());
        }
        Ok(report)
    }

    /// Returns the buckets whose keys are wrapped by master keys that the keyring does not contain, grouped by these
    /// master keys.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Keyring`].
    pub async fn lost_masters(&self) -> Result<BTreeMap<String, Vec<String>>> {
        let mut lost = BTreeMap::<_, Vec<_>>::new();
        let masters = self.keyring.list()?.master;
        for StoredBucket { name, master } in self.stored_buckets().await? {
            // Damage is reported by `verify`.
            let Ok(bucket) = master else { continue };
            if masters.iter().all(|master| master.id != bucket.master) {
                lost.entry(bucket.master).or_default().push(name);
            }
        }
        Ok(lost)
    }

    /// Returns all buckets, by name.
    pub(crate) async fn stored_buckets(&self) -> Result<Vec<StoredBucket>> {
        let (mut envelopes, mut all) = (EnvelopesRead::new(self), Vec::new());
        for (name, record) in all_buckets(&self.root).await? {
            let master = match record {
                Ok(record) => envelopes.of(&name, &record).await.map(|envelope| MasterOfBucket {
                    id: PartitionId(record.id),
                    master: envelope.outer_id().to_owned(),
                }),
                Err(error) => Err(error),
            };
            // Deleted in the meantime.
            if !matches!(master, Err(Error::NoSuchBucket(_))) {
                all.push(StoredBucket { name, master });
            }
        }
        Ok(all)
    }
}
