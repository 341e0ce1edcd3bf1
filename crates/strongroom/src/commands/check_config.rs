//! `strongroom check-config`.

use std::error::Error;
use std::io::Write;

use crate::server::tls;
use crate::settings::{self, Loaded};

/// Shows the settings, and checks the files that they name.
pub(super) fn run(loaded: &Loaded, output: &mut impl Write) -> Result<(), Box<dyn Error>> {
    output.write_all(settings::report(loaded).as_bytes())?;
    tls::check(&loaded.settings)?;
    writeln!(output, "\nConfiguration OK.")?;
    Ok(())
}
