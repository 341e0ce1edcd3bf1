//! Files that hold a secret which lets this server in at a service: a token, credentials, a PIN.

use crate::kms::error::Unavailable;
use crate::private;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

/// No token and no credentials are longer.
const MAX_BYTES: u64 = 64 * 1024;

/// Reads a secret, without the line break at its end. The file is read at each need, so that whoever renews secrets can
/// put another one in its place.
///
/// # Errors
/// In words for the operator that hold nothing of the file: it is not there, everybody may read it, or it is empty.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<String>, Unavailable> {
    let failed =
        |why: &dyn std::fmt::Display| Unavailable(format!("{} cannot be used: {why}", path.display()));
    let file = File::open(path).map_err(|error| failed(&error))?;
    private::must_be_readable(&file).map_err(|error| failed(&error))?;
    let metadata = file.metadata().map_err(|error| failed(&error))?;
    // Not 0600, as for keys: agents that fetch tokens write them for a group.
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o007 != 0 {
        return Err(failed(&format_args!(
            "everybody can read it (mode {mode:o}); run: chmod o= {}",
            path.display()
        )));
    }
    // Room at once: growing would leave copies behind that are not wiped.
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
