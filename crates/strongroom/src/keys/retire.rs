//! `strongroom keys retire` and `revive`.

use std::error::Error;
use std::io::Write;

use strongroom_keys::Changed;
use strongroom_seal::SystemRandom;

use super::UNLESS_RESEALED;
use crate::admin::Noted;
use crate::place;
use crate::settings::Settings;

/// Disables a named key, or retires a master key.
pub(super) fn retire(
    settings: &Settings,
    key: &str,
    random: &SystemRandom,
    output: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let (keyring, log) = super::open_to_change(settings, random, output)?;
    let changed = keyring.retire(key, random)?;
    log.note(&Noted::KeyRetired {
        id: changed.id().to_owned(),
    })?;
    match changed {
        Changed::Master { id } => writeln!(
            output,
            "The master key {id} is retired: it opens what it wrapped, and never wraps again. It stays in the keyring."
        )?,
        Changed::Named { id, label, .. } => writeln!(
            output,
            "The named key {id} ({label}) is disabled: within seconds a server that runs refuses what is sealed by it, to\n\
             read and to write, until it is enabled again:\n  \
             strongroom keys revive {id} {}\n\
             {UNLESS_RESEALED}",
            place::flags(settings)
        )?,
    }
    Ok(())
}

/// Enables a named key, or makes a retired master key an active one.
pub(super) fn revive(
    settings: &Settings,
    key: &str,
    random: &SystemRandom,
    output: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let (keyring, log) = super::open_to_change(settings, random, output)?;
    let changed = keyring.revive(key, random)?;
    log.note(&Noted::KeyRevived {
        id: changed.id().to_owned(),
    })?;
    match changed {
        Changed::Master { id } => {
            writeln!(
                output,
                "The master key {id} is active again: it opens what it wrapped."
            )?;
        }
        Changed::Named { id, label, .. } => {
            writeln!(output, "The named key {id} ({label}) is enabled again.")?;
        }
    }
    Ok(())
}
