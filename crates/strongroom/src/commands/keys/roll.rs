//! `strongroom keys roll`: creates a new master key, or a new version of a named key.

use std::error::Error;
use std::io::Write;

use strongroom_keys::{Changed, Keyring};
use strongroom_seal::SystemRandom;

use super::opening::open_to_change;
use super::wording::backups_are_old;
use crate::admin::command_event::CommandEvent;
use crate::admin::command_log::CommandLog;
use crate::clock;
use crate::settings::Settings;
use crate::store::same_store_flags;

/// Rolls the named key `key`. `None`: rolls the master key.
pub(super) fn run(
    settings: &Settings,
    key: Option<&str>,
    random: &SystemRandom,
    output: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let (keyring, log) = open_to_change(settings, random, output)?;
    match key {
        Some(key) => named(&keyring, log, key, random, output)?,
        None => master(settings, &keyring, log, random, output)?,
    }
    Ok(backups_are_old(settings, output)?)
}

fn master(
    settings: &Settings,
    keyring: &Keyring,
    log: CommandLog<'_>,
    random: &SystemRandom,
    output: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let before = keyring.current_id()?;
    let created = keyring.roll(clock::system(), random)?;
    let server = log.record(&CommandEvent::KeyRolled { id: created.clone() })?;
    write!(
        output,
        "Created the master key {created}. It is now the current one and wraps the keys of buckets created from now on.\n\
         {}\
         Keys wrapped by {before} decrypt as before. To rewrap them under {created}:\n  \
         strongroom bucket rewrap-keys {}\n\
         Until then {before} must be kept, and also as long as older copies of the store may be needed.\n",
        server.report(),
        same_store_flags::flags(settings)
    )?;
    Ok(())
}

fn named(
    keyring: &Keyring,
    log: CommandLog<'_>,
    key: &str,
    random: &SystemRandom,
    output: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    if let Changed::Named { id, label, version } = keyring.roll_named(key, clock::system(), random)? {
        let server = log.record(&CommandEvent::KeyRolled { id: id.clone() })?;
        write!(
            output,
            "Created version {version} of the named key {id} ({label}), which wraps from now on; data wrapped by older\n\
             versions is unchanged and decrypts as before.\n\
             {}",
            server.report()
        )?;
    }
    Ok(())
}
