//! A store in a directory of one machine: rows in an embedded database, each blob a file.
//!
//! docs/format-store.md describes the layout.

mod blob_file;
mod blocking;
mod database_error;
mod format;
mod layout;
mod pace;
mod row_key;
pub(crate) mod settings;

mod directory;
mod key_files;
mod tree_copy;

mod log;

mod database;
mod mark;
mod sums;
mod tables;

mod pending;
mod removal;
mod upkeep;

mod committer;
mod recover;
mod row_reader;

mod index;
mod read_only_index;

mod listing;
mod reader;
mod shards;
mod writer;

mod blobs;
mod read_only_blobs;

pub(crate) mod restore;
mod snapshot;

mod open;
mod read_only_store;

pub use open::FoundStore;
pub use read_only_store::{IfRunning, PreparedReadOnly, ReadOnlyError, ReadOnlyStore};
