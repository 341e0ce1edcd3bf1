//! A backup of a keyring: its keys, encrypted under a passphrase, as a text that can be printed and typed in again.
//!
//! ```text
//! 0    1    suite
//! 1    12   memory in KiB, passes, lanes of argon2id: 4 bytes each
//! 13   16   salt of argon2id
//! 29   116  envelope, mode 22: the key derived with argon2id wraps the key of this backup
//! 145       the keys: CBOR, sealed under the key of this backup like a value of the index
//! ```

use crate::backup::error::BackupError;
use crate::backup::record::BackedUp;
use crate::keyring::Keyring;
use crate::keyring::content::Content;
use crate::keyring::list::Listing;
use crate::passphrase::{Derivation, Passphrase};
use std::collections::BTreeSet;
use strongroom_seal::keyring::Fingerprint;
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{Envelope, Mode, Place, Random, RowSeal, StoreKey, Suite};
use time::OffsetDateTime;
use zeroize::Zeroizing;

pub(crate) mod error;
mod print;
mod record;
mod restore;

#[cfg(test)]
mod tests;

const MEMORY_AT: usize = 1;
const PASSES_AT: usize = 5;
const LANES_AT: usize = 9;
const SALT_AT: usize = 13;
const ENVELOPE_AT: usize = 29;
const KEYS_AT: usize = ENVELOPE_AT + 116;
/// Row that the keys are sealed for, so that they cannot be opened as anything else.
const ROW: &[u8] = b"keyring-backup";
const PARTITION: [u8; 16] = [0; 16];

/// The keys of a keyring and the envelope of the store's key, read from a backup.
pub struct Backup {
    inside: BackedUp,
}

/// Differences between the keys of a backup and those of a keyring. Master keys are named by their id, versions of
/// named keys by `ID/NUMBER`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Keys of the keyring that are not in the backup.
    pub missing: Vec<String>,
    /// Keys of the backup that are not in the keyring.
    pub foreign: Vec<String>,
}

impl Keyring {
    /// Returns a backup of all keys as text, encrypted under `passphrase`: those of the keyring, and the envelope of the
    /// store's key, which is in the store. The root key is not included.
    ///
    /// # Errors
    /// [`BackupError::Passphrase`] if the passphrase is too short; [`BackupError::Seal`].
    pub fn export(
        &self,
        passphrase: &Passphrase,
        store_key: Option<&[u8]>,
        now: OffsetDateTime,
        random: &dyn Random,
    ) -> Result<String, BackupError> {
        passphrase.must_be_long()?;
        let snapshot = self.snapshot();
        let plain = record::encode(&snapshot.content, store_key).map_err(BackupError::Damaged)?;
        let bytes = seal(&plain, passphrase, &Derivation::new(random)?, random)?;
        Ok(print::text(&bytes, &self.list()?, now))
    }
}

impl Backup {
    /// Checks that the text of a backup is intact, without its passphrase.
    ///
    /// # Errors
    /// [`BackupError::NotABackup`], [`BackupError::Line`], [`BackupError::Missing`], [`BackupError::Checksum`].
    pub fn check(text: &str) -> Result<(), BackupError> {
        print::read(text).map(|_| ())
    }

    /// Opens the text of a backup.
    ///
    /// # Errors
    /// All of [`BackupError`] except [`BackupError::Keyring`].
    pub fn open(text: &str, passphrase: &Passphrase) -> Result<Self, BackupError> {
        let bytes = print::read(text)?;
        let inside = open(&bytes, passphrase)?;
        Ok(Self { inside })
    }

    /// Returns the id of the store that the keyring belonged to. `None`: it was never used.
    pub fn store(&self) -> Option<[u8; 16]> {
        self.inside.content.stores.last().copied()
    }

    /// Returns the envelope of the store's key. `None`: the store was not at hand when the backup was written.
    pub fn store_key(&self) -> Option<&[u8]> {
        self.inside.store_key.as_deref()
    }

