//! Checks that the code reproduces the committed vectors of `vectors/seal-1.json` byte for byte, and opens them.
//!
//! They are written by `STRONGROOM_WRITE_VECTORS=1 cargo test -p strongroom-seal --test vectors`, once per suite. A
//! change to an existing vector is a change to data on customers' disks.

#![expect(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::similar_names,
    reason = "a test stops at any fault, its numbers are small, and sealed and sealer belong together"
)]

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Mutex;
use strongroom_seal::authenticator::Purpose;
use strongroom_seal::keyring::{self, Fingerprint};
use strongroom_seal::keys::Wrapped;
use strongroom_seal::{
    Checksum, DataKey, Envelope, Error, Manifest, ManifestKey, ManifestPart, Mode, OuterKey, PartOpener,
    PartSealer, Place, Random, RowSeal, StoreAuthenticator, StoreKey, layout,
};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/seal-1.json");

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Vectors {
    about: String,
    envelopes: Vec<EnvelopeVector>,
    parts: Vec<PartVector>,
    manifests: Vec<ManifestVector>,
    rows: Vec<RowVector>,
    macs: Vec<MacVector>,
    notes: Vec<NoteVector>,
    fingerprints: Vec<FingerprintVector>,
    checks: Vec<CheckVector>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct EnvelopeVector {
    outer_key: String,
    outer_id: String,
    mode: u8,
    bucket: String,
    key: String,
    content: String,
    salt: String,
    wrapped_key: String,
    envelope: String,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct PartVector {
    data_key: String,
    number: u32,
    salt: String,
    /// Plain byte i is (i * 31 + i / 251) mod 256.
    plain_length: usize,
    sealed_length: u64,
    header: String,
    first_chunk_tag: String,
    /// The whole part, if it is short.
    sealed: Option<String>,
    sealed_sha256: String,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ManifestVector {
    data_key: String,
    manifest_key: String,
    salt: String,
    outside: String,
    cbor: String,
    sealed: String,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct RowVector {
    store_key: String,
    salt: String,
    partition: String,
    row: String,
    value: String,
    sealed: String,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct MacVector {
    store_key: String,
    purpose: String,
    bytes: String,
    mac: String,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct NoteVector {
    store_key: String,
    salt: String,
    context: String,
    plain: String,
    sealed: String,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct FingerprintVector {
    key: String,
    fingerprint: String,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct CheckVector {
    root_key: String,
    text: String,
    check: String,
}

/// A source that returns the given bytes and no others.
struct Fixed(Mutex<Vec<u8>>);

impl Fixed {
    fn new(bytes: &[u8]) -> Self {
        Self(Mutex::new(bytes.to_vec()))
    }
}

impl Random for Fixed {
    fn fill(&self, out: &mut [u8]) -> Result<(), Error> {
        let mut left = self.0.lock().unwrap();
        assert!(left.len() >= out.len(), "the vector gives too few random bytes");
        out.copy_from_slice(&left.drain(..out.len()).collect::<Vec<_>>());
        Ok(())
    }
}

fn key<K: Wrapped>(byte: u8) -> (K, String) {
    let bytes: [u8; 32] = std::array::from_fn(|i| byte.wrapping_add(i as u8));
    (K::from_bytes(&bytes), hex::encode(bytes))
}

fn plain(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 31 + i / 251) as u8).collect()
}

fn envelope<K: Wrapped>(mode: Mode, outer_id: &str, object: &str, seed: u8) -> EnvelopeVector {
    let (outer, outer_hex) = key::<OuterKey>(seed);
    let (inner, inner_hex) = key::<K>(seed + 100);
    let salt = [seed; 32];
    let place = Place {
        bucket: [0xb0; 16],
        key: object,
        content: [0x7e; 16],
    };
    let sealed = Envelope::wrap(&outer, outer_id, &inner, mode, place, &Fixed::new(&salt)).unwrap();
    let opened: K = Envelope::from_bytes(sealed.as_bytes())
        .unwrap()
        .open(&outer, place)
        .unwrap();
    assert_eq!(hex::encode(opened.expose()), inner_hex);
    EnvelopeVector {
        outer_key: outer_hex,
        outer_id: outer_id.into(),
        mode: mode as u8,
        bucket: hex::encode(place.bucket),
        key: object.into(),
        content: hex::encode(place.content),
        salt: hex::encode(salt),
        wrapped_key: inner_hex,
        envelope: hex::encode(sealed.as_bytes()),
    }
}

fn part(length: usize, number: u32, seed: u8) -> PartVector {
    let (data_key, data_key_hex) = key::<DataKey>(seed);
    let salt = [seed ^ 0xff; 32];
    let mut sealer = PartSealer::new(&data_key, number, &Fixed::new(&salt)).unwrap();
    let header = *sealer.header();
    let mut sealed = header.to_vec();
    let bytes = plain(length);
    let chunks = layout::chunks(length as u64);
    for index in 0..chunks - 1 {
        let mut chunk = [&bytes[index as usize * 65_536..][..65_536], &[0; 16]].concat();
        sealer.seal_next(&mut chunk).unwrap();
        sealed.extend(chunk);
    }
    let mut last = [&bytes[(chunks as usize - 1) * 65_536..], &[0; 16]].concat();
    sealer.seal_last(&mut last).unwrap();
    sealed.extend(last);

    let opener = PartOpener::new(&data_key, number, &salt).unwrap();
    opener.check_header(&header).unwrap();
    let mut opened = Vec::new();
    for (index, chunk) in (0..).zip(sealed[40..].chunks(65_552)) {
        opened.extend_from_slice(
            opener
                .open(index, index + 1 == chunks, &mut chunk.to_vec())
                .unwrap(),
        );
    }
    assert!(opened == bytes);

    let first = sealed[40..].chunks(65_552).next().unwrap();
    PartVector {
        data_key: data_key_hex,
        number,
        salt: hex::encode(salt),
        plain_length: length,
        sealed_length: sealed.len() as u64,
        header: hex::encode(header),
        first_chunk_tag: hex::encode(&first[first.len() - 16..]),
        sealed: (length < 100).then(|| hex::encode(&sealed)),
        sealed_sha256: hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &sealed)),
    }
}

fn manifest(seed: u8, checksums: [Option<Vec<u8>>; 2]) -> ManifestVector {
    let (data_key, data_key_hex) = key::<DataKey>(seed);
    let [first, second] = checksums;
    let manifest = Manifest {
        parts: vec![
            ManifestPart {
                number: 1,
                length: 5_242_880,
                salt: [1; 32],
                checksum: first,
            },
            ManifestPart {
                number: 2,
                length: 7,
                salt: [2; 32],
                checksum: second,
            },
        ],
        headers: BTreeMap::from([("content-type".into(), "text/plain".into())]),
        metadata: BTreeMap::from([("owner".into(), "Zoë".into())]),
        checksums: vec![Checksum {
            algorithm: "CRC32".into(),
            value: vec![1, 2, 3, 4],
            composite: true,
        }],
        etag_is_md5: None,
    };
    let salt = [seed; 32];
    let key = ManifestKey::of(&data_key).unwrap();
    let sealed = manifest.seal(&key, b"outside", &Fixed::new(&salt)).unwrap();
    assert_eq!(Manifest::open(&sealed, &key, b"outside").unwrap(), manifest);
    ManifestVector {
        data_key: data_key_hex,
        manifest_key: hex::encode(key.expose()),
        salt: hex::encode(salt),
        outside: hex::encode(b"outside"),
        cbor: hex::encode(minicbor::to_vec(&manifest).unwrap()),
        sealed: hex::encode(sealed),
    }
}

fn row(seed: u8) -> RowVector {
    let (store_key, store_key_hex) = key::<StoreKey>(seed);
    let salt = [seed; 32];
    let seal = RowSeal::new(&store_key);
    let sealed = seal
        .seal([0xb0; 16], b"current/key", b"a value", &Fixed::new(&salt))
        .unwrap();
    assert_eq!(
        seal.open([0xb0; 16], b"current/key", &sealed).unwrap(),
        b"a value"
    );
    RowVector {
        store_key: store_key_hex,
        salt: hex::encode(salt),
        partition: hex::encode([0xb0; 16]),
        row: hex::encode(b"current/key"),
        value: hex::encode(b"a value"),
        sealed: hex::encode(sealed),
    }
}

fn mac(seed: u8, purpose: Purpose) -> MacVector {
    let (store_key, store_key_hex) = key::<StoreKey>(seed);
    let authenticator = StoreAuthenticator::new(&store_key).unwrap();
    MacVector {
        store_key: store_key_hex,
        purpose: format!("{purpose:?}").to_lowercase(),
        bytes: hex::encode(b"two parts"),
        mac: hex::encode(authenticator.mac(purpose, &[b"two ", b"parts"])),
    }
}

fn note(seed: u8) -> NoteVector {
    let (store_key, store_key_hex) = key::<StoreKey>(seed);
    let salt = [seed; 32];
    let authenticator = StoreAuthenticator::new(&store_key).unwrap();
    let sealed = authenticator
        .seal(b"a context", b"a note", &Fixed::new(&salt))
        .unwrap();
    assert_eq!(authenticator.open(b"a context", &sealed).unwrap(), b"a note");
    NoteVector {
        store_key: store_key_hex,
        salt: hex::encode(salt),
        context: hex::encode(b"a context"),
        plain: hex::encode(b"a note"),
        sealed: hex::encode(sealed),
    }
}

fn fingerprint(seed: u8) -> FingerprintVector {
    let (key, key_hex) = key::<OuterKey>(seed);
    FingerprintVector {
        key: key_hex,
        fingerprint: Fingerprint::of(&key).unwrap().to_string(),
    }
}

fn check(seed: u8) -> CheckVector {
    let (root, root_hex) = key::<OuterKey>(seed);
    let text = b"version = 2\n";
    let check = keyring::check(&root, text).unwrap();
    keyring::verify(&root, text, &check).unwrap();
    CheckVector {
        root_key: root_hex,
        text: hex::encode(text),
        check: hex::encode(check),
    }
}

fn made() -> Vectors {
    Vectors {
        about: "Strongroom sealed format, suite 1. See docs/format.md. All byte strings in hex.".into(),
        envelopes: vec![
            envelope::<DataKey>(Mode::S3, "bucket-key", "a/key", 1),
            envelope::<DataKey>(Mode::Customer, "", "Grüße/../ key", 2),
            envelope::<DataKey>(Mode::Kms, "kms:1", "k", 3),
            envelope::<OuterKey>(Mode::Bucket, "master-1", "", 4),
            envelope::<ManifestKey>(Mode::Manifest, "bucket-key", "a/key", 5),
            envelope::<OuterKey>(Mode::Keyring, "0011223344556677", "k-0011223344556677/2", 6),
            envelope::<OuterKey>(Mode::Named, "k-0011223344556677/2", "4:dept2:hr", 7),
        ],
        parts: [0, 1, 47, 65_535, 65_536, 65_537, 200_000]
            .into_iter()
            .zip(1..)
            .map(|(length, number)| part(length, number, number as u8))
            .collect(),
        manifests: vec![
            manifest(9, [None, None]),
            manifest(10, [Some(vec![5, 6, 7, 8]), Some(vec![9, 10, 11, 12])]),
        ],
        rows: vec![row(11)],
        macs: [Purpose::Log, Purpose::Mark, Purpose::Tables, Purpose::Tag]
            .map(|purpose| mac(14, purpose))
            .into(),
        notes: vec![note(15)],
        fingerprints: vec![fingerprint(12)],
        checks: vec![check(13)],
    }
}

#[test]
fn the_code_reproduces_and_opens_the_committed_vectors() {
    if std::env::var_os("STRONGROOM_WRITE_VECTORS").is_some() {
        std::fs::write(FILE, serde_json::to_string_pretty(&made()).unwrap() + "\n").unwrap();
    }
    let committed: Vectors = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    assert_eq!(made(), committed);
}
