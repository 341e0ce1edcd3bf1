//! `strongroom check-config`.

use std::io::{self, Write};

use self::files::Fault;
use crate::settings::{self, Loaded};

mod files;

/// Reasons why the configuration cannot work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckConfigError {
    #[error("the server cannot start with these files:{}", listed(.0))]
    Files(Vec<Fault>),
    #[error("cannot write the output")]
    Output(#[from] io::Error),
}

/// Shows the settings (those that differ from the defaults, or `all`), and checks the files that they name.
pub(super) fn run(loaded: &Loaded, all: bool, output: &mut impl Write) -> Result<(), CheckConfigError> {
    output.write_all(settings::report(loaded, all).as_bytes())?;
    let checked = files::check(&loaded.settings);
    for note in &checked.notes {
        writeln!(output, "\n{note}")?;
    }
    if !checked.faults.is_empty() {
        return Err(CheckConfigError::Files(checked.faults));
    }
    writeln!(output, "\nConfiguration OK.")?;
    Ok(())
}

fn listed(faults: &[Fault]) -> String {
    let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
    format!("\n  {}", lines.join("\n  "))
}
