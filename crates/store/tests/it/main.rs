//! The stores of this crate against the conformance suite, faults, crashes and a model.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "test code"
)]

mod conformance;
mod crash;
mod damage;
mod directory;
mod disk_full;
mod faults;
mod model;
mod read_only;

use strongroom_store::{LocalSettings, Store};

/// A local store in a directory of its own, which goes with the second part.
async fn local() -> (Store, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (open(directory.path()).await, directory)
}

async fn open(path: &std::path::Path) -> Store {
    Store::local(path, LocalSettings::default()).await.unwrap()
}
