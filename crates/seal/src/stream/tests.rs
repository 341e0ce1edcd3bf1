#![expect(
    clippy::cast_possible_truncation,
    reason = "lengths of tests are small, and patterns wrap"
)]

use super::*;
use crate::SystemRandom;
use crate::layout::{self, SEALED_CHUNK};
use proptest::prelude::*;

fn data_key(byte: u8) -> DataKey {
    DataKey::from_bytes(&[byte; 32])
}

/// Seals a whole part: header and chunks.
fn seal(key: &DataKey, number: u32, plain: &[u8]) -> ([u8; 32], Vec<u8>) {
    let mut sealer = PartSealer::new(key, number, &SystemRandom::default()).unwrap();
    let salt = sealer.salt();
    let mut out = sealer.header().to_vec();
    let mut rest = plain;
    while rest.len() > CHUNK_LENGTH {
        let mut chunk = [&rest[..CHUNK_LENGTH], &[0; TAG]].concat();
        sealer.seal_next(&mut chunk).unwrap();
        out.extend(chunk);
        rest = &rest[CHUNK_LENGTH..];
    }
    let mut chunk = [rest, &[0; TAG]].concat();
    sealer.seal_last(&mut chunk).unwrap();
    out.extend(chunk);
    (salt, out)
}

/// Opens a whole part of `length` plaintext bytes.
fn open(key: &DataKey, number: u32, salt: &[u8; 32], length: u64, sealed: &[u8]) -> Result<Vec<u8>> {
    let opener = PartOpener::new(key, number, salt)?;
    opener.check_header(sealed.get(..HEADER).ok_or(Error::Damaged("part"))?)?;
    if sealed.len() as u64 != layout::sealed_length(length) {
        return Err(Error::Damaged("content"));
    }
    let mut out = Vec::new();
    let chunks = layout::chunks(length);
    for (index, chunk) in (0..).zip(sealed[HEADER..].chunks(SEALED_CHUNK as usize)) {
        out.extend_from_slice(opener.open(index, index + 1 == chunks, &mut chunk.to_vec())?);
    }
    Ok(out)
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 31 + i / 251) as u8).collect()
}

#[test]
fn sizes_at_the_chunk_edges_come_back() {
    let key = data_key(1);
    for length in [
        0, 1, 15, 16, 17, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 1_000_003,
    ] {
        let plain = pattern(length);
        let (salt, sealed) = seal(&key, 1, &plain);
        assert_eq!(sealed.len() as u64, layout::sealed_length(length as u64));
        assert!(
            open(&key, 1, &salt, length as u64, &sealed).unwrap() == plain,
            "{length}"
        );
    }
}

#[test]
fn an_empty_part_opens_only_with_its_key() {
    let (salt, sealed) = seal(&data_key(1), 1, b"");
    assert_eq!(open(&data_key(1), 1, &salt, 0, &sealed), Ok(vec![]));
    assert_eq!(
        open(&data_key(2), 1, &salt, 0, &sealed),
        Err(Error::Damaged("content"))
    );
}

#[test]
fn another_part_number_or_salt_is_damage() {
    let key = data_key(1);
    let (salt, sealed) = seal(&key, 1, b"hello");
    let (other_salt, other) = seal(&key, 1, b"hello");
    assert_ne!(
        sealed, other,
        "the same part sealed twice must not meet the same key"
    );
    assert_eq!(open(&key, 2, &salt, 5, &sealed), Err(Error::Damaged("part")));
    assert_eq!(
        open(&key, 1, &other_salt, 5, &sealed),
        Err(Error::Damaged("part"))
    );
    assert_eq!(open(&key, 1, &salt, 5, &other), Err(Error::Damaged("part")));
    let spliced = [&sealed[..HEADER], &other[HEADER..]].concat();
    assert_eq!(open(&key, 1, &salt, 5, &spliced), Err(Error::Damaged("content")));
}

#[test]
fn chunks_swapped_dropped_repeated_or_cut_are_damage() {
    let key = data_key(1);
    let plain = pattern(4 * CHUNK_LENGTH);
    let (salt, sealed) = seal(&key, 1, &plain);
    let chunk = |i: usize| &sealed[HEADER + i * SEALED_CHUNK as usize..][..SEALED_CHUNK as usize];
    let orders: [&[usize]; 6] = [
        &[1, 0, 2, 3],
        &[0, 1, 2, 2],
        &[0, 0, 2, 3],
        &[0, 1, 3, 2],
        &[0, 1, 2],
        &[0, 1, 3],
    ];
    for order in orders {
        let bytes = [
            &sealed[..HEADER],
            &order.iter().map(|i| chunk(*i)).collect::<Vec<_>>().concat(),
        ]
        .concat();
        let length = order.len() as u64 * CHUNK;
        assert_eq!(
            open(&key, 1, &salt, length, &bytes),
            Err(Error::Damaged("content")),
            "{order:?}"
        );
    }
}

#[test]
fn chunks_of_the_wrong_size_are_not_sealed() {
    let key = data_key(1);
    let sealer = || PartSealer::new(&key, 1, &SystemRandom::default()).unwrap();
    assert_eq!(sealer().seal_next(&mut [0; 100]), Err(Error::ChunkSize(100)));
    assert_eq!(sealer().seal_last(&mut [0; 15]), Err(Error::ChunkSize(15)));
    assert!(sealer().seal_last(&mut vec![0; CHUNK_LENGTH + 17]).is_err());
    let mut second = sealer();
    second.seal_next(&mut vec![0; CHUNK_LENGTH + TAG]).unwrap();
    assert_eq!(
        second.seal_last(&mut [0; TAG]),
        Err(Error::ChunkSize(TAG)),
        "empty last chunk after another one"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn open_of_seal_is_the_same(plain in prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        (0usize..200_000).prop_map(pattern),
    ], number in 1u32..=10_000) {
        let key = data_key(5);
        let (salt, sealed) = seal(&key, number, &plain);
        prop_assert!(open(&key, number, &salt, plain.len() as u64, &sealed).unwrap() == plain);
    }

    #[test]
    fn any_flipped_bit_is_damage(length in 0usize..140_000, at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let key = data_key(5);
        let (salt, mut sealed) = seal(&key, 3, &pattern(length));
        let at = at.index(sealed.len());
        sealed[at] ^= 1 << bit;
        prop_assert!(open(&key, 3, &salt, length as u64, &sealed).is_err());
    }

    #[test]
    fn any_range_opens_from_its_chunks_alone(length in 1usize..300_000, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
        let key = data_key(5);
        let plain = pattern(length);
        let (salt, sealed) = seal(&key, 1, &plain);
        let (start, end) = (a.index(length), b.index(length) + 1);
        prop_assume!(start < end);
        let span = layout::span(length as u64, start as u64..end as u64);
        let opener = PartOpener::new(&key, 1, &salt).unwrap();
        let mut opened = Vec::new();
        let bytes = &sealed[span.sealed.start as usize..span.sealed.end as usize];
        for (index, chunk) in span.chunks.clone().zip(bytes.chunks(SEALED_CHUNK as usize)) {
            let last = index + 1 == layout::chunks(length as u64);
            opened.extend_from_slice(opener.open(index, last, &mut chunk.to_vec()).unwrap());
        }
        prop_assert!(opened[span.skip as usize..][..span.take as usize] == plain[start..end]);
    }
}
