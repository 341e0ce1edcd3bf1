//! A store in a directory of one machine: rows in an embedded database, each blob a file.
//!
//! docs/format-store.md describes the layout.

mod blob_file;
mod blobs;
mod blocking;
mod committer;
mod database;
mod database_error;
mod directory;
mod format;
mod index;
mod key_files;
mod layout;
mod listing;
mod open;
mod pace;
mod pending;
mod read_only_blobs;
mod read_only_store;
mod reader;
mod removal;
mod row_key;
pub(crate) mod settings;
mod shards;
mod writer;

pub use open::FoundStore;
pub use read_only_store::{IfRunning, PreparedReadOnly, ReadOnlyError, ReadOnlyStore};
