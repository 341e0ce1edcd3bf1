//! DELETE of an object. Needs no key: who may write may delete.

use crate::record::key;
use crate::rows::OBJECTS;
use crate::start::FIRST_GENERATION;
use crate::{Engine, Error, Result};
use strongroom_store::CommitRefused;

/// As for PUT: each round one of the other writers wins.
const TRIES: usize = 1024;

impl Engine {
    /// Deletes an object. One that is not there is a success. Its envelope goes with the commit: once the
    /// index has no old copy of it left, nobody can open the blob any more.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::Contended`], [`Error::Store`].
    pub async fn delete_object(&self, bucket: &str, object: &str) -> Result<()> {
        let bucket = self.bucket(bucket).await?;
        for _ in 0..TRIES {
            let Some(found) = self.current(&bucket, object).await? else {
                return Ok(());
            };
            let mut batch = self.rows.batch(bucket.id, FIRST_GENERATION);
            let replaced = self.replace(&mut batch, &bucket, object, Some(&found)).await?;
            batch.delete(key::current(object));
            batch.count(OBJECTS, -1);
            let _notice = replaced.then(|| self.collector.notice(bucket.id));
            match batch.commit().await? {
                Ok(()) => return Ok(()),
                Err(CommitRefused::Check(_)) => {}
                Err(CommitRefused::Generation) => {
                    self.forget_bucket(&bucket).await?;
                    return Err(Error::NoSuchBucket(bucket.name.clone()));
                }
            }
        }
        Err(Error::Contended)
    }
}
