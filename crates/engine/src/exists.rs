//! Whether there is an object, for those who need not open it.

use crate::record::{Facts, key};
use crate::{Engine, Error, Result};

impl Engine {
    /// Fails unless there is an object of this key. Needs no key of a customer's.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::NoSuchKey`], [`Error::Store`].
    pub async fn expect_object(&self, bucket: &str, key: &str) -> Result<()> {
        let bucket = self.bucket(bucket).await?;
        let found = self.rows.get::<Facts>(bucket.id, &key::current(key)).await?;
        found.map(drop).ok_or_else(|| Error::NoSuchKey(key.to_owned()))
    }
}
