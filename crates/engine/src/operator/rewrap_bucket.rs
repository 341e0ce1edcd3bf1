//! Rewraps the versions of a bucket, one by one.

use crate::encryption::kms::KmsWish;
use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::model::upload_name::UploadName;
use crate::operator::pace::Pace;
use crate::operator::stored_key::StoredKey;
use crate::rows::pages::StoredVersion;
use crate::rows::pages::{uploads, versions};
use futures::{StreamExt as _, stream};
use strongroom_seal::Envelope;
use strongroom_seal::Mode;

/// Versions that are rewrapped concurrently: their commits share syncs.
const AT_ONCE: usize = 16;

/// Versions to rewrap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// Versions under SSE-S3.
    S3,
    /// Versions under SSE-KMS: with the key of this name, or with any key.
    Kms(Option<String>),
}

/// Parameters of the rewrap of a bucket.
#[derive(Clone, Debug)]
pub struct RewrapBucket {
    /// Name of the bucket.
    pub bucket: String,
    /// Only keys with this prefix.
    pub prefix: String,
    /// Versions to rewrap.
    pub from: From,
    /// New key. `None`: the bucket's (SSE-S3).
    pub to: Option<KmsWish>,
    /// Maximum rate, in versions per second.
    pub rate: Option<u32>,
}

/// Results so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewrapped {
    /// Number of versions at the beginning.
    pub total: u64,
    /// Versions processed.
    pub seen: u64,
    /// Versions rewrapped.
    pub rewrapped: u64,
    /// Uploads in progress that were rewrapped.
    pub uploads: u64,
    /// Versions and uploads that failed and are unchanged: key, version or `upload ID`, reason. At most the first
    /// thousand.
    pub failed: Vec<(String, String, String)>,
    /// Number of failures, including those that are not listed.
    pub failures: u64,
}

/// Selection of versions: those under `from` that are not yet as requested.
struct Choice<'a> {
    /// Source, with the id of its key if one was named.
    from: From,
    /// Requested key if it is a KMS key, and the id and version that this key has now.
    to: Option<(&'a KmsWish, (String, Option<String>))>,
}

/// Maximum number of failures that are listed.
const MAX_NAMED: usize = 1000;

impl Engine {
    /// Rewraps the versions of a bucket, and its uploads in progress. Versions that were rewrapped before are skipped,
    /// so an interrupted run is continued by running it again. Locked versions are not skipped: their content is not
    /// changed. The old key is left alone. Calls `progress` after each page.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`]; [`Error::Kms`] if the service is unavailable, does not know or provide the new key, or
    /// does not know the old one; [`Error::Store`].
    pub async fn rewrap_bucket(
        &self,
        request: &RewrapBucket,
        mut progress: impl FnMut(&Rewrapped) + Send,
    ) -> Result<Rewrapped> {
        let bucket = self.bucket(&request.bucket).await?;
        // Request the new key once, so that a key that is not available is reported before thousands of versions fail.
        let target = match &request.to {
            Some(wish) => {
                let (issued, _) = self.issue(&bucket, "", wish).await?;
                Some((issued.key_id, self.kms.version_of(&issued.wrapped)))
            }
            None => None,
        };
        // Versions contain key ids, so resolve the name. A name that does not exist is reported here, instead of
        // matching no version.
        let from = match &request.from {
            From::Kms(Some(name)) => From::Kms(Some(self.kms.id_of(name).await?)),
            other => other.clone(),
        };
        let choice = Choice {
            from,
            to: request.to.as_ref().zip(target),
        };
        // Limit the rate, and count the versions for the progress report.
        let mut pace = Pace::of(request.rate);
        let rate = request.rate.and_then(|rate| usize::try_from(rate).ok());
        let at_once = rate.unwrap_or(AT_ONCE).clamp(1, AT_ONCE);
        let total = versions(&bucket.rows, &request.prefix).count().await?;
        let mut done = Rewrapped {
            total,
            ..Rewrapped::default()
        };
        // Uploads first: those completed in the meantime are found among the versions.
        let mut uploads = uploads(&bucket.rows, &request.prefix);
        while let Some(page) = uploads.next().await? {
            for upload in page {
                let name = UploadName {
                    bucket: request.bucket.clone(),
                    key: upload.object,
                    id: hex::encode(upload.id),
                };
                let result = match &upload.record {
                    Ok(record) if !self.chooses(&choice, record.stored_key()) => continue,
                    Ok(_) => {
                        pace.wait(1).await;
                        self.rewrap_upload(&name, request.to.as_ref()).await
                    }
                    Err(error) => Err(Error::Damaged(error.to_string())),
                };
                let description = format!("upload {}", name.id);
                done.uploads += u64::from(done.take(&name.key, &description, result)?);
            }
            progress(&done);
        }
        // Select the versions of each page, and rewrap them in groups.
        let mut versions = versions(&bucket.rows, &request.prefix);
        while let Some(page) = versions.next().await? {
            let mut passed_over = page.len();
            let mut chosen = Vec::new();
            for version in page {
                let content = match &version.record {
                    Ok(record) => record.content.as_ref(),
                    Err(error) => {
                        done.fail(&version.object, &version.name().to_string(), error);
                        None
                    }
                };
                if content.is_some_and(|content| self.chooses(&choice, content.stored_key())) {
                    chosen.push(version);
                    passed_over -= 1;
                }
            }
            done.see(passed_over);
            for group in chosen.chunks(at_once) {
                pace.wait(group.len()).await;
                // All futures are created before the first is polled: with a closure in the stream, the compiler could
                // not prove that this future is `Send`.
                let work: Vec<_> = group
                    .iter()
                    .map(|version| self.rewrap_found(request, version))
                    .collect();
                let results: Vec<_> = stream::iter(work).buffered(AT_ONCE).collect().await;
                for (version, result) in group.iter().zip(results) {
                    let name = version.name().to_string();
                    done.rewrapped += u64::from(done.take(&version.object, &name, result)?);
                }
                done.see(group.len());
                progress(&done);
            }
            progress(&done);
        }
        Ok(done)
    }

