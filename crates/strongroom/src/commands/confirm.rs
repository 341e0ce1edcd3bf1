//! Making sure that somebody means it.

use std::io::{self, BufRead, Write};

use crate::terminal::printable::printable;

#[cfg(test)]
mod tests;

/// Why it is not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotConfirmed {
    #[error(
        "{flag} names {}, and {what} is {}: nothing was done",
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
        "nobody can be asked here: to do it without being asked, give {flag} {}",
        printable(name)
    )]
    NoTerminal { flag: &'static str, name: String },
    #[error("that is not {0}: nothing was done")]
    OtherAnswer(&'static str),
    #[error("cannot ask")]
    Io(#[from] io::Error),
}

/// What nobody can take back, and what has to be said once more for it.
pub(crate) struct Deed<'a> {
    /// The flag that says it on the command line.
    flag: &'static str,
    /// What is to go.
    what: &'static str,
    /// What is asked for.
    asked: &'static str,
    /// The same, of this one.
    name: &'a str,
    /// What will be.
    warning: String,
}

impl<'a> Deed<'a> {
    pub(crate) fn shred(bucket: &'a str) -> Self {
        Self {
            flag: "--yes-shred",
            what: "the bucket",
            asked: "the name of the bucket",
            name: bucket,
            warning: format!(
                "This drops the key of the bucket {} and deletes the bucket with all that it holds.",
                printable(bucket)
            ),
        }
    }

    pub(crate) fn delete_master(id: &'a str) -> Self {
        Self {
            flag: "--yes-delete",
            what: "the master key",
            asked: "the id of the master key",
            name: id,
            warning: format!(
                "This deletes the master key {} from the keyring. Copies of this store from before, and other stores \
                 with this keyring, may need it.",
                printable(id)
            ),
        }
    }
}

/// Has a name said once more: on the command line, or else by who sits at the terminal.
pub(crate) fn confirm(
    deed: &Deed<'_>,
    given: Option<&str>,
    is_terminal: bool,
    mut input: impl BufRead,
    mut output: impl Write,
) -> Result<(), NotConfirmed> {
    let (flag, what, name) = (deed.flag, deed.what, deed.name);
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
        "{} Nobody can take it back.\nType {} to go on: ",
        deed.warning, deed.asked
    )?;
    output.flush()?;
    let mut answer = String::new();
    input.read_line(&mut answer)?;
    if answer.trim() == name {
        Ok(())
    } else {
        Err(NotConfirmed::OtherAnswer(deed.asked))
    }
}
