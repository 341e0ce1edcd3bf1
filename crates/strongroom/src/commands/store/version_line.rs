//! Line of output about a version of an object.

use std::io::{self, Write};

use crate::admin::about_version::AboutVersion;
use crate::terminal::printable::printable;

/// Writes the line of a version that has a problem.
pub(super) fn version_line(word: &str, version: &AboutVersion, output: &mut impl Write) -> io::Result<()> {
    writeln!(
        output,
        "{word}  {}/{}  version {}: {}",
        printable(&version.bucket),
        printable(&version.key),
        printable(&version.version),
        version.what
    )
}
