//! Which keys are in use, and for how much.

use crate::every_version::EveryVersion;
use crate::record::{BucketRecord, key};
use crate::{Engine, Mode, Result};
use std::collections::BTreeMap;
use strongroom_seal::Envelope;
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
    /// Plain bytes in them. Contents that versions share are counted for each.
    pub bytes: u64,
}

/// Which keys are in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyReport {
    /// By bucket, mode, key id and key version.
    pub usage: Vec<KeyUsage>,
    /// Versions whose rows cannot be read.
    pub damaged: u64,
}

impl Engine {
    /// Which keys are in use, and for how much. `progress` hears how many versions were looked at so far.
    ///
    /// # Errors
    /// [`crate::Error::Store`], [`crate::Error::Damaged`] for a bucket's own row.
    pub async fn report_keys(&self, mut progress: impl FnMut(u64) + Send) -> Result<KeyReport> {
        let mut report = KeyReport::default();
        let mut seen = 0;
        for (name, master) in self.masters_of_buckets().await? {
            let Ok(bucket) = self.bucket(&name).await else {
                // Deleted meanwhile.
                continue;
            };
            let mut of_bucket: BTreeMap<(u8, String, String), KeyUsage> = BTreeMap::new();
            let mut versions = EveryVersion::of(&bucket, "");
            while let Some(page) = versions.page(self).await? {
                seen += u64::try_from(page.len()).unwrap_or(u64::MAX);
                for version in page {
                    let Ok(record) = &version.record else {
                        report.damaged += 1;
                        continue;
                    };
                    let Some(content) = &record.content else { continue };
                    let Ok(envelope) = Envelope::from_bytes(&content.envelope) else {
                        report.damaged += 1;
                        continue;
                    };
                    let mode = envelope.mode();
                    let key_id = envelope.outer_id().to_owned();
                    let key_version = match (mode, &content.kms) {
                        (Mode::S3, _) => master.clone(),
                        (_, Some(kms)) => self.kms.version_of(&kms.wrapped).unwrap_or_default(),
                        _ => String::new(),
                    };
                    let place = (mode as u8, key_id.clone(), key_version.clone());
                    let usage = of_bucket.entry(place).or_insert_with(|| KeyUsage {
                        bucket: name.clone(),
                        mode,
                        key_id,
                        key_version,
                        versions: 0,
                        bytes: 0,
                    });
                    usage.versions += 1;
                    usage.bytes += record.facts.length;
                }
                progress(seen);
            }
            report.usage.extend(of_bucket.into_values());
        }
        Ok(report)
    }

    /// The buckets by name, each with the id of the master key that wraps its key.
    pub(crate) async fn masters_of_buckets(&self) -> Result<Vec<(String, String)>> {
        let prefix = key::bucket("");
        let (mut from, mut all) = (prefix.clone(), Vec::new());
        loop {
            let rows = self
                .rows
                .scan::<BucketRecord>(PartitionId::ROOT, &prefix, from, PAGE)
                .await?;
            let next = match rows.last() {
                Some((row, _)) if rows.len() == PAGE => Some(key::after(row)),
                _ => None,
            };
            for (row, record) in rows {
                let name = String::from_utf8_lossy(&row[prefix.len()..]).into_owned();
                let envelope = Envelope::from_bytes(&record.key_envelope)?;
                all.push((name, envelope.outer_id().to_owned()));
            }
            match next {
                Some(next) => from = next,
                None => return Ok(all),
            }
        }
    }
}
