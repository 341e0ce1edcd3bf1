//! The check of a history while the store is open.

use crate::authenticator::Authenticator;
use crate::error::Result;
use crate::local::io_error::failed;
use crate::local::layout::Layout;
use crate::local::log::{self, Origin};
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// Checks the segments of the history, and those of the log to which nothing is appended any more: that they are whole and
/// continue one another. Succeeds if no history is kept.
///
/// Deleted blobs are not checked: their rows are gone. A restore checks those that it needs.
///
/// # Errors
/// [`crate::StoreError::Damaged`] names the file, the place and what is missing.
pub(in crate::local) fn check(
    layout: &Layout,
    origin: Origin,
    authenticator: &dyn Authenticator,
) -> Result<()> {
    loop {
        let doing = || format!("reading the history {}", layout.history().display());
        let segments = segments(layout).map_err(|error| failed(doing(), error))?;
        let checked = log::verify_closed(&segments, origin, authenticator);
        // Meanwhile a segment may have moved from the log to the history, or have been discarded.
        let is_current = segments.iter().all(|(_, path)| path.exists());
        if checked.is_ok() || is_current {
            return checked;
        }
    }
}

/// Returns all segments with their ordinals, oldest first; none if no history is kept.
fn segments(layout: &Layout) -> io::Result<Vec<(u64, PathBuf)>> {
    if !layout.history_log().is_dir() {
        return Ok(Vec::new());
    }
    let mut segments = BTreeMap::new();
    // The log first: a segment that moves between the two listings is then in one of them at least.
    for directory in [layout.log(), layout.history_log()] {
        for ordinal in log::ordinals(&directory)? {
            segments.insert(ordinal, log::segment_path(&directory, ordinal));
        }
    }
    Ok(segments.into_iter().collect())
}
