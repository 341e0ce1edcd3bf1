//! Typed view of the index: records, sealed under the store's key.
//!
//! A [`Record`] is a value of a row. [`Rows`] seals and opens records, a [`Partition`] reads them, a [`Batch`] changes
//! them atomically, [`Pages`] iterates over them. Which rows there are is decided by the crates above.

// A module imports only modules that are declared before it. The blank lines keep rustfmt from sorting the modules.
mod error;

pub mod key;

mod record;

mod rows;

mod batch;

mod partition;

mod pages;

pub use batch::{Batch, CommitOutcome};
pub use error::{Error, Result};
pub use pages::Pages;
pub use partition::Partition;
pub use record::Record;
pub use rows::{Found, Rows};
