//! Tests of the stores of this crate: conformance suite, faults, crashes and a model.
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
mod small_disk;

use strongroom_store::{LocalSettings, Store};

/// Creates a local store in a temporary directory, which is deleted when the second value is dropped.
async fn local() -> (Store, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (open(directory.path()).await, directory)
}

async fn open(path: &std::path::Path) -> Store {
    Store::local(path, LocalSettings::default()).await.unwrap()
}
