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
mod damaged_index;
mod deletions;
mod directory;
mod disk_full;
mod ended;
mod faults;
mod history;
mod model;
mod read_only;
mod rolled_back;
mod small_disk;
mod snapshots;

use std::sync::Arc;
use strongroom_store::conformance::FixedAuthenticator;
use strongroom_store::{LocalSettings, Store, StoreError};

/// Creates a local store in a temporary directory, which is deleted when the second value is dropped.
async fn local() -> (Store, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (open(directory.path()).await, directory)
}

async fn open(path: &std::path::Path) -> Store {
    try_open(path).await.unwrap()
}

async fn try_open(path: &std::path::Path) -> Result<Store, StoreError> {
    open_with(path, LocalSettings::default()).await
}

async fn open_with(path: &std::path::Path, settings: LocalSettings) -> Result<Store, StoreError> {
    let prepared = Store::prepare(path, settings).await?;
    prepared.recover(Arc::new(FixedAuthenticator::new(1))).await
}
