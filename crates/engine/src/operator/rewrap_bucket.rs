//! Wrapping anew what is in a bucket, version by version.

use crate::encryption::kms::KmsWish;
use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::model::upload_name::UploadName;
use crate::operator::every::{Every, StoredKey, StoredVersion};
use crate::operator::pace::Pace;
use futures::{StreamExt as _, stream};
use strongroom_seal::Envelope;
use strongroom_seal::Mode;

/// Versions that are wrapped anew at once: their commits share syncs.
const AT_ONCE: usize = 16;

/// Which versions are to be wrapped anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// Those under SSE-S3.
    S3,
    /// Those under SSE-KMS: with the key of this name, or with any.
    Kms(Option<String>),
}

/// What of a bucket is to be wrapped anew.
#[derive(Clone, Debug)]
pub struct RewrapBucket {
    /// The bucket's name.
    pub bucket: String,
    /// Only keys that begin so.
    pub prefix: String,
    /// Which versions.
    pub from: From,
    /// Under which key; none: under the bucket's (SSE-S3).
    pub to: Option<KmsWish>,
    /// Versions in a second at most.
    pub rate: Option<u32>,
}

/// What came of it so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rewrapped {
    /// Versions that there were at the beginning.
    pub total: u64,
    /// Versions that were looked at.
    pub seen: u64,
    /// Versions that were wrapped anew.
    pub rewrapped: u64,
    /// Uploads under way that were.
    pub uploads: u64,
    /// Versions and uploads that could not be, and still are as they were: key, version or `upload ID`, why.
    pub failed: Vec<(String, String, String)>,
    /// How many there are of those; only the first thousand are named.
    pub failures: u64,
}

/// Which versions are chosen: those under `from` that are not as they shall be.
struct Choice<'a> {
    /// With the id of a key, where one was named.
    from: From,
    /// How they shall be, if under SSE-KMS: the wish, and id and version that its key has now.
    to: Option<(&'a KmsWish, (String, Option<String>))>,
}

/// The most failures that are named.
const MOST_NAMED: usize = 1000;

impl Engine {
    /// Wraps anew what is in a bucket, and what is on its way there. What was wrapped anew before is passed over, so a run
    /// that was broken off is gone on with by running again. Locked versions are not passed over: their content is not
    /// touched. The old key is left as it is. `progress` hears of each page.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`]; [`Error::Kms`] when the service is away, does not know or give the new key, or not know the
    /// old one; [`Error::Store`].
    pub async fn rewrap_bucket(
        &self,
        asked: &RewrapBucket,
        mut progress: impl FnMut(&Rewrapped) + Send,
    ) -> Result<Rewrapped> {
        let bucket = self.bucket(&asked.bucket).await?;
        // A key that cannot be had is found before the first of thousands of versions is told to have failed.
        let target = match &asked.to {
            Some(wish) => {
                let (issued, _) = self.issue(&bucket, "", wish).await?;
                Some((issued.key_id, self.kms.version_of(&issued.wrapped)))
            }
            None => None,
        };
        // Versions hold ids. A name that leads nowhere is found here too, instead of passing over all versions.
        let from = match &asked.from {
            From::Kms(Some(name)) => From::Kms(Some(self.kms.id_of(name).await?)),
            other => other.clone(),
        };
        let choice = Choice {
            from,
            to: asked.to.as_ref().zip(target),
        };
        let mut pace = Pace::of(asked.rate);
        let rate = asked.rate.and_then(|rate| usize::try_from(rate).ok());
        let at_once = rate.unwrap_or(AT_ONCE).clamp(1, AT_ONCE);
        let total = Every::version(bucket.id, &asked.prefix).count(self).await?;
        let mut done = Rewrapped {
            total,
            ..Rewrapped::default()
        };
        // Uploads first: what is completed meanwhile is found among the versions.
        let mut uploads = Every::upload(bucket.id, &asked.prefix);
        while let Some(page) = uploads.page(self).await? {
            for upload in page {
                let name = UploadName {
                    bucket: asked.bucket.clone(),
                    key: upload.object,
                    id: hex::encode(upload.id),
                };
                let result = match &upload.record {
                    Ok(record) if !self.chooses(&choice, record.stored_key()) => continue,
                    Ok(_) => {
                        pace.wait(1).await;
                        self.rewrap_upload(&name, asked.to.as_ref()).await
                    }
                    Err(error) => Err(Error::Damaged(error.to_string())),
                };
                let told = format!("upload {}", name.id);
                done.uploads += u64::from(done.take(&name.key, &told, result)?);
            }
            progress(&done);
        }
        let mut versions = Every::version(bucket.id, &asked.prefix);
        while let Some(page) = versions.page(self).await? {
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
                // All at hand before the first is polled: a closure in the stream would keep the compiler from seeing that
                // this can go from thread to thread.
                let work: Vec<_> = group
                    .iter()
                    .map(|version| self.rewrap_found(asked, version))
                    .collect();
                let results: Vec<_> = stream::iter(work).buffered(AT_ONCE).collect().await;
                for (version, result) in group.iter().zip(results) {
                    let told = version.name().to_string();
                    done.rewrapped += u64::from(done.take(&version.object, &told, result)?);
                }
                done.see(group.len());
                progress(&done);
            }
            progress(&done);
        }
        Ok(done)
    }

    async fn rewrap_found(&self, asked: &RewrapBucket, version: &StoredVersion) -> Result<()> {
        let name = version.name();
        self.rewrap_object(
            &asked.bucket,
            &version.object,
            Some(name),
            asked.to.as_ref(),
            true,
        )
        .await
        .map(drop)
    }

    /// Whether a data key is to be wrapped anew, and was not yet.
    fn chooses(&self, choice: &Choice<'_>, key: StoredKey<'_>) -> bool {
        // What is damaged is chosen, so that it is told to have failed.
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

    /// Counts what came of one, and tells whether it was wrapped anew.
    fn take(&mut self, object: &str, name: &str, result: Result<()>) -> Result<bool> {
        match result {
            Ok(()) => Ok(true),
            // Deleted, completed or aborted meanwhile.
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
        if self.failed.len() < MOST_NAMED {
            self.failed
                .push((object.to_owned(), name.to_owned(), error.to_string()));
        }
    }
}
