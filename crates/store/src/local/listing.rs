//! Listing of blobs in the order of their ids, which are read from the names of folders and files. Other names are
//! ignored.

use crate::id::{BlobId, PartitionId};
use crate::local::layout::{Layout, shard_of};
use std::fs;
use std::io;
use std::path::Path;

pub(super) fn list(layout: &Layout, after: Option<BlobId>, limit: usize) -> io::Result<Vec<BlobId>> {
    let mut found = Vec::new();
    for partition in names::<16>(&layout.blobs())? {
        let partition = PartitionId(partition);
        let after = after.filter(|after| after.partition >= partition);
        if after.is_some_and(|after| after.partition > partition) {
            continue;
        }
        for [shard] in names::<1>(&layout.partition(partition))? {
            if after.is_some_and(|after| shard_of(after) > shard) {
                continue;
            }
            for random in names::<16>(&layout.shard(partition, shard))? {
                let id = BlobId { partition, random };
                if after.is_some_and(|after| after >= id) {
                    continue;
                }
                if found.len() == limit {
                    return Ok(found);
                }
                found.push(id);
            }
        }
    }
    Ok(found)
}

/// Returns the names in a folder that are `N` bytes in lower-case hex, in order; none if the folder does not exist.
pub(super) fn names<const N: usize>(folder: &Path) -> io::Result<Vec<[u8; N]>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let mut bytes = [0; N];
        if hex::decode_to_slice(name.as_encoded_bytes(), &mut bytes).is_ok()
            && name.as_encoded_bytes() == hex::encode(bytes).as_bytes()
        {
            names.push(bytes);
        }
    }
    names.sort_unstable();
    Ok(names)
}
