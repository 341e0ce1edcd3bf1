//! Limit on open files and sockets of this process.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the limit on open files to the maximum for this user, and returns it.
///
/// Many systems start processes with 1024 for the sake of old programs, but connections and stored files together need
/// more.
pub(crate) fn raise() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = rustix::process::Rlimit {
            current: limit.maximum,
            ..limit
        };
        if setrlimit(Resource::Nofile, raised).is_ok() {
            limit = raised;
        }
    }
    // `None`: there is no limit.
    limit
        .current
        .map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX))
}