    async fn rewrap_found(&self, request: &RewrapBucket, version: &StoredVersion) -> Result<()> {
        let name = version.name();
        self.rewrap_object(
            &request.bucket,
            &version.object,
            Some(name),
            request.to.as_ref(),
            true,
        )
        .await
        .map(drop)
    }

    /// Returns whether a data key is to be rewrapped and was not yet.
    fn chooses(&self, choice: &Choice<'_>, key: StoredKey<'_>) -> bool {
        // Damaged envelopes are selected, so that they are reported as failures.
        let Ok(envelope) = Envelope::from_bytes(key.envelope) else {
            return true;
        };
        match (&choice.from, envelope.mode()) {
            (From::S3, Mode::S3) => choice.to.is_some(),
            (From::Kms(from), Mode::Kms) => {
                let Some(kms) = key.kms else { return true };
                let done = choice.to.as_ref().is_some_and(|(wish, (id, now))| {
                    envelope.outer_id() == id
                        && kms.bucket_key == wish.bucket_key
                        && self.kms.version_of(&kms.wrapped) == *now
                });
                !done && from.as_ref().is_none_or(|id| envelope.outer_id() == id)
            }
            _ => false,
        }
    }
}

impl Rewrapped {
    fn see(&mut self, versions: usize) {
        self.seen += u64::try_from(versions).unwrap_or(u64::MAX);
    }

    /// Counts a result. Returns whether the version or upload was rewrapped.
    fn take(&mut self, object: &str, name: &str, result: Result<()>) -> Result<bool> {
        match result {
            Ok(()) => Ok(true),
            // Deleted, completed or aborted in the meantime.
            Err(Error::NoSuchKey(_) | Error::NoSuchVersion(..) | Error::NoSuchUpload(_)) => Ok(false),
            Err(error @ (Error::NoSuchBucket(_) | Error::Store(_) | Error::Audit(_))) => Err(error),
            Err(error) => {
                self.fail(object, name, &error);
                Ok(false)
            }
        }
    }

    fn fail(&mut self, object: &str, name: &str, error: &Error) {
        self.failures += 1;
        if self.failed.len() < MAX_NAMED {
            self.failed
                .push((object.to_owned(), name.to_owned(), error.to_string()));
        }
    }
}
