//! `strongroom keys list`.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use strongroom_keys::Listing;

use crate::settings::Settings;
use crate::store::keyring;

/// Shows the keys of the keyring as a table or as JSON.
pub(super) fn run(settings: &Settings, json: bool, output: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let list = keyring::open(settings)?.list()?;
    if json {
        serde_json::to_writer_pretty(&mut *output, &list)?;
        writeln!(output)?;
    } else {
        output.write_all(page(&settings.keyring, &list).as_bytes())?;
    }
    Ok(())
}

/// Formats the keys as tables.
pub(super) fn page(keyring: &Path, list: &Listing) -> String {
    // Writing into a String cannot fail.
    let mut page = format!("Keyring   {}\n", keyring.display());
    let _ = match &list.root {
        Some(root) => writeln!(page, "Root key  {}, fingerprint {}", root.kind, root.fingerprint),
        None => writeln!(
            page,
            "Root key  none: a version 1 keyring with keys in clear; the server encrypts it when it starts"
        ),
    };
    let mut masters = Table::new(["ID", "STATE", "FINGERPRINT", "CREATED"]);
    for key in &list.master {
        masters.row([
            key.id.clone(),
            key.state.to_string(),
            key.fingerprint.to_string(),
            key.created.to_string(),
        ]);
    }
    let _ = write!(page, "\nMaster keys\n{}", masters.text());
    let mut named = Table::new(["ID", "LABEL", "STATE", "VERSION", "FINGERPRINT", "CREATED"]);
    for key in &list.kms {
        for (version, nth) in key.versions.iter().zip(0..) {
            let first = |text: String| if nth == 0 { text } else { String::new() };
            named.row([
                first(key.id.clone()),
                first(key.label.clone()),
                first(key.state.to_string()),
                version.number.to_string(),
                version.fingerprint.to_string(),
                version.created.to_string(),
            ]);
        }
    }
    if !list.kms.is_empty() {
        let _ = write!(page, "\nNamed keys, for SSE-KMS\n{}", named.text());
    }
    page
}

/// Table whose columns are as wide as their widest cell.
struct Table<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    fn new(head: [&str; N]) -> Self {
        Self {
            rows: vec![head.map(str::to_owned)],
        }
    }

    fn row(&mut self, row: [String; N]) {
        self.rows.push(row);
    }

    fn text(&self) -> String {
        let width = |column: usize| self.rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
        let widths: [usize; N] = std::array::from_fn(width);
        let mut text = String::new();
        for row in &self.rows {
            let cells = row
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{cell:width$}"));
            let line = cells.collect::<Vec<_>>().join("  ");
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}
