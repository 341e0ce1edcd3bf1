//! Opens the keyring for commands that change it.

use std::error::Error;
use std::io::Write;

use strongroom_keys::Keyring;
use strongroom_seal::SystemRandom;

use crate::admin::command_log::CommandLog;
use crate::settings::Settings;
use crate::store::keyring::{self, Origin};
use crate::store::open::must_not_be_anothers;
use crate::store::root_key;

/// Opens the keyring for a change, and the audit log for the event.
pub(super) fn open_to_change<'a>(
    settings: &'a Settings,
    random: &SystemRandom,
    output: &mut impl Write,
) -> Result<(Keyring, CommandLog<'a>), Box<dyn Error>> {
    let keyring = open_keyring_to_change(settings, random, output)?;
    Ok((keyring, CommandLog::open(settings)?))
}

/// Opens the keyring for a change, and reports if it was encrypted for that.
pub(super) fn open_keyring_to_change(
    settings: &Settings,
    random: &SystemRandom,
    output: &mut impl Write,
) -> Result<Keyring, Box<dyn Error>> {
    must_not_be_anothers(settings)?;
    let opened = keyring::open_to_change(settings, random)?;
    if opened.origin == Origin::Upgraded {
        writeln!(
            output,
            "The keyring stored its keys in clear and is now encrypted with a root key ({}).\n\
             Older copies of it still decrypt everything.\n",
            root_key::describe(&settings.root)
        )?;
    }
    Ok(opened.keyring)
}
