//! The folders blobs lie in: made when first needed, removed when empty, and durable before a blob in them is.

use crate::id::{BlobId, PartitionId};
use crate::local::directory::{make_directory, sync_directory};
use crate::local::layout::{Layout, shard_of};
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How often a folder may vanish under a blob being placed before that is called an error. Each time takes another
/// request that removed the folder's last blob in the same moment.
const ATTEMPTS: usize = 16;

/// Which folders are known to be durable.
#[derive(Default)]
struct Known {
    /// One bit for each folder of a partition.
    durable: HashMap<PartitionId, [u128; 2]>,
    /// How many times folders were removed. A folder seen before such a moment may be another one after it.
    removals: u64,
}

/// Places blobs in their folders and takes them out.
#[derive(Default)]
pub(super) struct Shards(Mutex<Known>);

impl Shards {
    fn known(&self) -> MutexGuard<'_, Known> {
        // Nothing under the lock can panic half way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn removals(&self) -> u64 {
        self.known().removals
    }

    /// Moves a synced file to its place; on return the blob survives a power cut.
    pub(super) fn place(&self, layout: &Layout, file: &Path, id: BlobId) -> io::Result<()> {
        let shard = layout.shard(id.partition, shard_of(id));
        let place = layout.blob(id);
        // Ids are random, so this only meets a caller's mistake, and need not be atomic with the renaming.
        if place.try_exists()? {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, "it already exists"));
        }
        for _ in 0..ATTEMPTS {
            let before = self.removals();
            self.ensure(layout, id, before)?;
            match fs::rename(file, &place) {
                Ok(()) => {}
                // The folder was removed meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound && file.try_exists()? => continue,
                Err(error) => return Err(error),
            }
            sync_directory(&shard)?;
            if self.removals() != before {
                // The folder may be a new one, made by another blob that has not synced its name yet. It holds
                // this blob now, so it cannot be removed again.
                sync_parents(layout, id)?;
            }
            return Ok(());
        }
        Err(io::Error::other("the folder was removed again and again"))
    }

    /// Makes the folder and its name durable, unless known to be.
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
            // The partition's folder was removed between the two: the renaming fails too, and all is tried again.
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

    /// Removes a blob, and the folders it leaves empty. Not synced: a blob that comes back after a power cut has no
    /// row and is collected as an orphan.
    pub(super) fn remove(&self, layout: &Layout, id: BlobId) -> io::Result<()> {
        match fs::remove_file(layout.blob(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            result => result?,
        }
        let shard = layout.shard(id.partition, shard_of(id));
        let mut known = self.known();
        // The counter goes up before the folder can be replaced by another of its name; both under the lock.
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
        Ok(())
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
