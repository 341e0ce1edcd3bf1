//! Reading changes: all of a log that was checked, or what is left of a damaged one.

use crate::error::Result;
use crate::local::log::group::{Group, MAGIC};
use crate::local::log::replay::{self, Verified};
use crate::local::log::segment::{self, HEADER_BYTES};
use std::fs;
use std::path::Path;

/// Calls `each` with the changes of all groups of a verified log after the commit `from`, in order, and the number of
/// the last commit of their group. Ends before the first group of which `until` is true for its last commit and its
/// time.
pub(in crate::local) fn apply(
    log: &Verified,
    from: u64,
    until: impl Fn(u64, u32) -> bool,
    mut each: impl FnMut(&[u8], Option<&[u8]>, u64),
) -> Result<()> {
    each_group(log, from, |group| {
        let is_over = until(group.numbers.last, group.time);
        if !is_over {
            for (key, value) in group.changes().unwrap_or_default() {
                each(key, value, group.numbers.last);
            }
        }
        !is_over
    })
}

/// Returns the time of the group that contains a commit, in seconds since 1970. `None`: it is not in the log.
pub(in crate::local) fn time_of(log: &Verified, number: u64) -> Result<Option<u32>> {
    let mut time = None;
    each_group(log, number.saturating_sub(1), |group| {
        time = (group.numbers.first <= number).then_some(group.time);
        false
    })?;
    Ok(time)
}

/// Calls `each` with all groups of a verified log that end after the commit `from`, in order, until it returns false.
fn each_group(log: &Verified, from: u64, mut each: impl FnMut(&Group<'_>) -> bool) -> Result<()> {
    for (position, entry) in log.segments.iter().enumerate() {
        let limit = log
            .segments
            .get(position + 1)
            .map_or(log.head.number, |next| next.first - 1);
        if limit <= from {
            continue;
        }
        let path = segment::path(&log.directory, entry.ordinal);
        let bytes = replay::read(&path)?;
        let mut rest = bytes.get(HEADER_BYTES..).unwrap_or_default();
        while let Ok(group) = Group::parse(rest)
            && group.numbers.last <= limit
        {
            if group.numbers.last > from && !each(&group) {
                return Ok(());
            }
            rest = rest.get(group.bytes()..).unwrap_or_default();
        }
    }
    Ok(())
}

/// Calls `each` like [`apply`] with the changes of all groups that can be read, checked only by their checksums. Returns
/// descriptions of what is missing or cannot be read.
pub(in crate::local) fn salvage(
    directory: &Path,
    from: u64,
    mut each: impl FnMut(&[u8], Option<&[u8]>, u64),
) -> Vec<String> {
    let mut problems = Vec::new();
    let ordinals = segment::ordinals(directory).unwrap_or_else(|error| {
        problems.push(format!(
            "cannot list the commit log {}: {error}",
            directory.display()
        ));
        Vec::new()
    });
    let mut number = from;
    let first = |ordinal: u64| {
        let header = segment::read_header(&segment::path(directory, ordinal));
        header.ok().flatten().map(|header| header.first)
    };
    for (position, ordinal) in ordinals.iter().enumerate() {
        let path = segment::path(directory, *ordinal);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                problems.push(format!("cannot read the commit log {}: {error}", path.display()));
                continue;
            }
        };
        let next = ordinals.get(position + 1).copied().and_then(first);
        let limit = next.map_or(u64::MAX, |first| first.saturating_sub(1));
        let mut offset = HEADER_BYTES;
        while let Some(rest) = bytes.get(offset..)
            && let Some(start) = rest.windows(MAGIC.len()).position(|window| window == MAGIC)
        {
            offset += start;
            let Ok(group) = Group::parse(&rest[start..]) else {
                offset += 1;
                continue;
            };
            offset += group.bytes();
            if group.numbers.last <= number || group.numbers.last > limit {
                continue;
            }
            if group.numbers.first > number + 1 {
                problems.push(format!(
                    "the commits {} to {} are missing before byte {offset} of {}",
                    number + 1,
                    group.numbers.first - 1,
                    path.display()
                ));
            }
            number = group.numbers.last;
            for (key, value) in group.changes().unwrap_or_default() {
                each(key, value, number);
            }
        }
    }
    problems
}
