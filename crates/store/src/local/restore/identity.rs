//! Id and timeline of a store that is restored: from its format file, or from its log if that file is damaged.

use crate::error::{Result, StoreError};
use crate::id::{StoreId, Timeline};
use crate::local::format::{BadFormat, Format};
use crate::local::layout::Layout;
use crate::local::log;
use std::fs;

/// Reads the format file of a store or snapshot.
///
/// # Errors
/// [`StoreError::Damaged`], [`StoreError::Failed`].
pub(super) fn read(store: &Layout) -> Result<Format> {
    let text = fs::read(store.format())
        .map_err(|error| StoreError::failed(format!("reading {}", store.format().display()), error))?;
    let what = || format!("the store {}", store.path().display());
    Format::parse(&text).map_err(|bad| StoreError::damaged(what(), bad.to_string()))
}

/// Returns id and timeline of a store, from the segments of its log if its format file is damaged or missing and all of
/// them name the id `noted`. The second value describes that damage.
///
/// # Errors
/// Those of [`read`], if the log does not help.
pub(super) fn read_or_infer(store: &Layout, noted: Option<StoreId>) -> Result<(Format, Option<String>)> {
    let refused = match read(store) {
        Ok(format) => return Ok((format, None)),
        Err(refused) => refused,
    };
    // A whole file of another version is not damage.
    let is_other =
        fs::read(store.format()).is_ok_and(|text| matches!(Format::parse(&text), Err(BadFormat::Other(_))));
    match log::origin(&store.log()) {
        Ok(Some(origin)) if Some(StoreId(origin.store)) == noted && !is_other => {
            let format = Format {
                id: StoreId(origin.store),
                timeline: Timeline(origin.timeline),
            };
            let damage = format!("{refused}; id and timeline were taken from the log");
            Ok((format, Some(damage)))
        }
        _ => Err(refused),
    }
}
