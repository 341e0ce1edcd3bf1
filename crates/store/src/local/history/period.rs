//! Periods of a history: directories of deleted blobs.

use crate::id::BlobId;
use crate::local::directory::{make_directory, remove_directory, sync_directory};
use crate::local::layout::Layout;
use crate::local::shards::Shards;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Start of the names of directories that are being deleted.
const DISCARDED: &str = "discarded-";

/// A period, named `<commit, 16 hex digits>-<start, in seconds since 1970>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::local) struct Period {
    /// Number of the last commit before it.
    pub(in crate::local) commit: u64,
    /// Start, in seconds since 1970.
    pub(super) began: u64,
    /// Bytes of its blobs.
    pub(super) bytes: u64,
}

impl Period {
    /// Creates the directory of a period. It is durable on return.
    pub(super) fn begin(history: &Path, commit: u64, now: u64) -> io::Result<Self> {
        let period = Self {
            commit,
            began: now,
            bytes: 0,
        };
        make_directory(&period.path(history))?;
        sync_directory(history)?;
        Ok(period)
    }

    fn parse(name: &str) -> Option<Self> {
        let (commit, began) = name.split_once('-')?;
        let period = Self {
            commit: u64::from_str_radix(commit, 16).ok()?,
            began: began.parse().ok()?,
            bytes: 0,
        };
        (period.name() == name).then_some(period)
    }

    pub(super) fn name(&self) -> String {
        format!("{:016x}-{}", self.commit, self.began)
    }

    /// Returns its directory, which contains a directory for each partition.
    pub(in crate::local) fn path(&self, history: &Path) -> PathBuf {
        history.join(self.name())
    }

    /// Moves a blob into the period.
    ///
    /// # Errors
    /// Not found: there is no such blob.
    pub(super) fn add(&mut self, layout: &Layout, shards: &Shards, id: BlobId) -> io::Result<()> {
        let bytes = fs::metadata(layout.blob(id))?.len();
        let directory = self.path(&layout.history()).join(id.partition.to_string());
        make_directory(&directory)?;
        shards.move_out(layout, id, &directory.join(hex::encode(id.random)))?;
        self.bytes += bytes;
        Ok(())
    }
}

/// Returns the periods in a history, oldest first.
pub(in crate::local) fn periods(history: &Path) -> io::Result<Vec<Period>> {
    let mut periods = Vec::new();
    for name in names(history)? {
        periods.extend(Period::parse(&name));
    }
    periods.sort_by_key(|period| (period.commit, period.began));
    Ok(periods)
}

/// Returns a name for a directory that is about to be deleted.
pub(super) fn discarded(history: &Path, number: u64) -> PathBuf {
    history.join(format!("{DISCARDED}{number}"))
}

/// Removes the directories whose deletion a crash interrupted.
pub(super) fn remove_discarded(history: &Path) -> io::Result<()> {
    for name in names(history)? {
        if name.starts_with(DISCARDED) {
            remove_directory(&history.join(name))?;
        }
    }
    Ok(())
}

fn names(directory: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    entries.map(name).collect()
}
