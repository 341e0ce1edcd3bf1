//! `strongroom key fingerprint`: shows the fingerprint of a key, as the console does.

use std::io::{self, Write};
use std::path::Path;

use super::file::{self, KeyFileError};

/// Reasons why no fingerprint was shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FingerprintError {
    #[error(transparent)]
    File(#[from] KeyFileError),
    #[error("cannot write the output")]
    Output(#[source] io::Error),
}

/// Shows the fingerprint of the key in `file`.
pub(crate) fn run(file: &Path, output: &mut impl Write) -> Result<(), FingerprintError> {
    let key = file::read(file)?;
    writeln!(output, "{}", key.fingerprint()).map_err(FingerprintError::Output)
}
