//! Every store and decorator passes the suite.

use super::local;
use strongroom_store::Store;
use strongroom_store::conformance;
use strongroom_store::faulty::Faults;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_conforms() {
    conformance::all(&Store::memory()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn local_conforms() {
    let (store, _directory) = local().await;
    conformance::all(&store).await;
}

#[tokio::test]
async fn local_conforms_on_one_thread() {
    let (store, _directory) = local().await;
    conformance::all(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_faulty_store_without_faults_conforms() {
    let (store, _directory) = local().await;
    let faults = Faults::none();
    conformance::all(&store.faulty(faults.clone())).await;
    assert_eq!(faults.struck(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_metered_store_conforms() {
    let (store, meter) = Store::memory().metered();
    conformance::all(&store).await;
    let counts = meter.snapshot();
    assert!(
        counts.index_commits.made > 1000 && counts.commits_refused > 200,
        "{counts:?}"
    );
    assert!(
        counts.bytes_written > 5 << 20 && counts.bytes_read > 5 << 20,
        "{counts:?}"
    );
    assert!(
        counts.blob_reads.failed > 0 && counts.blob_writes.failed > 0,
        "{counts:?}"
    );
}
