//! `strongroom verify`.

use std::fmt::Write as _;
use std::io::Write;
use std::num::NonZeroU32;

use super::error::CommandError;
use super::version_line::version_line;
use crate::admin::client;
use crate::admin::jobs::verify::{Verified, Verify};
use crate::cli::store::VerifyFlags;
use crate::settings::Settings;
use crate::terminal::progress::{self, versions};

pub(super) fn run(
    settings: &Settings,
    flags: VerifyFlags,
    output: &mut impl Write,
) -> Result<(), CommandError> {
    let job = Verify {
        bucket: flags.bucket,
        prefix: flags.prefix.unwrap_or_default(),
        rate: flags.rate.and_then(NonZeroU32::new),
    };
    let done = client::run(settings, job, &mut |version| {
        version_line("DAMAGED", &version, output)
    })?;
    output.write_all(summary(&done).as_bytes())?;
    match (done.damaged, done.without_key) {
        (0, 0) => Ok(()),
        (0, without_key) => Err(CommandError::Unchecked(without_key)),
        (damaged, _) => Err(CommandError::Damaged(damaged)),
    }
}

/// Formats the result of `verify`: a line for each group that has versions.
fn summary(done: &Verified) -> String {
    let Verified {
        opened,
        sealed,
        bytes,
        without_key,
        damaged,
    } = *done;
    if opened + sealed + without_key + damaged == 0 {
        return "Nothing to check: no versions.\n".to_owned();
    }
    let rows = [
        (opened, "Decrypted  ", ", every chunk"),
        (
            sealed,
            "SSE-C      ",
            ", not decrypted: the ciphertext matches its checksums",
        ),
        (without_key, "Not checked", ", because KMS keys are not available"),
        (damaged, "Damaged    ", ""),
    ];
    let mut text = String::new();
    // Writing into a String cannot fail.
    for (count, name, note) in rows.into_iter().filter(|(count, ..)| *count > 0) {
        let _ = writeln!(text, "{name}  {}{note}", versions(count));
    }
    let _ = writeln!(text, "Read         {}", progress::bytes(bytes));
    if damaged + without_key == 0 {
        text.push_str("No damage found.\n");
    }
    text
}

#[cfg(test)]
mod tests;
