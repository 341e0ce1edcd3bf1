use super::*;
use crate::{DataKey, PartOpener, PartSealer, SystemRandom};

fn manifest() -> Manifest {
    Manifest {
        parts: vec![ManifestPart {
            number: 1,
            length: 5,
            salt: [3; 32],
            checksum: None,
        }],
        headers: BTreeMap::from([("content-type".into(), "text/plain".into())]),
        metadata: BTreeMap::from([("owner".into(), "Zoë".into())]),
        checksums: vec![Checksum {
            algorithm: "CRC32".into(),
            value: vec![1, 2, 3, 4],
            composite: false,
        }],
        etag_is_md5: None,
    }
}

#[test]
fn opens_as_it_was_sealed() {
    let random = SystemRandom::default();
    let key = ManifestKey::generate(&random).unwrap();
    let sealed = manifest().seal(&key, b"outside", &random).unwrap();
    assert_eq!(Manifest::open(&sealed, &key, b"outside").unwrap(), manifest());
    assert!(!sealed.windows(5).any(|w| w == b"owner"));
}

#[test]
fn a_manifest_opens_with_the_key_of_its_data_key_alone() {
    let random = SystemRandom::default();
    let data_key = DataKey::generate(&random).unwrap();
    let sealed = manifest()
        .seal(&ManifestKey::of(&data_key).unwrap(), b"", &random)
        .unwrap();
    // Every reader derives the same key again.
    let again = ManifestKey::of(&data_key).unwrap();
    assert_eq!(Manifest::open(&sealed, &again, b"").unwrap(), manifest());

    let other = ManifestKey::of(&DataKey::generate(&random).unwrap()).unwrap();
    let itself = ManifestKey::from_bytes(data_key.expose());
    for key in [other, itself] {
        assert_eq!(
            Manifest::open(&sealed, &key, b"").err(),
            Some(Error::Damaged("manifest"))
        );
    }
}

#[test]
fn the_bytes_of_a_manifest_key_open_no_content() {
    let random = SystemRandom::default();
    let data_key = DataKey::generate(&random).unwrap();
    let sealer = PartSealer::new(&data_key, 1, &random).unwrap();
    let salt = sealer.salt();
    let mut chunk = [&b"plain"[..], &[0; 16]].concat();
    sealer.seal_last(&mut chunk).unwrap();

    // The types forbid this, but an attacker with the bytes is not bound by them.
    let manifest_key = ManifestKey::of(&data_key).unwrap();
    let posing = DataKey::from_bytes(manifest_key.expose());
    let opened = PartOpener::new(&posing, 1, &salt)
        .unwrap()
        .open(0, true, &mut chunk.clone())
        .err();
    assert_eq!(opened, Some(Error::Damaged("content")));
    let rightful = PartOpener::new(&data_key, 1, &salt).unwrap();
    assert_eq!(rightful.open(0, true, &mut chunk).unwrap(), b"plain");
}

#[test]
fn the_checksum_of_a_part_is_encoded_only_where_there_is_one() {
    let part = |checksum| ManifestPart {
        number: 1,
        length: 5,
        salt: [3; 32],
        checksum,
    };
    // Keys 0, 1 and 2 of a map of three, and of a map of four with key 3.
    let fields = [&[0x00, 0x01, 0x01, 0x05, 0x02, 0x58, 0x20][..], &[3; 32]].concat();
    let without = [&[0xa3], &fields[..]].concat();
    let with = [&[0xa4], &fields[..], &[0x03, 0x43, 9, 8, 7]].concat();
    for (checksum, bytes) in [(None, without), (Some(vec![9, 8, 7]), with)] {
        assert_eq!(minicbor::to_vec(part(checksum.clone())).unwrap(), bytes);
        assert_eq!(minicbor::decode::<ManifestPart>(&bytes).unwrap(), part(checksum));
    }
}

#[test]
fn associated_data_is_bound() {
    let random = SystemRandom::default();
    let key = ManifestKey::generate(&random).unwrap();
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
    let key = ManifestKey::generate(&random).unwrap();
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
