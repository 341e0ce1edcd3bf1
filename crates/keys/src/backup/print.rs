//! The text of a backup: numbered lines of hex digits, each with its own check, so that a typing error is located; and
//! a checksum over all of them.

use crate::backup::error::BackupError;
use crate::created::Created;
use crate::keyring::list::Listing;
use aws_lc_rs::digest::{SHA256, digest};
use std::fmt::Write as _;
use time::OffsetDateTime;

const TITLE: &str = "Strongroom keyring backup, version 1";
/// Word before the checksum.
const END: &str = "end";
/// Bytes in a line except the last: twelve groups of four digits.
const IN_LINE: usize = 24;
/// Length of a line's check in bytes.
const LINE_CHECK: usize = 2;
/// Length of the checksum in bytes.
const CHECKSUM: usize = 8;

/// Formats `bytes` as text. The list of keys in it is for people, and is not parsed.
pub(super) fn text(bytes: &[u8], list: &Listing, now: OffsetDateTime) -> String {
    let mut text = format!(
        "{TITLE}\n\n\
         Created {}. Encrypted under a passphrase; it is useless without it.\n\
         Anyone with both can read everything that is not encrypted with a customer's own key.\n\
         To restore a keyring from it: strongroom keys import-backup FILE\n\n",
        Created::at(now)
    );
    // Writing into a String cannot fail.
    for key in &list.master {
        let _ = writeln!(text, "master key  {}  fingerprint {}", key.id, key.fingerprint);
    }
    for key in &list.kms {
        for version in &key.versions {
            let (id, number) = (&key.id, version.number);
            let _ = writeln!(
                text,
                "named key   {id}  fingerprint {}  version {number}",
                version.fingerprint
            );
        }
    }
    text.push_str(
        "\nOnly the numbered lines and the last one are read. The four digits after = check their line.\n\n",
    );
    for (line, number) in bytes.chunks(IN_LINE).zip(1..) {
        let _ = writeln!(
            text,
            "{number:4}  {} = {}",
            grouped(line),
            hex::encode(line_check(number, line))
        );
    }
    let _ = writeln!(text, "\n{END} {}", grouped(&checksum(bytes)));
    text
}

/// Parses the output of [`text`]. Spaces and the case of digits are ignored, so that it can be typed.
pub(super) fn read(text: &str) -> Result<Vec<u8>, BackupError> {
    let mut lines = text.lines().map(str::trim);
    if lines.find(|line| !line.is_empty()) != Some(TITLE) {
        return Err(BackupError::NotABackup);
    }
    let mut bytes = Vec::new();
    let mut next = 1;
    for line in lines {
        if let Some(end) = line.strip_prefix(END) {
            let found = digits(end).filter(|found| *found == checksum(&bytes));
            return found.map(|_| bytes).ok_or(BackupError::Checksum);
        }
        let Some((number, rest)) = line.split_once(' ') else {
            continue;
        };
        let Ok(number) = number.parse::<usize>() else {
            continue;
        };
        if number != next {
            return Err(BackupError::Missing(next));
        }
        let read = rest.split_once('=').and_then(|(line, check)| {
            let (line, check) = (digits(line)?, digits(check)?);
            (check == line_check(number, &line)).then_some(line)
        });
        bytes.extend(read.ok_or(BackupError::Line(number))?);
        next += 1;
    }
    Err(BackupError::Missing(next))
}

fn grouped(bytes: &[u8]) -> String {
    let groups: Vec<String> = bytes.chunks(2).map(hex::encode).collect();
    groups.join(" ")
}

fn digits(text: &str) -> Option<Vec<u8>> {
    hex::decode(text.split_whitespace().collect::<String>()).ok()
}

/// Returns the check of a line. It includes the line's number, so that no two lines can be exchanged.
fn line_check(number: usize, line: &[u8]) -> [u8; LINE_CHECK] {
    beginning(&[&(number as u64).to_be_bytes(), line].concat())
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    beginning(bytes)
}

fn beginning<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&digest(&SHA256, bytes).as_ref()[..N]);
    out
}
