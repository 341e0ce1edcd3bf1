//! Output shared by several commands on keys.

use std::io::{self, Write};

use crate::clock;
use crate::settings::Settings;
use crate::store::same_store_flags;

/// Warns that existing backups lack the new key.
pub(super) fn backups_are_old(settings: &Settings, output: &mut impl Write) -> io::Result<()> {
    writeln!(
        output,
        "Existing backups do not contain it. To make a new one:\n  {}",
        export_command(&same_store_flags::flags(settings))
    )
}

/// Returns the command that makes a backup in a file that most likely does not exist yet.
pub(super) fn export_command(flags: &str) -> String {
    format!(
        "strongroom keys export-backup keyring-{}.backup {flags}",
        clock::system().date()
    )
}

/// Formats a count with its noun: `1 master key`, `2 master keys`.
pub(super) fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
