//! The folders of blobs: created when first needed, removed when empty, and durable before a blob in them is.

use crate::id::{BlobId, PartitionId};
use crate::local::directory::{make_directory, sync_directory};
use crate::local::layout::{Layout, shard_of};
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Attempts to move a blob into its folder. One fails only if another request removes the last blob of the folder, and
/// thus the folder, at the same time.
const ATTEMPTS: usize = 16;

/// Folders that are known to be durable.
#[derive(Default)]
struct Known {
    /// One bit for each folder of a partition.
    durable: HashMap<PartitionId, [u128; 2]>,
    /// Number of removed folders. If it has changed, a folder seen before may have been removed and created again.
    removals: u64,
    /// Folders from which blobs were removed since they were synced.
    unsynced: BTreeSet<(PartitionId, u8)>,
}

/// A file that was moved into its folder.
#[derive(Clone, Copy)]
pub(super) struct Moved {
    /// Number of removed folders before it.
    removals: u64,
}

/// Moves blobs into their folders and removes them.
#[derive(Default)]
pub(super) struct Shards(Mutex<Known>);

impl Shards {
    fn known(&self) -> MutexGuard<'_, Known> {
        // No code under the lock can panic between two changes.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn removals(&self) -> u64 {
        self.known().removals
    }

    /// Moves a file to the path of its blob, in a durable folder. The name survives a power cut when the caller has
    /// synced the folder and called [`Self::confirm`].
    pub(super) fn place(&self, layout: &Layout, file: &Path, id: BlobId) -> io::Result<Moved> {
        let place = layout.blob(id);
        // Ids are random, so only a caller's mistake leads here; the check need not be atomic with the renaming.
        if place.try_exists()? {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "it already exists"));
        }
        for _ in 0..ATTEMPTS {
            let before = self.removals();
            self.ensure(layout, id, before)?;
            match fs::rename(file, &place) {
                Ok(()) => return Ok(Moved { removals: before }),
                // The folder was removed meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound && file.try_exists()? => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("the folder was removed at every attempt"))
    }

    /// Makes the folder of a moved file durable if it may be a new one, which another writer created after an old one was
    /// removed, and has not synced yet. It contains this file now, so it cannot be removed again.
    pub(super) fn confirm(&self, layout: &Layout, id: BlobId, moved: Moved) -> io::Result<()> {
        if self.removals() != moved.removals {
            sync_parents(layout, id)?;
        }
        Ok(())
    }

    /// Creates the folder of a blob and makes it durable, unless it is known to be.
    fn ensure(&self, layout: &Layout, id: BlobId, before: u64) -> io::Result<()> {
        let (half, bit) = bit_of(id);
        {
            let known = self.known();
            let durable = known
                .durable
                .get(&id.partition)
                .is_some_and(|bits| bits[half] & bit != 0);
            if durable && known.removals == before {
                return Ok(());
            }
        }
        make_directory(&layout.partition(id.partition))?;
        match make_directory(&layout.shard(id.partition, shard_of(id))) {
            // The partition's folder was removed between the two calls. The renaming fails too, and `place` retries.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            result => result?,
        }
        match sync_parents(layout, id) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            result => result?,
        }
        let mut known = self.known();
        if known.removals == before {
            known.durable.entry(id.partition).or_default()[half] |= bit;
        }
        Ok(())
    }

    /// Removes a blob and the folders that become empty. It is durable after [`Self::sync_removals`].
    pub(super) fn remove(&self, layout: &Layout, id: BlobId) -> io::Result<()> {
        match fs::remove_file(layout.blob(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            result => result?,
        }
        self.tidy(layout, id);
        Ok(())
    }

    /// Makes the removals durable that were done before.
    pub(super) fn sync_removals(&self, layout: &Layout) -> io::Result<()> {
        let unsynced = std::mem::take(&mut self.known().unsynced);
        let mut synced = BTreeSet::new();
        for (partition, shard) in &unsynced {
            // A folder that became empty was removed, and its name is in the one above.
            for folder in [
                layout.shard(*partition, *shard),
                layout.partition(*partition),
                layout.blobs(),
            ] {
                if synced.contains(&folder) {
                    break;
                }
                match sync_directory(&folder) {
                    Ok(()) => {
                        synced.insert(folder);
                        break;
                    }
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => {
                        self.known().unsynced.extend(unsynced);
                        return Err(error);
                    }
                }
            }
        }
        Ok(())
    }

    /// Moves a blob out of its folder, to a folder elsewhere in the store, and removes the folders that become empty.
    pub(super) fn move_out(&self, layout: &Layout, id: BlobId, to: &Path) -> io::Result<()> {
        fs::rename(layout.blob(id), to)?;
        self.tidy(layout, id);
        Ok(())
    }

    /// Removes the folders of a removed blob if they are empty.
    fn tidy(&self, layout: &Layout, id: BlobId) {
        let shard = layout.shard(id.partition, shard_of(id));
        let mut known = self.known();
        known.unsynced.insert((id.partition, shard_of(id)));
        // The removal and its count are under one lock: a writer that creates the folder again then reads the new count.
        if fs::remove_dir(shard).is_ok() {
            known.removals += 1;
            let (half, bit) = bit_of(id);
            if let Some(bits) = known.durable.get_mut(&id.partition) {
                bits[half] &= !bit;
            }
            if fs::remove_dir(layout.partition(id.partition)).is_ok() {
                known.durable.remove(&id.partition);
            }
        }
    }
}

fn bit_of(id: BlobId) -> (usize, u128) {
    let shard = shard_of(id);
    (usize::from(shard / 128), 1 << (shard % 128))
}

fn sync_parents(layout: &Layout, id: BlobId) -> io::Result<()> {
    sync_directory(&layout.partition(id.partition))?;
    sync_directory(&layout.blobs())
}
