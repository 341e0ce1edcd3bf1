//! `strongroom keys new` and `rename`: named keys and their labels.

use std::error::Error;
use std::io::Write;

use strongroom_keys::{Changed, Listing};
use strongroom_seal::SystemRandom;

use super::opening::open_to_change;
use super::wording::backups_are_old;
use crate::admin::noted::Noted;
use crate::clock;
use crate::settings::Settings;

/// Makes a named key.
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
        let server = log.note(&Noted::KeyMade { id: id.clone() })?;
        write!(
            output,
            "Made the named key {id} with the label {label}, for requests with SSE-KMS that name {id}, {label} or\n\
             alias/{label}.\n\
             {}",
            server.told()
        )?;
        backups_are_old(settings, output)?;
    }
    Ok(())
}

/// Gives a named key another label.
pub(super) fn rename(
    settings: &Settings,
    key: &str,
    label: &str,
    random: &SystemRandom,
    output: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let (keyring, log) = open_to_change(settings, random, output)?;
    if let Changed::Named { id, label, .. } = keyring.rename(key, label, random)? {
        let server = log.note(&Noted::KeyRenamed { id: id.clone() })?;
        write!(
            output,
            "The named key {id} has the label {label} now. Objects name it by its id, so they open as before.\n\
             {}",
            server.told()
        )?;
    }
    Ok(())
}

/// The first of `key-1`, `key-2` … that no key has.
pub(super) fn free_label(list: &Listing) -> String {
    let is_free = |label: &String| list.kms.iter().all(|key| key.label != *label);
    let mut labels = (1..=list.kms.len() + 1).map(|number| format!("key-{number}"));
    // Of so many labels, not all can be taken.
    labels.find(is_free).unwrap_or_default()
}
