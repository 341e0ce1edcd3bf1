use super::*;
use crate::conformance::FixedAuthenticator;

const NUMBERS: Numbers = Numbers { first: 7, last: 9 };

const TIME: u32 = 1_800_000_000;

fn changes() -> Changes {
    [
        (b"a".to_vec(), Some(Bytes::from_static(b"value"))),
        (b"b".to_vec(), None),
        (b"c".to_vec(), Some(Bytes::new())),
    ]
    .into()
}

fn encoded() -> (Vec<u8>, Chain) {
    encode(NUMBERS, TIME, &changes(), &[3; 32], &FixedAuthenticator::new(1))
}

#[test]
fn a_group_is_read_as_it_was_written() {
    let (mut bytes, chain) = encoded();
    let length = bytes.len();
    bytes.extend_from_slice(&[0; 100]);
    let group = Group::parse(&bytes).unwrap();
    assert_eq!(
        (group.numbers, group.time, group.chain, group.bytes()),
        (NUMBERS, TIME, chain, length)
    );
    let expected = changes();
    let expected: Vec<_> = expected
        .iter()
        .map(|(key, value)| (&key[..], value.as_deref()))
        .collect();
    assert_eq!(group.changes().unwrap(), expected);
    assert!(group.follows(&[3; 32], &FixedAuthenticator::new(1)));
    assert!(!group.follows(&[4; 32], &FixedAuthenticator::new(1)));
}

#[test]
fn a_group_with_any_flipped_bit_is_refused() {
    let (bytes, _) = encoded();
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(Group::parse(&damaged).is_err(), "bit {bit}");
    }
}

#[test]
fn a_group_cut_off_anywhere_is_refused() {
    let (bytes, _) = encoded();
    for length in 0..bytes.len() {
        assert!(Group::parse(&bytes[..length]).is_err(), "{length} bytes");
    }
}

#[test]
fn a_changed_group_with_a_right_checksum_does_not_follow() {
    let (mut bytes, _) = encoded();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let sum = checksum(&bytes[..SUMMED], &bytes[HEADER_BYTES..]);
    bytes[SUMMED..HEADER_BYTES].copy_from_slice(&sum.to_be_bytes());
    let group = Group::parse(&bytes).unwrap();
    assert!(!group.follows(&[3; 32], &FixedAuthenticator::new(1)));
}

struct Zeros;

impl Authenticator for Zeros {
    fn mac(&self, _purpose: MacPurpose, _parts: &[&[u8]]) -> [u8; 32] {
        [0; 32]
    }

    fn seal(&self, _context: &[u8], plain: &[u8]) -> crate::Result<Vec<u8>> {
        Ok(plain.to_vec())
    }

    fn open(&self, _context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        Some(sealed.to_vec())
    }
}

#[test]
fn the_group_of_the_documentation() {
    let mut changes = changes();
    changes.remove(&b"c"[..]);
    let (bytes, _) = encode(NUMBERS, TIME, &changes, &[3; 32], &Zeros);
    let documentation = include_str!("../../../../../../docs/format-store.md");
    assert!(
        documentation.contains(&hex::encode(&bytes)),
        "{}",
        hex::encode(bytes)
    );
}
