//! A store in a directory of one machine: rows in an embedded database, each blob a file.
//!
//! docs/format-store.md describes the layout.

mod blob_file;
mod blocking;
mod buffers;
mod database_error;
mod format;
mod io_error;
mod layout;
mod pace;
mod row_key;
pub(crate) mod settings;
mod vital;
mod wall_clock;
mod writability;

mod directory;
mod draft_directory;
mod key_files;
mod tree_copy;

mod log;

mod database;
mod mark;
mod sums;
mod tables;

mod shards;

mod history;

mod pending;
mod removal;
mod upkeep;

mod committer;
mod recover;
mod row_reader;

mod index;
mod read_only_index;

mod disk_room;
mod draft;
mod listing;
mod lost;
mod reader;
mod writer;

mod blobs;
mod read_only_blobs;

pub(crate) mod restore;
mod snapshot;

mod open;
mod read_only_store;

pub use open::FoundStore;
pub use read_only_store::{IfRunning, PreparedReadOnly, Problems, ReadOnlyError, ReadOnlyStore};
