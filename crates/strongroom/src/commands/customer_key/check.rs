//! `strongroom key check`: shows the MD5 of a key, the form it was read in, and its weaknesses.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use strongroom_keys::customer_key::{self, Form, NotAKey};

use super::file::bytes;
use super::weakness::weaknesses;

/// Reasons why no key was checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckError {
    #[error("cannot read the key from {}", path.display())]
    File { path: PathBuf, source: io::Error },
    // Does not repeat the name, which is probably a key.
    #[error(
        "the argument is not the name of a file, but has the form of a key: keys are read from a file or standard input, \
         never from the command line, where other users can see them"
    )]
    KeyInsteadOfFile,
    #[error("cannot read the key from standard input")]
    Input(#[source] io::Error),
    #[error(transparent)]
    NotAKey(#[from] NotAKey),
    #[error("cannot write the output")]
    Output(#[source] io::Error),
}

/// Checks the key in `file`. `None`: the one on `input`.
pub(crate) fn run(file: Option<&Path>, input: impl Read, output: &mut impl Write) -> Result<(), CheckError> {
    let given = match file {
        Some(path) => std::fs::File::open(path).and_then(bytes).map_err(|source| {
            if customer_key::read(path.as_os_str().as_encoded_bytes()).is_ok() {
                return CheckError::KeyInsteadOfFile;
            }
            CheckError::File {
                path: path.to_owned(),
                source,
            }
        })?,
        None => bytes(input).map_err(CheckError::Input)?,
    };
    let report = judge(&given)?;
    output.write_all(report.as_bytes()).map_err(CheckError::Output)
}

/// Returns the report, which does not contain the key.
fn judge(given: &[u8]) -> Result<String, NotAKey> {
    let read = customer_key::read(given)?;
    let mut report = format!("Read as  {}\nMD5      {}\n", read.form.describe(), read.key.md5());
    if read.line_end && matches!(read.form, Form::Characters | Form::RawBytes) {
        report.push_str(
            "\nNOTE: a line end follows the key. fileb://FILE would send it as part of the key and fail: \
             write the file without a line end.\n",
        );
    }
    let weak = weaknesses(&read.key);
    for weakness in &weak {
        report.push_str("\nWARNING: ");
        report.push_str(&weakness.describe());
        report.push_str(".\n");
    }
    report.push_str(if weak.is_empty() {
        "\nNo sign of weakness was found. Only a key from a random generator is strong: `strongroom key new` generates one.\n"
    } else {
        "\nGenerate a strong key with `strongroom key new`.\n"
    });
    Ok(report)
}
