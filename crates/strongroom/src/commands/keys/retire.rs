//! `strongroom keys retire` and `revive`.

use std::error::Error;
use std::io::Write;

use strongroom_keys::Changed;
use strongroom_seal::SystemRandom;

use super::opening::open_to_change;
use crate::admin::command_event::CommandEvent;
use crate::settings::Settings;
use crate::store::same_store_flags;

/// Disables a named key, or retires a master key.
pub(super) fn retire(
    settings: &Settings,
    key: &str,
    random: &SystemRandom,
    output: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let (keyring, log) = open_to_change(settings, random, output)?;
    let changed = keyring.retire(key, random)?;
    let server = log.record(&CommandEvent::KeyRetired {
        id: changed.id().to_owned(),
    })?;
    match changed {
        Changed::Master { id } => writeln!(
            output,
            "The master key {id} is retired: it stays in the keyring, still decrypts what it wrapped, and never wraps again."
        )?,
        Changed::Named { id, label, .. } => writeln!(
            output,
            "The named key {id} ({label}) is disabled: objects encrypted with it can be neither read nor written until\n\
             it is enabled again:\n  \
             strongroom keys revive {id} {}",
            same_store_flags::flags(settings)
        )?,
    }
    Ok(output.write_all(server.report().as_bytes())?)
}

/// Enables a named key, or makes a retired master key active.
pub(super) fn revive(
    settings: &Settings,
    key: &str,
    random: &SystemRandom,
    output: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let (keyring, log) = open_to_change(settings, random, output)?;
    let changed = keyring.revive(key, random)?;
    let server = log.record(&CommandEvent::KeyRevived {
        id: changed.id().to_owned(),
    })?;
    match changed {
        Changed::Master { id } => {
            writeln!(
                output,
                "The master key {id} is active again: it decrypts what it wrapped."
            )?;
        }
        Changed::Named { id, label, .. } => {
            writeln!(output, "The named key {id} ({label}) is enabled again.")?;
        }
    }
    Ok(output.write_all(server.report().as_bytes())?)
}
