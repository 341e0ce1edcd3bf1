//! Sentences that several commands on keys print.

use std::io::{self, Write};

use crate::clock;
use crate::settings::Settings;
use crate::store::same_store_flags;

/// That backups lack a key which was made just now.
pub(super) fn backups_are_old(settings: &Settings, output: &mut impl Write) -> io::Result<()> {
    writeln!(
        output,
        "Backups made before do not hold it. To make a new one:\n  {}",
        export_command(&same_store_flags::flags(settings))
    )
}

/// The command that makes a backup, in a file that is most likely not there yet.
pub(super) fn export_command(place: &str) -> String {
    format!(
        "strongroom keys export-backup keyring-{}.backup {place}",
        clock::system().date()
    )
}

/// `1 master key`, `2 master keys`.
pub(super) fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