    /// Lists the keys in the backup.
    ///
    /// # Errors
    /// None that an opened backup can cause.
    pub fn list(&self) -> Result<Listing, BackupError> {
        Ok(Listing::of(&self.inside.content, None)?)
    }

    /// Compares the keys of the backup with those of `keyring`.
    ///
    /// # Errors
    /// None that an opened backup can cause.
    pub fn compare(&self, keyring: &Keyring) -> Result<Comparison, BackupError> {
        let (here, there) = (keys_of(&self.list()?), keys_of(&keyring.list()?));
        let names = |keys: &mut dyn Iterator<Item = &(String, Fingerprint)>| -> Vec<String> {
            keys.map(|(name, _)| name.clone()).collect()
        };
        Ok(Comparison {
            missing: names(&mut there.difference(&here)),
            foreign: names(&mut here.difference(&there)),
        })
    }

    /// Converts the backup to a keyring without a file. It opens data wrapped by its keys and cannot be changed.
    pub fn into_keyring(self) -> Keyring {
        Keyring::without_file(self.inside.content)
    }

    pub(crate) fn content(&self) -> &Content {
        &self.inside.content
    }
}

fn keys_of(list: &Listing) -> BTreeSet<(String, Fingerprint)> {
    let masters = list.master.iter().map(|key| (key.id.clone(), key.fingerprint));
    let named = list.kms.iter().flat_map(|key| {
        let versions = key.versions.iter();
        versions.map(|version| (format!("{}/{}", key.id, version.number), version.fingerprint))
    });
    masters.chain(named).collect()
}

fn seal(
    plain: &[u8],
    passphrase: &Passphrase,
    derivation: &Derivation,
    random: &dyn Random,
) -> Result<Vec<u8>, BackupError> {
    let key = StoreKey::generate(random)?;
    let outer = passphrase.key(derivation)?;
    let envelope = Envelope::wrap(&outer, "", &key, Mode::Backup, Place::STORE, random)?;
    let sealed = RowSeal::new(&key).seal(PARTITION, ROW, plain, random)?;

    let mut bytes = Vec::with_capacity(KEYS_AT + sealed.len());
    bytes.push(Suite::One as u8);
    for number in [derivation.memory, derivation.passes, derivation.lanes] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    bytes.extend_from_slice(&derivation.salt);
    bytes.extend_from_slice(envelope.as_bytes());
    bytes.extend_from_slice(&sealed);
    Ok(bytes)
}

fn open(bytes: &[u8], passphrase: &Passphrase) -> Result<BackedUp, BackupError> {
    let short = || BackupError::Damaged("it is too short");
    Suite::read(*bytes.first().ok_or_else(short)?)?;
    let (head, sealed) = bytes.split_at_checked(KEYS_AT).ok_or_else(short)?;
    let derivation = Derivation {
        memory: number(head, MEMORY_AT),
        passes: number(head, PASSES_AT),
        lanes: number(head, LANES_AT),
        salt: array(head, SALT_AT),
    };
    let outer = passphrase.key(&derivation)?;
    let envelope = Envelope::from_bytes(&head[ENVELOPE_AT..])?;
    if envelope.mode() != Mode::Backup {
        return Err(BackupError::Damaged("its envelope has another purpose"));
    }
    let key: StoreKey = envelope.open(&outer, Place::STORE).map_err(|error| match error {
        strongroom_seal::Error::WrongKey => BackupError::OtherPassphrase,
        other => other.into(),
    })?;
    let plain = Zeroizing::new(RowSeal::new(&key).open(PARTITION, ROW, sealed)?);
    record::decode(&plain).map_err(BackupError::Damaged)
}

/// Returns the four bytes at `at` of a head that is long enough.
fn number(head: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(array(head, at))
}

fn array<const N: usize>(head: &[u8], at: usize) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&head[at..at + N]);
    bytes
}
