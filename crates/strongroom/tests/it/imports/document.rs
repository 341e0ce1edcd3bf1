//! The tables of ARCHITECTURE.md.

use std::collections::BTreeMap;

/// Returns the layer of each crate: rows such as "| 3 | `engine` | ... |".
pub(super) fn layers(document: &str) -> BTreeMap<String, usize> {
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        let layer = cells.next()?.parse().ok()?;
        Some((quoted(cells.next()?)?, layer))
    };
    document.lines().filter_map(row).collect()
}

/// Returns the modules of a crate in their order: rows such as "| `model` | ... |" below the heading "### `crates/engine`".
pub(super) fn modules(document: &str, name: &str) -> Vec<String> {
    let heading = format!("### `crates/{name}`");
    let below = document
        .lines()
        .skip_while(|line| !line.starts_with(&heading))
        .skip(1);
    let section = below.take_while(|line| !line.starts_with('#'));
    section
        .filter_map(|line| quoted(line.strip_prefix("| ")?))
        .collect()
}

/// Returns the text between the backquotes that a table's cell begins with.
fn quoted(cell: &str) -> Option<String> {
    let (text, _) = cell.strip_prefix('`')?.split_once('`')?;
    Some(text.to_owned())
}
