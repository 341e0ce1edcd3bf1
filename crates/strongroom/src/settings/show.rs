//! Texts of values, as `check-config` shows them.

use std::fmt::Display;
use std::path::PathBuf;

pub(super) fn joined<T: Display>(items: &[T]) -> String {
    if items.is_empty() {
        return "none".to_owned();
    }
    let items: Vec<_> = items.iter().map(ToString::to_string).collect();
    items.join(", ")
}

pub(super) fn text(given: Option<&String>) -> String {
    given.cloned().unwrap_or_else(|| "none".to_owned())
}

pub(super) fn path(given: Option<&PathBuf>) -> String {
    given.map_or_else(|| "none".to_owned(), |path| path.display().to_string())
}
