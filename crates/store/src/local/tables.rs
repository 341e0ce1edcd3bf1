//! The list of tables: names the tables that the index consists of, and contains its manifest.
//!
//! The list is written after each flush and merge, outside of the database's own files, and is authenticated. The
//! database's manifest is never trusted: it is written again from the list when the store is opened.
//!
//! ```text
//! "SRLIST" 00 01 ‖ sequence number (8) ‖ last commit (8) ‖ chain value of its group (32) ‖ version (8)
//! ‖ length (4) ‖ content of the file current ‖ length (4) ‖ content of the file v<version>
//! ‖ number of tables (4) ‖ for each: id (8), size (8), CRC-64/NVME (8), rows (8), last commit (8), MAC of its end (32)
//! ‖ MAC of everything before (32)
//! ```
//! Numbers are big endian. The end of a table is its last 4096 bytes, or all of it: it contains the table's own index
//! and metadata, so that another table of the same name and size has another end.

use crate::authenticator::{Authenticator, MacPurpose};
use crate::error::{Result, StoreError};
use crate::local::database::Manifest;
use crate::local::directory::{create_file, replace_file, sync_directory};
use crate::local::log::Head;
use crc_fast::{CrcAlgorithm, Digest};
use lsm_tree::Table as TreeTable;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

const MAGIC: [u8; 8] = *b"SRLIST\0\x01";

/// Length of the MAC at the end of the list.
const MAC_BYTES: usize = 32;

/// Bytes at the end of a table that are checked when the store is opened.
const END_BYTES: u64 = 4096;

/// Bytes read at a time.
const BLOCK: usize = 256 << 10;

/// A table of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    id: u64,
    size: u64,
    checksum: u64,
    rows: u64,
    last: u64,
    end: [u8; 32],
}

/// The list of tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TableList {
    /// Number of the list. Each list of a store has a higher one than the list before it.
    pub(super) sequence: u64,
    /// Head of the log up to which the tables contain all commits.
    pub(super) head: Head,
    version: u64,
    current: Vec<u8>,
    manifest: Vec<u8>,
    tables: Vec<Table>,
}

impl TableList {
    /// Lists the tables of a manifest. Tables of `previous` are not read again.
    pub(super) fn new(
        sequence: u64,
        head: Head,
        manifest: &Manifest,
        previous: Option<&Self>,
        authenticator: &dyn Authenticator,
    ) -> io::Result<Self> {
        let known: BTreeMap<u64, &Table> = previous
            .into_iter()
            .flat_map(|list| &list.tables)
            .map(|table| (table.id, table))
            .collect();
        let describe = |table: &TreeTable| match known.get(&table.id()) {
            Some(known) => Ok((*known).clone()),
            None => Table::describe(table, authenticator),
        };
        let mut tables = manifest
            .tables
            .iter()
            .map(describe)
            .collect::<io::Result<Vec<_>>>()?;
        tables.sort_unstable_by_key(|table| table.id);
        Ok(Self {
            sequence,
            head,
            version: manifest.version,
            current: manifest.current.clone(),
            manifest: manifest.content.clone(),
            tables,
        })
    }

    /// Writes the list, which is durable on return.
    pub(super) fn write(&self, path: &Path, authenticator: &dyn Authenticator) -> io::Result<()> {
        replace_file(path, &self.to_bytes(authenticator))
    }

