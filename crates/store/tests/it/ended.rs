//! A thread of the store that ends by a panic is reported, so that the server can end.

use bytes::Bytes;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use strongroom_store::conformance::FixedAuthenticator;
use strongroom_store::{
    Authenticator, Commit, LocalSettings, MacPurpose, PartitionId, Store, StoreError, Write,
};

const PARTITION: PartitionId = PartitionId([1; 16]);

/// Panics when a MAC of one purpose is computed, once it is armed.
struct Panicking {
    inner: FixedAuthenticator,
    purpose: MacPurpose,
    armed: AtomicBool,
}

impl Authenticator for Panicking {
    fn mac(&self, purpose: MacPurpose, parts: &[&[u8]]) -> [u8; 32] {
        let panics = purpose == self.purpose && self.armed.load(Ordering::Relaxed);
        assert!(!panics, "on purpose");
        self.inner.mac(purpose, parts)
    }

    fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.inner.seal(context, plain)
    }

    fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.inner.open(context, sealed)
    }
}

async fn open(path: &Path, authenticator: &Arc<Panicking>) -> Store {
    let settings = LocalSettings {
        write_buffer_bytes: 16 << 10,
        ..LocalSettings::default()
    };
    let prepared = Store::prepare(path, settings).await.unwrap();
    prepared.recover(Arc::clone(authenticator) as _).await.unwrap()
}

async fn put(store: &Store, n: u16) -> Result<(), StoreError> {
    let row = Write::Put(format!("row/{n:05}").into(), Bytes::from_static(&[7; 1000]));
    let commit = Commit {
        generation: 1,
        writes: vec![row],
        ..Commit::default()
    };
    store.index.commit(PARTITION, commit).await.map(|_| ())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_of_each_thread_ends_the_store() {
    for (purpose, thread) in [
        (MacPurpose::Log, "index-committer"),
        (MacPurpose::Mark, "mark-keeper"),
        (MacPurpose::Tables, "index-flush"),
    ] {
        let place = tempfile::tempdir().unwrap();
        let authenticator = Arc::new(Panicking {
            inner: FixedAuthenticator::new(1),
            purpose,
            armed: AtomicBool::new(false),
        });
        let store = open(place.path(), &authenticator).await;
        store.index.create_partition(PARTITION).await.unwrap();
        put(&store, 0).await.unwrap();
        let within = tokio::time::timeout(Duration::from_millis(20), store.integrity.ended()).await;
        assert!(within.is_err(), "{thread}: nothing has panicked");

        authenticator.armed.store(true, Ordering::Relaxed);
        let commits = async {
            for n in 1..400 {
                let _ = put(&store, n).await;
            }
            std::future::pending::<()>().await;
        };
        let ended = async {
            tokio::select! {
                ended = store.integrity.ended() => ended,
                () = commits => unreachable!(),
            }
        };
        let ended = tokio::time::timeout(Duration::from_secs(20), ended)
            .await
            .unwrap();
        assert!(ended.to_string().contains(thread), "{thread}: {ended}");
        authenticator.armed.store(false, Ordering::Relaxed);
        drop(store);
        // The next start finds what was acknowledged.
        let store = open(place.path(), &authenticator).await;
        let row = store.index.get(PARTITION, b"row/00000").await.unwrap();
        assert!(row.is_some(), "{thread}");
    }
}
