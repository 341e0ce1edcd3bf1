use super::*;
use crate::records;
use crate::rows::Rows;
use minicbor::{Decode, Encode};
use std::sync::Arc;
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{RowSeal, StoreKey, SystemRandom};
use strongroom_store::{PartitionId, Store};

#[derive(Encode, Decode)]
#[cbor(map)]
struct Number {
    #[n(0)]
    number: usize,
}

records! {
    Number = 1, "number";
}

async fn filled(count: usize) -> Partition {
    let key = StoreKey::generate(&SystemRandom::default()).unwrap();
    let random = Arc::new(SystemRandom::default());
    let rows = Arc::new(Rows::new(Store::memory().index, RowSeal::new(&key), random));
    rows.index().create_partition(PartitionId::ROOT).await.unwrap();
    let partition = Partition::new(&rows, PartitionId::ROOT);
    let mut batch = partition.batch();
    batch
        .put(Bytes::from_static(b"other/1"), &Number { number: 0 })
        .unwrap();
    for number in 0..count {
        batch
            .put(format!("number/{number:06}").into(), &Number { number })
            .unwrap();
    }
    assert!(batch.commit().await.unwrap().is_done());
    partition
}

#[tokio::test]
async fn pages_return_each_row_of_the_prefix_once() {
    for count in [0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE + 3] {
        let partition = filled(count).await;
        let prefix = Bytes::from_static(b"number/");
        let mut pages = Pages::<Number>::new(&partition, prefix.clone());
        let mut seen = Vec::new();
        while let Some(page) = pages.next().await.unwrap() {
            assert!(page.len() <= PAGE);
            seen.extend(page.into_iter().map(|(_, found)| found.unwrap().record.number));
        }
        assert_eq!(seen, (0..count).collect::<Vec<_>>());
        let counted = Pages::<Number>::new(&partition, prefix).count().await.unwrap();
        assert_eq!(usize::try_from(counted).unwrap(), count);
    }
}

#[tokio::test]
async fn a_damaged_row_does_not_fail_the_page() {
    let partition = filled(3).await;
    let mut batch = partition.batch();
    batch.put_sealed(Bytes::from_static(b"number/000001"), Bytes::from_static(b"junk"));
    assert!(batch.commit().await.unwrap().is_done());
    let mut pages = Pages::<Number>::new(&partition, Bytes::from_static(b"number/"));
    let page = pages.next().await.unwrap().unwrap();
    let opened: Vec<_> = page.iter().map(|(_, found)| found.is_ok()).collect();
    assert_eq!(opened, [true, false, true]);
}
