//! `strongroom bucket rewrap-keys`.

use std::io::Write;

use super::error::CommandError;
use crate::admin::client;
use crate::admin::jobs::rewrap_keys::RewrapKeys;
use crate::settings::Settings;

pub(super) fn run(settings: &Settings, output: &mut impl Write) -> Result<(), CommandError> {
    let done = client::run_without_rows(settings, RewrapKeys {})?;
    Ok(writeln!(
        output,
        "{} keys are under the master key {}: {} were rewrapped, the others already were.\n\
         These are the keys of the buckets, the store's own key and that of the root credentials. Older master keys are\n\
         now needed only for older copies of the store.",
        done.keys, done.master, done.rewrapped
    )?)
}
