use super::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

fn hex_of(algorithm: ChecksumAlgorithm, bytes: &[u8]) -> String {
    hex::encode(checksum_of(algorithm, bytes))
}

#[test]
fn known_checksums() {
    use ChecksumAlgorithm::{Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
    let nine = b"123456789";
    // Check values of the CRC catalogue.
    assert_eq!(hex_of(Crc32, nine), "cbf43926");
    assert_eq!(hex_of(Crc32c, nine), "e3069283");
    assert_eq!(hex_of(Crc64Nvme, nine), "ae8b14860a799888");
    // FIPS 180-4.
    assert_eq!(hex_of(Sha1, b"abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_eq!(
        hex_of(Sha256, b"abc"),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(hex_of(Crc32, b""), "00000000");
    assert_eq!(hex_of(Crc32c, b""), "00000000");
    assert_eq!(hex_of(Crc64Nvme, b""), "0000000000000000");
    assert_eq!(hex_of(Sha1, b""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

#[test]
fn known_md5() {
    let mut digests = Digests::new(true, ChecksumAlgorithm::Crc32);
    digests.update(b"123456789");
    let md5 = digests.finish().md5.map(hex::encode);
    assert_eq!(md5.as_deref(), Some("25f9e794323b453885f5181f1b624d0b"));
    let none = Digests::new(false, ChecksumAlgorithm::Crc32).finish();
    assert_eq!(none.md5, None, "not computed unless it is needed");
}

#[test]
fn checksums_are_as_long_as_they_say_and_found_by_name() {
    for algorithm in ChecksumAlgorithm::ALL {
        assert_eq!(checksum_of(algorithm, b"x").len(), algorithm.length());
        assert_eq!(ChecksumAlgorithm::named(algorithm.name()), Some(algorithm));
        let lower = algorithm.name().to_lowercase();
        assert_eq!(ChecksumAlgorithm::named(&lower), Some(algorithm));
        let digested = Digests::new(false, algorithm).finish();
        let checksum = digested.checksum();
        assert_eq!(checksum.algorithm, algorithm.name());
        assert!(!checksum.composite);
    }
    for name in ["", "MD5", "CRC", "SHA-256", "SHA256 "] {
        assert_eq!(ChecksumAlgorithm::named(name), None, "{name}");
    }
}

/// Generates contents cut into pieces of any size, passed on any number at a time.
fn handed_over() -> impl Strategy<Value = Vec<Vec<Vec<u8>>>> {
    let piece = prop::collection::vec(any::<u8>(), 0..200);
    prop::collection::vec(prop::collection::vec(piece, 0..5), 0..8)
}

#[test]
fn digests_beside_are_those_of_the_whole() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let inputs = (
        handed_over(),
        proptest::sample::select(&ChecksumAlgorithm::ALL[..]),
        any::<bool>(),
    );
    let config = Config {
        cases: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&inputs, |(calls, algorithm, md5)| {
        let mut whole = Digests::new(md5, algorithm);
        whole.update(&calls.concat().concat());
        let whole = whole.finish();
        let beside = runtime.block_on(async {
            let mut beside = Beside::new(Digests::new(md5, algorithm));
            for pieces in calls {
                let pieces = pieces.into_iter().map(Bytes::from).collect();
                beside.update(pieces).await.unwrap();
            }
            beside.finish().await.unwrap()
        });
        prop_assert_eq!(whole.md5, beside.md5);
        prop_assert_eq!(whole.value, beside.value);
        prop_assert_eq!(md5, whole.md5.is_some());
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn what_was_expected_is_compared_whole() {
    let digested = || {
        let mut digests = Digests::new(true, ChecksumAlgorithm::Sha256);
        digests.update(b"abc");
        digests.finish()
    };
    let md5: [u8; 16] = Md5::digest(b"abc").into();
    let right = digested().value;
    let known = |value: &[u8]| Some(ExpectedValue::Known(value.to_vec()));
    let later = |value: Option<Vec<u8>>| {
        let value = Box::new(move || value);
        Some(ExpectedValue::AfterBody("trailer".to_owned(), value))
    };

    digested().verify(None, None).unwrap();
    digested().verify(Some(md5), known(&right)).unwrap();
    digested().verify(Some(md5), later(Some(right.clone()))).unwrap();

    let mut flipped = right.clone();
    flipped[31] ^= 1;
    for wrong in [&flipped[..], &right[..31], &[], &[&right[..], &[0]].concat()] {
        for expected in [known(wrong), later(Some(wrong.to_vec()))] {
            let outcome = digested().verify(Some(md5), expected);
            assert!(
                matches!(outcome, Err(Error::BadChecksum("SHA256"))),
                "{outcome:?}"
            );
        }
    }
    let mut other_md5 = md5;
    other_md5[15] ^= 1;
    let outcome = digested().verify(Some(other_md5), known(&right));
    assert!(matches!(outcome, Err(Error::BadDigest)), "{outcome:?}");
    let outcome = digested().verify(None, later(None));
    assert!(matches!(outcome, Err(Error::BadTrailer(name)) if name == "trailer"));
}

#[test]
fn an_md5_that_was_not_computed_never_matches() {
    let digested = Digests::new(false, ChecksumAlgorithm::Crc32).finish();
    let outcome = digested.verify(Some(Md5::digest(b"").into()), None);
    assert!(matches!(outcome, Err(Error::BadDigest)), "{outcome:?}");
}
