//! Blobs that were set aside: in lost/, where nothing reads them, until they are restored or deleted.

use crate::blobs::LostBlob;
use crate::id::{BlobId, PartitionId};
use crate::local::directory::{make_directory, sync_directory};
use crate::local::draft::BlobFiles;
use crate::local::layout::shard_of;
use crate::local::listing::names;
use std::fs::{self, File};
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Moves a blob to lost/, and returns the size of its file. The time becomes the file's, and survives copies of it.
pub(super) fn set_aside(files: &BlobFiles, id: BlobId, now: u64) -> io::Result<u64> {
    let layout = &files.directory.layout;
    let file = File::open(layout.blob(id))?;
    let folder = layout.lost_partition(id.partition);
    make_directory(&layout.lost())?;
    make_directory(&folder)?;
    sync_directory(layout.path())?;
    sync_directory(&layout.lost())?;
    file.set_modified(UNIX_EPOCH + Duration::from_micros(now))?;
    files.shards.move_out(layout, id, &layout.lost_blob(id))?;
    sync_directory(&folder)?;
    Ok(file.metadata()?.len())
}

/// Lists the blobs in lost/ in the order of their ids.
pub(super) fn list(files: &BlobFiles, after: Option<BlobId>, limit: usize) -> io::Result<Vec<LostBlob>> {
    let layout = &files.directory.layout;
    let mut found = Vec::new();
    for partition in names::<16>(&layout.lost())? {
        let partition = PartitionId(partition);
        for random in names::<16>(&layout.lost_partition(partition))? {
            let id = BlobId { partition, random };
            if after.is_some_and(|after| after >= id) {
                continue;
            }
            if found.len() == limit {
                return Ok(found);
            }
            let file = match fs::metadata(layout.lost_blob(id)) {
                // It was deleted or restored meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                file => file?,
            };
            found.push(LostBlob {
                id,
                bytes: file.len(),
                since: micros(file.modified()?),
            });
        }
    }
    Ok(found)
}

/// Moves a blob back to its path.
pub(super) fn restore(files: &BlobFiles, id: BlobId) -> io::Result<()> {
    let layout = &files.directory.layout;
    let lost = layout.lost_blob(id);
    fs::metadata(&lost)?;
    files.directory.count_blob();
    let moved = files.shards.place(layout, &lost, id)?;
    sync_directory(&layout.shard(id.partition, shard_of(id)))?;
    files.shards.confirm(layout, id, moved)?;
    tidy(files, id.partition);
    Ok(())
}

/// Deletes a blob from lost/. Succeeds if there is none.
pub(super) fn delete(files: &BlobFiles, id: BlobId) -> io::Result<()> {
    match fs::remove_file(files.directory.layout.lost_blob(id)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        removed => removed?,
    }
    tidy(files, id.partition);
    Ok(())
}

/// Removes the folders of a partition in lost/ that are empty. Others cannot be removed.
fn tidy(files: &BlobFiles, partition: PartitionId) {
    let layout = &files.directory.layout;
    if fs::remove_dir(layout.lost_partition(partition)).is_ok() {
        let _ = fs::remove_dir(layout.lost());
    }
}

fn micros(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
