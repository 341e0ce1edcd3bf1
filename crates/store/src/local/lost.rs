//! Blobs that were set aside: in lost/, where nothing reads them, until they are restored or deleted.

use crate::blobs::LostBlob;
use crate::id::{BlobId, PartitionId};
use crate::local::directory::{make_directory, sync_directory};
use crate::local::draft::BlobFiles;
use crate::local::layout::{Layout, shard_of};
use crate::local::listing::names;
use std::fs::{self, File};
use std::io;
use std::sync::{Mutex, PoisonError};
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

/// Ids that were read from lost/ for one page of a list and belong to later pages: a folder has no order, so each page that
/// reads it again would read all of it.
#[derive(Default)]
pub(super) struct Listing {
    /// Last id of the page before.
    after: Option<BlobId>,
    /// Ids after it, the next one last.
    rest: Vec<BlobId>,
}

/// Lists the blobs in lost/ in the order of their ids.
pub(super) fn list(
    files: &BlobFiles,
    listing: &Mutex<Listing>,
    after: Option<BlobId>,
    limit: usize,
) -> io::Result<Vec<LostBlob>> {
    let layout = &files.directory.layout;
    // Taken, so that a list by somebody else at the same time reads the folders itself.
    let before = std::mem::take(&mut *listing.lock().unwrap_or_else(PoisonError::into_inner));
    let mut rest = match after {
        Some(_) if before.after == after => before.rest,
        _ => ids_after(layout, after)?,
    };
    let mut found = Vec::new();
    while found.len() < limit
        && let Some(id) = rest.pop()
    {
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
    if !rest.is_empty() {
        let after = found.last().map(|blob| blob.id);
        *listing.lock().unwrap_or_else(PoisonError::into_inner) = Listing { after, rest };
    }
    Ok(found)
}

/// Returns all ids in lost/ after one, in descending order.
fn ids_after(layout: &Layout, after: Option<BlobId>) -> io::Result<Vec<BlobId>> {
    let mut ids = Vec::new();
    for partition in names::<16>(&layout.lost())? {
        let partition = PartitionId(partition);
        let of_partition = names::<16>(&layout.lost_partition(partition))?;
        ids.extend(
            of_partition
                .into_iter()
                .map(|random| BlobId { partition, random }),
        );
    }
    ids.retain(|id| after.is_none_or(|after| *id > after));
    ids.reverse();
    Ok(ids)
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
