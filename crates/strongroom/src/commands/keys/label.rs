//! `strongroom keys new` and `rename`: named keys and their labels.

use std::error::Error;
use std::io::Write;

use strongroom_keys::{Changed, Listing};
use strongroom_seal::SystemRandom;

use super::opening::open_to_change;
use super::wording::backups_are_old;
use crate::admin::command_event::CommandEvent;
use crate::clock;
use crate::settings::Settings;

/// Creates a named key.
pub(super) fn new(
    settings: &Settings,
    label: Option<String>,
    random: &SystemRandom,
    output: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let (keyring, log) = open_to_change(settings, random, output)?;
    let label = match label {
        Some(label) => label,
        None => free_label(&keyring.list()?),
    };
    if let Changed::Named { id, label, .. } = keyring.add_named(&label, clock::system(), random)? {
        let server = log.record(&CommandEvent::KeyCreated { id: id.clone() })?;
        write!(
            output,
            "Created the named key {id} with the label {label}. SSE-KMS requests can name it as {id}, {label} or\n\
             alias/{label}.\n\
             {}",
            server.report()
        )?;
        backups_are_old(settings, output)?;
    }
    Ok(())
}

/// Changes the label of a named key.
pub(super) fn rename(
    settings: &Settings,
    key: &str,
    label: &str,
    random: &SystemRandom,
    output: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let (keyring, log) = open_to_change(settings, random, output)?;
    if let Changed::Named { id, label, .. } = keyring.rename(key, label, random)? {
        let server = log.record(&CommandEvent::KeyRenamed { id: id.clone() })?;
        write!(
            output,
            "The named key {id} now has the label {label}. Objects refer to its id, so they decrypt as before.\n\
             {}",
            server.report()
        )?;
    }
    Ok(())
}

/// Returns the first of `key-1`, `key-2` … that no key uses.
pub(super) fn free_label(list: &Listing) -> String {
    let is_free = |label: &String| list.kms.iter().all(|key| key.label != *label);
    let mut labels = (1..=list.kms.len() + 1).map(|number| format!("key-{number}"));
    // There is one more candidate than there are keys, so one is free.
    labels.find(is_free).unwrap_or_default()
}
