//! Wrapping anew what is in a bucket, version by version.

use crate::encryption::{Decision, KmsWish};
use crate::every_version::{EveryVersion, StoredVersion};
use crate::pace::Pace;
use crate::{Engine, Error, Mode, Result};
use futures::{StreamExt as _, stream};
use strongroom_seal::Envelope;

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
    /// Versions that were looked at.
    pub seen: u64,
    /// Versions that were wrapped anew.
    pub rewrapped: u64,
    /// Versions that could not be, and still are as they were: key, version, why.
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
    /// Wraps anew what is in a bucket. What was wrapped anew before is passed over, so a run that was broken off is gone
    /// on with by running again. Locked versions are not passed over: their content is not touched. The old key is left
    /// as it is. `progress` hears of each page.
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
        let decision = match &asked.to {
            None => Decision::S3,
            Some(wish) => Decision::Kms(wish.clone()),
        };
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
        let mut versions = EveryVersion::of(&bucket, &asked.prefix);
        let mut done = Rewrapped::default();
        let mut pace = Pace::of(asked.rate);
        while let Some(page) = versions.page(self).await? {
            done.seen += u64::try_from(page.len()).unwrap_or(u64::MAX);
            let mut chosen = Vec::new();
            for version in page {
                if let Err(error) = &version.record {
                    done.fail(&version, error);
                } else if self.chooses(&choice, &version) {
                    chosen.push(version);
                }
            }
            for group in chosen.chunks(AT_ONCE) {
                pace.wait(group.len()).await;
                // All at hand before the first is polled: a closure in the stream would keep the compiler from seeing that
                // this can go from thread to thread.
                let work: Vec<_> = group
                    .iter()
                    .map(|version| self.rewrap_found(asked, version, &decision))
                    .collect();
                let results: Vec<_> = stream::iter(work).buffered(AT_ONCE).collect().await;
                for (version, result) in group.iter().zip(results) {
                    match result {
                        Ok(()) => done.rewrapped += 1,
                        // Deleted meanwhile.
                        Err(Error::NoSuchKey(_) | Error::NoSuchVersion(..)) => {}
                        Err(error @ (Error::NoSuchBucket(_) | Error::Store(_) | Error::Audit(_))) => {
                            return Err(error);
                        }
                        Err(error) => done.fail(version, &error),
                    }
                }
                progress(&done);
            }
            progress(&done);
        }
        Ok(done)
    }

    async fn rewrap_found(
        &self,
        asked: &RewrapBucket,
        version: &StoredVersion,
        decision: &Decision,
    ) -> Result<()> {
        let name = version.name();
        self.rewrap_object(&asked.bucket, &version.object, Some(name), decision, true)
            .await
            .map(drop)
    }

    /// Whether a version is to be wrapped anew, and was not yet.
    fn chooses(&self, choice: &Choice<'_>, version: &StoredVersion) -> bool {
        let Some(content) = version.content() else {
            return false;
        };
        // What is damaged is chosen, so that it is told to have failed.
        let Ok(envelope) = Envelope::from_bytes(&content.envelope) else {
            return true;
        };
        match (&choice.from, envelope.mode()) {
            (From::S3, Mode::S3) => choice.to.is_some(),
            (From::Kms(from), Mode::Kms) => {
                let Some(kms) = &content.kms else { return true };
                let done = choice.to.as_ref().is_some_and(|(wish, (id, now))| {
                    envelope.outer_id() == id
                        && kms.bucket_key == wish.bucket_key
                        && kms.context == wish.context
                        && self.kms.version_of(&kms.wrapped) == *now
                });
                !done && from.as_ref().is_none_or(|id| envelope.outer_id() == id)
            }
            _ => false,
        }
    }
}

impl Rewrapped {
    fn fail(&mut self, version: &StoredVersion, error: &Error) {
        self.failures += 1;
        if self.failed.len() < MOST_NAMED {
            let name = version.name().to_string();
            self.failed
                .push((version.object.clone(), name, error.to_string()));
        }
    }
}
