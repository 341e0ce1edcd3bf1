//! The memory that this process may use.

use std::fs;
use std::path::Path;

/// Part of the memory that requests may hold in buffers, by default: one of this number.
const PART_OF_BUFFERS: u64 = 4;
/// Assumed if the system does not say how much memory there is: 1 GiB.
const UNKNOWN: u64 = 1 << 30;
/// Directory of the control groups (version 2).
const CGROUPS: &str = "/sys/fs/cgroup";

/// Returns the default of `memory.buffers`, in bytes: a quarter of the memory of the machine or of this process's control
/// group, whichever is less.
pub(crate) fn default_buffers() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo").ok();
    let machine = machine.as_deref().and_then(total);
    let group = fs::read_to_string("/proc/self/cgroup").ok();
    let group = group
        .as_deref()
        .and_then(|group| least_limit(Path::new(CGROUPS), group));
    machine.into_iter().chain(group).min().unwrap_or(UNKNOWN) / PART_OF_BUFFERS
}

/// Returns the memory of the machine, in bytes, from the text of `/proc/meminfo`.
fn total(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

/// Returns the least limit of a control group and of those around it, in bytes. `group` is the text of
/// `/proc/self/cgroup`.
fn least_limit(root: &Path, group: &str) -> Option<u64> {
    let group = group.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let group = root.join(group);
    let around = group.ancestors().take_while(|place| place.starts_with(root));
    let limits = around.filter_map(|place| fs::read_to_string(place.join("memory.max")).ok());
    limits.filter_map(|limit| limit.trim().parse().ok()).min()
}

#[cfg(test)]
mod tests;
