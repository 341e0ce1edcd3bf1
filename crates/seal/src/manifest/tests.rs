use super::*;
use crate::SystemRandom;

fn manifest() -> Manifest {
    Manifest {
        parts: vec![ManifestPart {
            number: 1,
            length: 5,
            salt: [3; 32],
        }],
        headers: BTreeMap::from([("content-type".into(), "text/plain".into())]),
        metadata: BTreeMap::from([("owner".into(), "Zoë".into())]),
        checksums: vec![Checksum {
            algorithm: "CRC32".into(),
            value: vec![1, 2, 3, 4],
            composite: false,
        }],
    }
}

#[test]
fn opens_as_it_was_sealed() {
    let random = SystemRandom::default();
    let key = DataKey::generate(&random).unwrap();
    let sealed = manifest().seal(&key, b"outside", &random).unwrap();
    assert_eq!(Manifest::open(&sealed, &key, b"outside").unwrap(), manifest());
    assert!(!sealed.windows(5).any(|w| w == b"owner"));
}

#[test]
fn what_stands_outside_is_bound() {
    let random = SystemRandom::default();
    let key = DataKey::generate(&random).unwrap();
    let sealed = manifest().seal(&key, b"outside", &random).unwrap();
    assert_eq!(
        Manifest::open(&sealed, &key, b"outsidf").err(),
        Some(Error::Damaged("manifest"))
    );
    assert_eq!(
        Manifest::open(&sealed, &key, b"").err(),
        Some(Error::Damaged("manifest"))
    );
}

#[test]
fn every_flipped_bit_and_every_cut_is_noticed() {
    let random = SystemRandom::default();
    let key = DataKey::generate(&random).unwrap();
    let sealed = manifest().seal(&key, b"", &random).unwrap();
    for at in 0..sealed.len() * 8 {
        let mut bytes = sealed.clone();
        bytes[at / 8] ^= 1 << (at % 8);
        assert!(Manifest::open(&bytes, &key, b"").is_err(), "bit {at}");
    }
    for length in 0..sealed.len() {
        assert!(
            Manifest::open(&sealed[..length], &key, b"").is_err(),
            "cut to {length}"
        );
    }
}
