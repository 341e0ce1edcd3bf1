//! `strongroom keys reseal`: encrypts the keyring with another root key.

use std::error::Error;
use std::io::Write;

use strongroom_keys::Keyring;
use strongroom_seal::SystemRandom;

use super::opening::open_keyring_to_change;
use crate::admin::command_event::CommandEvent;
use crate::admin::command_log::CommandLog;
use crate::settings::{PassphraseFrom, Root, RootLayer, Settings};
use crate::store::keyring::{self, OpenError};
use crate::store::passphrase::Times;
use crate::store::root_key::{self, RootKeyError};

/// The new root key is not available; the keyring itself is not at fault.
#[derive(Debug, thiserror::Error)]
#[error("the new root key is not available; the keyring is unchanged")]
struct NoNewRoot(#[source] RootKeyError);

/// Encrypts the keyring with the root key that `to` selects.
pub(super) fn run(
    settings: &Settings,
    to: RootLayer,
    random: &SystemRandom,
    output: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let to = to.complete(&std::env::current_dir()?, &settings.keyring, &settings.kms)?;
    let keyring = open_keyring_to_change(settings, random, output)?;
    let directory = settings.credentials_directory.as_ref();
    let instead = "set --to-passphrase-file or --to-passphrase-credential";
    let (kms, keyring_file) = (&settings.kms, &settings.keyring);
    let root = root_key::of(&to, kms, keyring_file, directory, Times::Twice, instead).map_err(NoNewRoot)?;
    let log = CommandLog::open(settings)?;
    keyring::wait_for(async {
        keyring.reseal(&root, random).await?;
        // Read the keyring with the new settings, as the server will.
        Keyring::read_with(&settings.keyring, &root).await
    })
    .map_err(OpenError::from)??;
    log.record(&CommandEvent::KeyringResealed {})?;
    let before = &settings.root;
    writeln!(
        output,
        "The keyring {} is now encrypted with another root key ({}); decrypting it with that key was tested.\n\
         Add to the settings:\n\n{}\n\
         and restart the server: until then it keeps the keys it has and does not load changes.\n\
         The previous root key ({}) only decrypts older copies of the keyring: destroy it, or those copies.",
        settings.keyring.display(),
        root_key::describe(&to),
        setting_lines(&to),
        root_key::describe(before),
    )?;
    Ok(())
}

/// Returns the lines of the settings file that select a root key.
pub(super) fn setting_lines(root: &Root) -> String {
    let mut lines = format!("  [root]\n  source = \"{}\"\n", root.source().word());
    let mut line = |name: &str, value: String| {
        lines.push_str("  ");
        lines.push_str(name);
        lines.push_str(" = ");
        lines.push_str(&toml::Value::String(value).to_string());
        lines.push('\n');
    };
    match root {
        Root::File(path) => line("file", path.display().to_string()),
        Root::Credential(name) => line("credential", name.to_string()),
        Root::Passphrase(PassphraseFrom::Terminal) => {}
        Root::Passphrase(PassphraseFrom::File(path)) => line("passphrase_file", path.display().to_string()),
        Root::Passphrase(PassphraseFrom::Credential(name)) => line("passphrase_credential", name.to_string()),
        Root::Token(token) => {
            line("pkcs11_module", token.module.display().to_string());
            if let Some(label) = &token.token {
                line("pkcs11_token", label.clone());
            }
            line("pkcs11_key", token.key.clone());
            line("pkcs11_pin_file", token.pin_file.display().to_string());
        }
        Root::Kms(key) => line("kms_key", key.clone()),
    }
    lines
}