    /// Reads the list. `None`: there is none, so nothing was ever flushed.
    pub(super) fn read(path: &Path, authenticator: &dyn Authenticator) -> Result<Option<Self>> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::failed(format!("reading {}", path.display()), error)),
        };
        let (content, mac) = bytes.split_at(bytes.len().saturating_sub(MAC_BYTES));
        let is_genuine = authenticator.mac(MacPurpose::Tables, &[content]) == mac;
        match Self::parse(content).filter(|_| is_genuine) {
            Some(list) => Ok(Some(list)),
            None => Err(StoreError::damaged(
                format!("the list of tables {}", path.display()),
                "it is not what this store wrote",
            )),
        }
    }

    fn to_bytes(&self, authenticator: &dyn Authenticator) -> Vec<u8> {
        let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes();
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&self.sequence.to_be_bytes());
        bytes.extend_from_slice(&self.head.number.to_be_bytes());
        bytes.extend_from_slice(&self.head.chain);
        bytes.extend_from_slice(&self.version.to_be_bytes());
        for file in [&self.current, &self.manifest] {
            bytes.extend_from_slice(&length(file.len()));
            bytes.extend_from_slice(file);
        }
        bytes.extend_from_slice(&length(self.tables.len()));
        for table in &self.tables {
            for number in [table.id, table.size, table.checksum, table.rows, table.last] {
                bytes.extend_from_slice(&number.to_be_bytes());
            }
            bytes.extend_from_slice(&table.end);
        }
        let mac = authenticator.mac(MacPurpose::Tables, &[&bytes]);
        bytes.extend_from_slice(&mac);
        bytes
    }

    /// Reads the list without checking its MAC, as far as possible. `None`: there is no list that can be read.
    pub(super) fn salvage(path: &Path) -> Option<Self> {
        let bytes = fs::read(path).ok()?;
        Self::parse(bytes.get(..bytes.len().checked_sub(MAC_BYTES)?)?)
    }

    fn parse(content: &[u8]) -> Option<Self> {
        let mut fields = Fields(content.strip_prefix(&MAGIC)?);
        let sequence = fields.number()?;
        let head = Head {
            number: fields.number()?,
            chain: fields.array()?,
        };
        let version = fields.number()?;
        let current = fields.bytes()?.to_vec();
        let manifest = fields.bytes()?.to_vec();
        let count = u32::from_be_bytes(fields.array()?);
        let mut tables = Vec::new();
        for _ in 0..count {
            tables.push(Table {
                id: fields.number()?,
                size: fields.number()?,
                checksum: fields.number()?,
                rows: fields.number()?,
                last: fields.number()?,
                end: fields.array()?,
            });
        }
        fields.0.is_empty().then_some(Self {
            sequence,
            head,
            version,
            current,
            manifest,
            tables,
        })
    }

    /// Checks that every table exists and has its size and end. Reads only the ends. Changes nothing.
    pub(super) fn check(&self, index: &Path, authenticator: &dyn Authenticator) -> Result<()> {
        self.tables.iter().try_for_each(|table| {
            let path = table.path(index);
            let state = File::open(&path)
                .and_then(|file| Ok((file.metadata()?.len(), end_of(&file, authenticator)?)));
            let why = match state {
                Ok((size, _)) if size != table.size => {
                    format!("it has {size} bytes instead of {}", table.size)
                }
                Ok((_, end)) if end != table.end => "it ends with other bytes than were written".to_owned(),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => "it is missing".to_owned(),
                Err(error) => return Err(StoreError::failed(format!("reading {}", path.display()), error)),
            };
            Err(table.damaged(index, &why))
        })
    }

    /// Checks all bytes of all tables.
    pub(super) fn scrub(&self, index: &Path) -> Result<()> {
        self.tables.iter().try_for_each(|table| {
            let path = table.path(index);
            match File::open(&path).and_then(|mut file| checksum_of(&mut file)) {
                Ok(checksum) if checksum == table.checksum => Ok(()),
                Ok(_) => Err(table.damaged(index, "it does not match its checksum")),
                Err(error) => Err(StoreError::failed(format!("reading {}", path.display()), error)),
            }
        })
    }

    /// Writes the files of the database's manifest, which are durable on return except for their names.
    pub(super) fn write_manifest(&self, index: &Path) -> io::Result<()> {
        let manifest = format!("v{}", self.version);
        for (name, content) in [(manifest.as_str(), &self.manifest), ("current", &self.current)] {
            create_file(&index.join(name), content)?;
        }
        Ok(())
    }

    /// Returns the paths of the tables.
    pub(super) fn paths(&self, index: &Path) -> Vec<PathBuf> {
        self.tables.iter().map(|table| table.path(index)).collect()
    }
}

/// Writes the manifest of the database from the list, and deletes what a crash left of a flush or merge that was not listed
/// yet: the log, or the listed tables, contain the same rows. Without a list the log contains all rows.
pub(super) fn restore(list: Option<&TableList>, index: &Path) -> io::Result<()> {
    let tables = index.join("tables");
    fs::create_dir_all(&tables)?;
    let listed = list.map_or_else(Vec::new, |list| list.paths(index));
    for entry in fs::read_dir(&tables)? {
        let path = entry?.path();
        if !listed.contains(&path) {
            fs::remove_file(path)?;
        }
    }
    for entry in fs::read_dir(index)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            fs::remove_file(entry.path())?;
        }
    }
    if let Some(list) = list {
        list.write_manifest(index)?;
    }
    sync_directory(&tables)?;
    sync_directory(index)
}

impl Table {
    fn describe(table: &TreeTable, authenticator: &dyn Authenticator) -> io::Result<Self> {
        let mut file = File::open(&**table.path)?;
        Ok(Self {
            id: table.id(),
            size: file.metadata()?.len(),
            end: end_of(&file, authenticator)?,
            checksum: checksum_of(&mut file)?,
            rows: table.metadata.item_count,
            last: table.get_highest_seqno(),
        })
    }

    fn path(&self, index: &Path) -> PathBuf {
        index.join("tables").join(self.id.to_string())
    }

    fn damaged(&self, index: &Path, why: &str) -> StoreError {
        let path = self.path(index);
        StoreError::damaged(
            format!("the table {}", path.display()),
            format!(
                "{why}; it contains {} rows of commits up to {}",
                self.rows, self.last
            ),
        )
    }
}

fn end_of(file: &File, authenticator: &dyn Authenticator) -> io::Result<[u8; 32]> {
    let size = file.metadata()?.len();
    let length = size.min(END_BYTES);
    // At most END_BYTES.
    let mut end = vec![0; usize::try_from(length).unwrap_or_default()];
    file.read_exact_at(&mut end, size - length)?;
    Ok(authenticator.mac(MacPurpose::Tables, &[b"end", &end]))
}

fn checksum_of(file: &mut File) -> io::Result<u64> {
    let mut digest = Digest::new(CrcAlgorithm::Crc64Nvme);
    let mut block = vec![0; BLOCK];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(digest.finalize()),
            count => digest.update(&block[..count]),
        }
    }
}

/// Fields that are still to be read.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    /// Reads bytes with their length before them.
    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(u32::from_be_bytes(self.array()?)).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }
}
