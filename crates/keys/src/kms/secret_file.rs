//! Files with a secret that authenticates this server to a service: a token, credentials, a PIN.

use crate::kms::error::Unavailable;
use crate::private;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

/// Maximum length in bytes; no token and no credentials are longer.
const MAX_BYTES: u64 = 64 * 1024;

/// Reads a secret, without the line break at its end. The file is read for each use, so that it can be replaced when
/// secrets are renewed.
///
/// # Errors
/// The file does not exist, is readable by everybody, or is empty; in words for the operator, without any text of the
/// file.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<String>, Unavailable> {
    let failed =
        |why: &dyn std::fmt::Display| Unavailable(format!("{} cannot be used: {why}", path.display()));
    let file = File::open(path).map_err(|error| failed(&error))?;
    private::must_be_readable(&file).map_err(|error| failed(&error))?;
    let metadata = file.metadata().map_err(|error| failed(&error))?;
    // Unlike for keys, not 0600: agents that fetch tokens write them for a group.
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o007 != 0 {
        return Err(failed(&format_args!(
            "everybody can read it (mode {mode:o}); run: chmod o= {}",
            path.display()
        )));
    }
    // Allocates all at once: growing would leave copies behind that are not wiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(
        usize::try_from(MAX_BYTES + 1).unwrap_or_default(),
    ));
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(&error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(failed(&"it is too long"));
    }
    let text = str::from_utf8(&bytes).map_err(|_| failed(&"it is not text"))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(failed(&"it is empty"));
    }
    Ok(Zeroizing::new(text.to_owned()))
}
