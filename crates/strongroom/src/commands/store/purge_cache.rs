//! `strongroom kms purge-cache`.

use std::io::Write;

use super::error::CommandError;
use crate::admin::client;
use crate::admin::jobs::purge_cache::PurgeCache;
use crate::settings::Settings;

pub(super) fn run(settings: &Settings, output: &mut impl Write) -> Result<(), CommandError> {
    match client::run_on_server(settings, &PurgeCache {})? {
        None => writeln!(
            output,
            "No server runs on {}: there is no cache to purge.",
            settings.data_dir.display()
        )?,
        Some(_) => writeln!(
            output,
            "Unwrapped keys of the key management service are removed from the cache; running requests keep theirs."
        )?,
    }
    Ok(())
}
