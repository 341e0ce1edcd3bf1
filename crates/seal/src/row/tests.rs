use super::*;
use crate::{Error, SystemRandom};

#[test]
fn a_value_opens_only_in_its_row() {
    let random = SystemRandom::default();
    let seal = RowSeal::new(&StoreKey::generate(&random).unwrap());
    let sealed = seal.seal([1; 16], b"current/a", b"value", &random).unwrap();
    assert_eq!(seal.open([1; 16], b"current/a", &sealed).unwrap(), b"value");
    assert_eq!(
        seal.open([1; 16], b"current/b", &sealed).err(),
        Some(Error::Damaged("row"))
    );
    assert_eq!(
        seal.open([2; 16], b"current/a", &sealed).err(),
        Some(Error::Damaged("row"))
    );
    let other = RowSeal::new(&StoreKey::generate(&random).unwrap());
    assert_eq!(
        other.open([1; 16], b"current/a", &sealed).err(),
        Some(Error::Damaged("row"))
    );
}

#[test]
fn every_flipped_bit_and_every_cut_is_noticed() {
    let random = SystemRandom::default();
    let seal = RowSeal::new(&StoreKey::generate(&random).unwrap());
    let sealed = seal.seal([1; 16], b"k", b"value", &random).unwrap();
    for at in 0..sealed.len() * 8 {
        let mut bytes = sealed.clone();
        bytes[at / 8] ^= 1 << (at % 8);
        assert!(seal.open([1; 16], b"k", &bytes).is_err(), "bit {at}");
    }
    for length in 0..sealed.len() {
        assert!(
            seal.open([1; 16], b"k", &sealed[..length]).is_err(),
            "cut to {length}"
        );
    }
}

#[test]
fn equal_values_are_sealed_to_different_bytes() {
    let random = SystemRandom::default();
    let seal = RowSeal::new(&StoreKey::generate(&random).unwrap());
    assert_ne!(
        seal.seal([1; 16], b"k", b"value", &random).unwrap(),
        seal.seal([1; 16], b"k", b"value", &random).unwrap()
    );
}
