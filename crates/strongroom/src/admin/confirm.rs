//! Making sure that somebody means it.

use std::io::{self, BufRead, Write};

use crate::printable::printable;

#[cfg(test)]
mod tests;

/// Why it is not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotConfirmed {
    #[error(
        "--yes-shred names {}, and the bucket is {}: nothing was done",
        printable(given),
        printable(bucket)
    )]
    OtherName { given: String, bucket: String },
    #[error(
        "nobody can be asked here: to shred the bucket without being asked, give --yes-shred {}",
        printable(.0)
    )]
    NoTerminal(String),
    #[error("that is not the name of the bucket: nothing was done")]
    OtherAnswer,
    #[error("cannot ask")]
    Io(#[from] io::Error),
}

/// Has the name of a bucket said once more before it is shredded: on the command line, or else by who sits at the
/// terminal.
pub(super) fn shred(
    bucket: &str,
    given: Option<&str>,
    is_terminal: bool,
    mut input: impl BufRead,
    mut output: impl Write,
) -> Result<(), NotConfirmed> {
    if let Some(given) = given {
        return if given == bucket {
            Ok(())
        } else {
            Err(NotConfirmed::OtherName {
                given: given.to_owned(),
                bucket: bucket.to_owned(),
            })
        };
    }
    if !is_terminal {
        return Err(NotConfirmed::NoTerminal(bucket.to_owned()));
    }
    write!(
        output,
        "This drops the key of the bucket {} and deletes the bucket with all that it holds. Nobody can take it \
         back.\nType the name of the bucket to go on: ",
        printable(bucket)
    )?;
    output.flush()?;
    let mut answer = String::new();
    input.read_line(&mut answer)?;
    if answer.trim() == bucket {
        Ok(())
    } else {
        Err(NotConfirmed::OtherAnswer)
    }
}
