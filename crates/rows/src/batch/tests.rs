use super::*;
use crate::partition::Partition;
use crate::records;
use minicbor::{Decode, Encode};
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{RowSeal, StoreKey, SystemRandom};
use strongroom_store::Store;

#[derive(Encode, Decode)]
#[cbor(map)]
struct Number {
    #[n(0)]
    number: u64,
}

records! {
    Number = 1, "number";
}

const ROW: Bytes = Bytes::from_static(b"row");
const COUNTER: Counter = Counter("things");

async fn partition() -> Partition {
    let key = StoreKey::generate(&SystemRandom::default()).unwrap();
    let random = Arc::new(SystemRandom::default());
    let rows = Arc::new(Rows::new(Store::memory().index, RowSeal::new(&key), random));
    rows.index().create_partition(PartitionId::ROOT).await.unwrap();
    Partition::new(&rows, PartitionId::ROOT)
}

async fn put(partition: &Partition, found: Option<&Found<Number>>, number: u64) -> CommitOutcome {
    let mut batch = partition.batch();
    batch.expect(ROW, found);
    batch.put(ROW, &Number { number }).unwrap();
    batch.commit().await.unwrap()
}

#[tokio::test]
async fn a_commit_requires_what_was_read() {
    let partition = partition().await;
    assert!(put(&partition, None, 1).await.is_done());
    assert_eq!(put(&partition, None, 2).await, CommitOutcome::Stale(0));
    let first = partition.get::<Number>(&ROW).await.unwrap().unwrap();
    assert!(put(&partition, Some(&first), 3).await.is_done());
    assert_eq!(put(&partition, Some(&first), 4).await, CommitOutcome::Stale(0));
    let last = partition.get::<Number>(&ROW).await.unwrap().unwrap();
    assert_eq!(last.record.number, 3);
    assert!(!first.is_still(&last));
}

#[tokio::test]
async fn two_batches_take_effect_as_one() {
    let partition = partition().await;
    let (mut one, mut two) = (partition.batch(), partition.batch());
    one.put(ROW, &Number { number: 1 }).unwrap();
    one.count(COUNTER, 2);
    two.expect_counter(COUNTER, 0);
    two.count(COUNTER, 3);
    two.delete(ROW);
    one.append(two);
    assert_eq!((one.writes(), one.checks(), one.is_empty()), (2, 1, false));
    assert!(one.commit().await.unwrap().is_done());
    assert!(partition.get::<Number>(&ROW).await.unwrap().is_none());
    let mut three = partition.batch();
    three.expect_counter(COUNTER, 5);
    assert!(three.commit().await.unwrap().is_done());
}

#[tokio::test]
async fn a_partition_that_advanced_refuses_older_batches() {
    let partition = partition().await;
    let older = partition.batch();
    let mut advance = partition.batch();
    advance.advance();
    assert!(advance.commit().await.unwrap().is_done());
    assert_eq!(older.commit().await.unwrap(), CommitOutcome::Closed);
    assert!(!partition.is_open().await.unwrap());
}
