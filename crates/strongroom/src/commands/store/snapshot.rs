//! `strongroom snapshot`.

use std::io::Write;
use std::path::{Path, absolute};

use super::error::CommandError;
use crate::admin::client;
use crate::admin::jobs::snapshot::WriteSnapshot;
use crate::settings::Settings;
use crate::terminal::progress;

pub(super) fn run(
    settings: &Settings,
    directory: &Path,
    previous: Option<&Path>,
    output: &mut impl Write,
) -> Result<(), CommandError> {
    let job = WriteSnapshot {
        directory: absolute(directory)?,
        previous: previous.map(absolute).transpose()?,
    };
    let written = client::run_without_rows(settings, job)?;
    let commit = written
        .commit
        .map_or_else(String::new, |commit| format!(" up to commit {commit}"));
    Ok(writeln!(
        output,
        "Wrote the snapshot {}: everything{commit}, with {} blobs and {} in all files.\n\
         Keep the keyring and its root key, or a backup of them, elsewhere: the snapshot cannot be decrypted without them.",
        directory.display(),
        written.blobs,
        progress::bytes(written.bytes)
    )?)
}
