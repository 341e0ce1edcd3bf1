//! The file `format`: version of the layout, id and timeline of the store.
//!
//! ```text
//! strongroom store 2
//! id <32 hex digits>
//! timeline <32 hex digits>
//! checksum <16 hex digits: CRC-64/NVME of the lines above>
//! ```

use crate::checksum::Checksum;
use crate::error::{Result, StoreError};
use crate::id::{StoreId, Timeline};
use aws_lc_rs::rand;

#[cfg(test)]
mod tests;

/// Beginning of the file in every version.
const ANY_VERSION: &str = "strongroom store ";
/// Version of the layout that this code reads and writes.
const VERSION: &str = "2";
/// Name of the line that ends the file.
const CHECKSUM: &str = "checksum ";

/// Content of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) id: StoreId,
    pub(super) timeline: Timeline,
}

/// Reason why the content of the file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadFormat {
    #[error(
        "it was written by another version of Strongroom (format {0:?}; this version supports only format {VERSION})"
    )]
    Other(String),
    #[error("the file format is damaged: restore it from a copy of this store")]
    Damaged,
}

impl Format {
    /// Chooses the ids of a new store.
    pub(super) fn of_new_store() -> Result<Self> {
        let mut ids = [[0; 16]; 2];
        for id in &mut ids {
            rand::fill(id).map_err(|error| StoreError::failed("choosing the id of the store", error))?;
        }
        let [id, timeline] = ids;
        Ok(Self {
            id: StoreId(id),
            timeline: Timeline(timeline),
        })
    }

    pub(super) fn text(&self) -> String {
        let text = format!(
            "{ANY_VERSION}{VERSION}\nid {}\ntimeline {}\n",
            self.id, self.timeline
        );
        let checksum = checksum(&text);
        format!("{text}{CHECKSUM}{checksum}\n")
    }

    /// Reads the content of the file. A file of another version is one that its checksum, or the lack of one, shows to
    /// be whole; so a damaged digit of the version is not mistaken for one.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, BadFormat> {
        let text = std::str::from_utf8(bytes).map_err(|_| BadFormat::Damaged)?;
        let rest = text.strip_prefix(ANY_VERSION).ok_or(BadFormat::Damaged)?;
        let (version, _) = rest.split_once('\n').ok_or(BadFormat::Damaged)?;
        let is_whole = match text.rsplit_once(CHECKSUM) {
            Some((above, found)) => found.strip_suffix('\n') == Some(&checksum(above)),
            None => text.lines().count() == 1 && version != VERSION,
        };
        if !is_whole {
            return Err(BadFormat::Damaged);
        }
        if version != VERSION {
            return Err(BadFormat::Other(version.to_owned()));
        }
        let mut lines = text.lines().skip(1);
        let mut id = |name: &str| -> Option<[u8; 16]> {
            let mut id = [0; 16];
            hex::decode_to_slice(lines.next()?.strip_prefix(name)?, &mut id).ok()?;
            Some(id)
        };
        let ids = id("id ").zip(id("timeline "));
        let (id, timeline) = ids.ok_or(BadFormat::Damaged)?;
        Ok(Self {
            id: StoreId(id),
            timeline: Timeline(timeline),
        })
    }
}

fn checksum(text: &str) -> String {
    let mut checksum = Checksum::new();
    checksum.update(text.as_bytes());
    format!("{:016x}", checksum.written().checksum)
}
