//! `strongroom bucket shred`.

use std::error::Error;
use std::io::Write;

use crate::admin::client;
use crate::admin::jobs::shred::Shred;
use crate::commands::confirm::{self, Action};
use crate::settings::Settings;
use crate::terminal::printable::printable;

/// Deletes a bucket's key, and the bucket. `yes` is the name again; without it the user is asked at the terminal.
pub(super) fn run(
    settings: &Settings,
    bucket: String,
    yes: Option<&str>,
    with_locked: bool,
    output: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    confirm::by_flag_or_terminal(&Action::shred(&bucket), yes)?;
    let name = printable(&bucket).into_owned();
    client::run_without_rows(settings, Shred { bucket, with_locked })?;
    Ok(writeln!(
        output,
        "The bucket {name} and its key are deleted. Its files are removed from the disk within minutes."
    )?)
}
