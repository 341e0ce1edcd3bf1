//! Which keys are in use, and for how much.

use crate::engine::Engine;
use crate::model::error::Result;
use crate::operator::every::{Every, StoredKey};
use crate::rows::key;
use crate::rows::record::BucketRecord;
use std::collections::BTreeMap;
use strongroom_keys::kms::KeyService;
use strongroom_seal::Envelope;
use strongroom_seal::Mode;
use strongroom_store::PartitionId;

/// Buckets read at a time.
const PAGE: usize = 500;

/// What one key is used for in one bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUsage {
    /// The bucket's name.
    pub bucket: String,
    /// Who holds the outer key.
    pub mode: Mode,
    /// The outer key's id; empty for customers' keys, which are named nowhere.
    pub key_id: String,
    /// Which version of the key: of a bucket's key the master key that wraps it, of a service's key what the service says
    /// of it; empty where there is none.
    pub key_version: String,
    /// Versions of objects, those that are not the newest too.
    pub versions: u64,
    /// Uploads under way: what they become will be under this key.
    pub uploads: u64,
    /// Plain bytes in the versions. Contents that versions share are counted for each.
    pub bytes: u64,
}

/// A bucket, and which master key wraps its key.
struct MasterOfBucket {
    id: PartitionId,
    master: String,
}

/// A bucket as its row tells.
pub(crate) struct StoredBucket {
    pub(crate) name: String,
    /// What the row holds, if it can be read.
    master: Result<MasterOfBucket>,
}

impl StoredBucket {
    fn of(name: String, record: Result<BucketRecord>) -> Self {
        let master = record.and_then(|record| {
            let envelope = Envelope::from_bytes(&record.key_envelope)?;
            Ok(MasterOfBucket {
                id: PartitionId(record.id),
                master: envelope.outer_id().to_owned(),
            })
        });
        Self { name, master }
    }

    /// Id of the master key that wraps its key.
    ///
    /// # Errors
    /// [`crate::Error::Damaged`].
    pub(crate) fn into_master(self) -> Result<String> {
        Ok(self.master?.master)
    }
}

/// The keys in use in one bucket. No key is asked for: a bucket whose own cannot be had is counted too.
struct OfBucket<'a> {
    bucket: &'a str,
    master: &'a str,
    usage: BTreeMap<(u8, String, String), KeyUsage>,
}

impl OfBucket<'_> {
    /// What is counted for the key that wraps this data key; nothing: its envelope cannot be read.
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

/// Which keys are in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyReport {
    /// By bucket, mode, key id and key version.
    pub usage: Vec<KeyUsage>,
    /// Versions and uploads whose rows cannot be read.
    pub damaged: u64,
    /// Names of buckets whose own rows cannot be read; nothing in them is counted.
    pub damaged_buckets: Vec<String>,
}

impl Engine {
    /// Which keys are in use, and for how much. `progress` hears how many versions were looked at so far.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
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
            let mut versions = Every::version(bucket.id, "");
            while let Some(page) = versions.page(self).await? {
                seen += u64::try_from(page.len()).unwrap_or(u64::MAX);
                for version in page {
                    let counted = version.record.as_ref().ok().and_then(|record| {
                        let Some(content) = &record.content else {
                            return Some(());
                        };
                        let usage = of_bucket.of(content.stored_key(), &self.kms)?;
                        usage.versions += 1;
                        usage.bytes += record.facts.length;
                        Some(())
                    });
                    report.damaged += u64::from(counted.is_none());
                }
                progress(seen);
            }
            let mut uploads = Every::upload(bucket.id, "");
            while let Some(page) = uploads.page(self).await? {
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

    /// The buckets whose keys are under master keys that the keyring does not hold, by those.
    ///
    /// # Errors
    /// [`crate::Error::Store`], [`crate::Error::Keyring`].
    pub async fn lost_masters(&self) -> Result<BTreeMap<String, Vec<String>>> {
        let mut lost = BTreeMap::<_, Vec<_>>::new();
        let masters = self.keyring.list()?.master;
        for StoredBucket { name, master } in self.stored_buckets().await? {
            // What is damaged is told by `verify`.
            let Ok(bucket) = master else { continue };
            if masters.iter().all(|master| master.id != bucket.master) {
                lost.entry(bucket.master).or_default().push(name);
            }
        }
        Ok(lost)
    }

    /// All buckets, by name.
    pub(crate) async fn stored_buckets(&self) -> Result<Vec<StoredBucket>> {
        let prefix = key::bucket("");
        let (mut from, mut all) = (prefix.clone(), Vec::new());
        loop {
            let rows = self
                .rows
                .scan_each::<BucketRecord>(PartitionId::ROOT, &prefix, from, PAGE)
                .await?;
            let next = match rows.last() {
                Some((row, _)) if rows.len() == PAGE => Some(key::after(row)),
                _ => None,
            };
            for (row, record) in rows {
                let name = String::from_utf8_lossy(&row[prefix.len()..]).into_owned();
                all.push(StoredBucket::of(name, record));
            }
            match next {
                Some(next) => from = next,
                None => return Ok(all),
            }
        }
    }
}
