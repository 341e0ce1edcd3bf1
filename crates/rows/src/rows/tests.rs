use super::*;
use crate::records;
use minicbor::{Decode, Encode};
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{StoreKey, SystemRandom};
use strongroom_store::Store;

#[derive(Encode, Decode)]
#[cbor(map)]
struct Old {
    #[n(0)]
    number: u64,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct New {
    #[n(0)]
    number: u64,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Other {
    #[n(0)]
    text: String,
}

records! {
    Old = 1, "thing";
    New = 2, "thing";
    Other = 1, "other thing";
}

fn rows() -> Rows {
    let key = StoreKey::generate(&SystemRandom::default()).unwrap();
    let random = Arc::new(SystemRandom::default());
    Rows::new(Store::memory().index, RowSeal::new(&key), random)
}

fn refusal<R: Record>(rows: &Rows, row: &[u8], sealed: &[u8]) -> String {
    match rows.open::<R>(PartitionId::ROOT, row, sealed) {
        Ok(_) => panic!("the row was opened"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_record_opens_in_its_row_only() {
    let rows = rows();
    let sealed = rows.seal(PartitionId::ROOT, b"a", &Old { number: 5 }).unwrap();
    let opened: Old = rows.open(PartitionId::ROOT, b"a", &sealed).unwrap();
    assert_eq!(opened.number, 5);
    assert!(refusal::<Old>(&rows, b"b", &sealed).contains("thing row b of"));
    assert!(rows.open::<Old>(PartitionId::IDENTITY, b"a", &sealed).is_err());
    let mut changed = sealed.to_vec();
    changed[40] ^= 1;
    assert!(refusal::<Old>(&rows, b"a", &changed).starts_with("stored data is damaged: "));
}

#[test]
fn newer_versions_and_other_records_are_refused() {
    let rows = rows();
    let sealed = rows.seal(PartitionId::ROOT, b"a", &New { number: 5 }).unwrap();
    assert!(refusal::<Old>(&rows, b"a", &sealed).ends_with("written by a newer release (version 2)"));
    let sealed = rows.seal(PartitionId::ROOT, b"a", &Old { number: 5 }).unwrap();
    assert!(refusal::<Other>(&rows, b"a", &sealed).ends_with("not a valid record of this kind"));
}
