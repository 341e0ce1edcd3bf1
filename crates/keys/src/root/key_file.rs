//! Root keys in files of 32 bytes.

use crate::plain_key::key_of;
use crate::private::{self, ReadError};
use crate::root::error::RootError;
use std::path::Path;
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{OuterKey, Random};
use zeroize::Zeroizing;

const LENGTH: u64 = 32;

/// Reads the root key at `path`, which only its owner may read.
pub(crate) fn read(path: &Path) -> Result<OuterKey, RootError> {
    from_file(path, private::read(path, LENGTH))
}

/// Reads a root key that systemd passes to a service.
pub(crate) fn read_credential(path: &Path) -> Result<OuterKey, RootError> {
    from_file(path, private::read_any_mode(path, LENGTH))
}

/// Reads the root key at `path`, or creates one if there is none. Durable on return.
pub(crate) fn read_or_create(path: &Path, random: &dyn Random) -> Result<OuterKey, RootError> {
    match read(path) {
        Err(RootError::Missing(_)) => {}
        other => return other,
    }
    let key = OuterKey::generate(random)?;
    private::create(path, key.expose()).map_err(|source| RootError::Io {
        path: path.to_owned(),
        source,
    })?;
    Ok(key)
}

fn from_file(path: &Path, read: Result<Zeroizing<Vec<u8>>, ReadError>) -> Result<OuterKey, RootError> {
    let path = || path.to_owned();
    let bytes = read.map_err(|error| match error {
        ReadError::Missing => RootError::Missing(path()),
        ReadError::Exposed(mode) => RootError::Exposed { path: path(), mode },
        ReadError::Io(source) => RootError::Io { path: path(), source },
    })?;
    key_of(&bytes).ok_or_else(|| RootError::Length(path()))
}
