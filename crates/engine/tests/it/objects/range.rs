//! Ranges of objects, compared with a slice of the plaintext.

use crate::support::protection::{ALICE, Protection};
use crate::support::vault::{Vault, content};
use proptest::test_runner::{Config, TestRunner};
use strongroom_engine::Error;
use strongroom_engine::model::condition::ByteRange;
use strongroom_store::Store;

const CHUNK: usize = 65_536;
const SIZES: [usize; 6] = [1, 65_480, CHUNK + 1, 3 * CHUNK, 16 * CHUNK + 5, 33 * CHUNK - 1];

/// Returns the slice of the plaintext that the range selects.
fn model(bytes: &[u8], range: ByteRange) -> Option<Vec<u8>> {
    let at = |offset: u64| usize::try_from(offset).unwrap();
    let found = match range {
        ByteRange::From(first, last) => bytes
            .iter()
            .skip(at(first))
            .take(last.map_or(usize::MAX, |last| at(last + 1) - at(first)))
            .copied()
            .collect::<Vec<_>>(),
        ByteRange::Last(count) => bytes[bytes.len().saturating_sub(at(count))..].to_vec(),
    };
    (!found.is_empty()).then_some(found)
}

async fn agrees(vault: &Vault, size: usize, protection: Protection, range: ByteRange) {
    let bytes = content(size as u64, size);
    let got = vault.get_range(&size.to_string(), protection, range).await;
    match (got, model(&bytes, range)) {
        (Ok(got), Some(expected)) => assert!(got == expected, "{range:?} of {size}"),
        (Err(Error::InvalidRange(length)), None) => assert_eq!(length, size as u64),
        (got, expected) => panic!("{range:?} of {size}: {got:?}, expected {expected:?}"),
    }
}

async fn filled(vault: &Vault, protection: Protection) {
    for size in SIZES {
        let bytes = content(size as u64, size);
        vault.put(&size.to_string(), bytes, protection).await.unwrap();
    }
}

#[tokio::test]
async fn ranges_at_the_edges_of_chunks_and_reads_are_exact() {
    let vault = Vault::local().await;
    filled(&vault, ALICE).await;
    for size in SIZES {
        let edges = [0, 1, CHUNK, 2 * CHUNK, 16 * CHUNK, 32 * CHUNK, size - 1, size]
            .map(|edge| [edge.saturating_sub(1), edge, edge + 1]);
        let mut edges = edges.concat();
        edges.retain(|edge| *edge <= size + 1);
        edges.sort_unstable();
        edges.dedup();
        for first in &edges {
            agrees(&vault, size, ALICE, ByteRange::From(*first as u64, None)).await;
            agrees(&vault, size, ALICE, ByteRange::Last(*first as u64)).await;
            for last in edges.iter().filter(|last| *last >= first) {
                let range = ByteRange::From(*first as u64, Some(*last as u64));
                agrees(&vault, size, ALICE, range).await;
            }
        }
    }
}

#[test]
fn any_range_is_a_slice_of_the_plaintext() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let vault = runtime.block_on(Vault::memory());
    runtime.block_on(filled(&vault, Protection::Unspecified));
    let ranges = (
        proptest::sample::select(&SIZES[..]),
        0..34 * CHUNK as u64,
        0..34 * CHUNK as u64,
        0..3,
    );
    let config = Config {
        cases: 300,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&ranges, |(size, a, b, kind)| {
        let range = match kind {
            0 => ByteRange::From(a.min(b), Some(a.max(b))),
            1 => ByteRange::From(a, None),
            _ => ByteRange::Last(a),
        };
        runtime.block_on(agrees(&vault, size, Protection::Unspecified, range));
        Ok(())
    });
    outcome.unwrap();
}

#[tokio::test]
async fn unsatisfiable_ranges_are_refused() {
    let vault = Vault::memory().await;
    vault.put("empty", "", ALICE).await.unwrap();
    vault.put("full", "12345", ALICE).await.unwrap();
    for (key, range) in [
        ("empty", ByteRange::From(0, None)),
        ("empty", ByteRange::From(0, Some(0))),
        ("empty", ByteRange::Last(1)),
        ("full", ByteRange::From(5, None)),
        ("full", ByteRange::From(u64::MAX, Some(u64::MAX))),
        ("full", ByteRange::Last(0)),
    ] {
        let refused = vault.get_range(key, ALICE, range).await;
        assert!(
            matches!(refused, Err(Error::InvalidRange(_))),
            "{key} {range:?}: {refused:?}"
        );
    }
    let all = ByteRange::From(0, Some(u64::MAX));
    assert_eq!(vault.get_range("full", ALICE, all).await.unwrap(), b"12345");
    let last = ByteRange::Last(u64::MAX);
    assert_eq!(vault.get_range("full", ALICE, last).await.unwrap(), b"12345");
}

#[tokio::test]
async fn a_range_reads_only_its_chunks() {
    let (store, meter) = Store::memory().metered();
    let vault = Vault::through(move |_| store).await;
    let bytes = content(1, 40 * CHUNK);
    vault.put("a", bytes.clone(), ALICE).await.unwrap();
    let before = meter.snapshot();
    let range = ByteRange::From(20 * CHUNK as u64 + 5, Some(20 * CHUNK as u64 + 9));
    let got = vault.get_range("a", ALICE, range).await.unwrap();
    assert_eq!(got, bytes[20 * CHUNK + 5..20 * CHUNK + 10]);
    let after = meter.snapshot();
    assert_eq!(after.bytes_read - before.bytes_read, CHUNK as u64 + 16);
    assert_eq!(after.blob_reads.made - before.blob_reads.made, 1);
}
