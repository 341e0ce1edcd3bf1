//! Paths in settings.

use std::path::{Path, PathBuf};

use super::error::SettingsError;
use super::layered::Layered;

/// Returns `path` as seen from `directory`, without `.` components. Does not access the file system, so the path need
/// not exist.
pub(super) fn absolute(directory: &Path, path: &Path) -> PathBuf {
    directory.join(path).components().collect()
}

/// Rejects empty paths in the layer of the table `table`.
pub(super) fn must_not_be_empty(layer: &mut impl Layered, table: &str) -> Result<(), SettingsError> {
    let mut empty = None;
    layer.each(table, &mut |name, slot| {
        if slot.is_empty_path() {
            empty.get_or_insert_with(|| name.to_owned());
        }
    });
    empty.map_or(Ok(()), |name| Err(SettingsError::EmptyPath(name)))
}
