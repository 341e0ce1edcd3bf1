//! Rules for rows that all stores share.

use crate::error::{Result, StoreError};
use crate::index::{Commit, Counter, Write};

/// Maximum length of a key in bytes: a size that a RADOS omap stores without problems.
const MAX_KEY_BYTES: usize = 4096;

/// Reason why a key cannot be stored.
#[derive(Debug, thiserror::Error)]
enum BadKey {
    #[error("the key has {0} bytes; the maximum is {MAX_KEY_BYTES}")]
    TooLong(usize),
    #[error("the key contains a zero byte")]
    Nul,
}

/// Refuses keys that one of the stores cannot store, so that all of them behave alike.
pub(crate) fn check_keys(commit: &Commit) -> Result<()> {
    for write in &commit.writes {
        let (Write::Put(key, _) | Write::Delete(key)) = write;
        let bad = if key.len() > MAX_KEY_BYTES {
            BadKey::TooLong(key.len())
        } else if key.contains(&0) {
            BadKey::Nul
        } else {
            continue;
        };
        return Err(StoreError::failed("checking the keys of a commit", bad));
    }
    Ok(())
}

/// Adds to a counter. An overflow fails the commit instead of wrapping around.
pub(crate) fn add(counter: Counter, before: i64, amount: i64) -> Result<i64> {
    before.checked_add(amount).ok_or_else(|| {
        StoreError::failed(
            format!("adding to the counter {}", counter.0),
            "it would overflow 64 bits",
        )
    })
}
