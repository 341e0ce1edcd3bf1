//! Confirmation of irreversible commands.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::terminal::printable::printable;

#[cfg(test)]
mod tests;

/// Reasons why a command is not confirmed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotConfirmed {
    #[error(
        "{flag} is {}, but {what} is {}: nothing was changed",
        printable(given),
        printable(name)
    )]
    OtherName {
        flag: &'static str,
        given: String,
        what: &'static str,
        name: String,
    },
    #[error(
        "cannot ask for confirmation without a terminal: to run without a prompt, add {flag} {}",
        printable(name)
    )]
    NoTerminal { flag: &'static str, name: String },
    #[error("the input is not {0}: nothing was changed")]
    OtherAnswer(&'static str),
    #[error("cannot ask for confirmation")]
    Io(#[from] io::Error),
}

/// An irreversible action, and the name to repeat for it.
pub(crate) struct Action<'a> {
    /// Flag that confirms it on the command line.
    flag: &'static str,
    /// Kind of object to delete.
    what: &'static str,
    /// Description of the name to type.
    expected: &'static str,
    /// The name itself.
    name: &'a str,
    /// Consequences of the action.
    warning: String,
}

impl<'a> Action<'a> {
    pub(crate) fn shred(bucket: &'a str) -> Self {
        Self {
            flag: "--yes-shred",
            what: "the bucket",
            expected: "the name of the bucket",
            name: bucket,
            warning: format!(
                "This deletes the key of the bucket {} and the bucket with everything in it.",
                printable(bucket)
            ),
        }
    }

    pub(crate) fn delete_master(id: &'a str) -> Self {
        Self {
            flag: "--yes-delete",
            what: "the master key",
            expected: "the id of the master key",
            name: id,
            warning: format!(
                "This deletes the master key {} from the keyring. Older copies of this store, and other stores with \
                 this keyring, may need it.",
                printable(id)
            ),
        }
    }
}

/// Confirms an action: by the name in `given`, or by asking at the terminal of the process.
pub(crate) fn by_flag_or_terminal(action: &Action<'_>, given: Option<&str>) -> Result<(), NotConfirmed> {
    let stdin = io::stdin();
    let is_terminal = stdin.is_terminal();
    confirm(action, given, is_terminal, stdin.lock(), io::stderr())
}

/// Confirms an action: by the name in `given`, or by asking at the terminal.
fn confirm(
    action: &Action<'_>,
    given: Option<&str>,
    is_terminal: bool,
    mut input: impl BufRead,
    mut output: impl Write,
) -> Result<(), NotConfirmed> {
    let (flag, what, name) = (action.flag, action.what, action.name);
    if let Some(given) = given {
        return if given == name {
            Ok(())
        } else {
            Err(NotConfirmed::OtherName {
                flag,
                given: given.to_owned(),
                what,
                name: name.to_owned(),
            })
        };
    }
    if !is_terminal {
        let name = name.to_owned();
        return Err(NotConfirmed::NoTerminal { flag, name });
    }
    write!(
        output,
        "{} This cannot be undone.\nType {} to continue: ",
        action.warning, action.expected
    )?;
    output.flush()?;
    let mut answer = String::new();
    input.read_line(&mut answer)?;
    if answer.trim() == name {
        Ok(())
    } else {
        Err(NotConfirmed::OtherAnswer(action.expected))
    }
}
