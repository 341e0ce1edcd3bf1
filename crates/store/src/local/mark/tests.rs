use super::*;
use crate::conformance::FixedAuthenticator;

const ORIGIN: Origin = Origin {
    store: [1; 16],
    timeline: [2; 16],
};

fn mark(number: u64) -> Mark {
    Mark {
        head: Head {
            number,
            chain: [7; 32],
        },
        list: number / 2,
        orphans: 3 * number,
    }
}

fn authenticator() -> Arc<FixedAuthenticator> {
    Arc::new(FixedAuthenticator::new(1))
}

#[test]
fn the_newest_mark_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mark");
    let mut file = MarkFile::create(&path, ORIGIN, authenticator(), mark(0)).unwrap();
    for number in 1..6 {
        file.write(mark(number)).unwrap();
        assert_eq!(read(&path, &ORIGIN, &*authenticator()).unwrap().1, mark(number));
    }
    let (mut file, found) = MarkFile::open(&path, ORIGIN, authenticator()).unwrap();
    assert_eq!(found, mark(5));
    file.write(mark(6)).unwrap();
    assert_eq!(read(&path, &ORIGIN, &*authenticator()).unwrap().1, mark(6));
}

#[test]
fn a_flipped_bit_leaves_the_mark_before_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mark");
    let mut file = MarkFile::create(&path, ORIGIN, authenticator(), mark(0)).unwrap();
    for number in 1..4 {
        file.write(mark(number)).unwrap();
    }
    let whole = fs::read(&path).unwrap();
    for slot in [0, 4096] {
        for bit in 0..(CONTENT_BYTES + 32) * 8 {
            let mut damaged = whole.clone();
            damaged[slot + bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, &damaged).unwrap();
            let found = read(&path, &ORIGIN, &*authenticator()).unwrap().1;
            assert!([mark(2), mark(3)].contains(&found), "slot {slot}, bit {bit}");
        }
    }
    fs::write(&path, vec![0; 8192]).unwrap();
    assert!(read(&path, &ORIGIN, &*authenticator()).is_err());
    fs::remove_file(&path).unwrap();
    let error = read(&path, &ORIGIN, &*authenticator()).unwrap_err();
    assert!(error.to_string().ends_with("it is missing"), "{error}");
}

#[test]
fn a_mark_of_another_store_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mark");
    MarkFile::create(&path, ORIGIN, authenticator(), mark(0)).unwrap();
    let other = Origin {
        store: [9; 16],
        ..ORIGIN
    };
    assert!(read(&path, &other, &*authenticator()).is_err());
}

#[test]
fn the_keeper_writes_the_last_mark_when_it_is_dropped_and_soon_after_a_pause() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mark");
    let file = MarkFile::create(&path, ORIGIN, authenticator(), mark(0)).unwrap();
    let keeper = MarkKeeper::start(file, mark(0), &Arc::default()).unwrap();
    keeper.acknowledged(mark(2).head);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while read(&path, &ORIGIN, &*authenticator()).unwrap().1.head.number != 2 {
        assert!(std::time::Instant::now() < deadline);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    keeper.acknowledged(mark(4).head);
    keeper.listed(2);
    keeper.allow_orphans(12);
    drop(keeper);
    assert_eq!(read(&path, &ORIGIN, &*authenticator()).unwrap().1, mark(4));
}

#[test]
fn the_documented_mark_is_what_is_written() {
    struct Zeros;
    impl Authenticator for Zeros {
        fn mac(&self, _: MacPurpose, _: &[&[u8]]) -> [u8; 32] {
            [0; 32]
        }
        fn seal(&self, _: &[u8], _: &[u8]) -> Result<Vec<u8>> {
            unreachable!()
        }
        fn open(&self, _: &[u8], _: &[u8]) -> Option<Vec<u8>> {
            unreachable!()
        }
    }
    let mark = Mark {
        head: Head {
            number: 9,
            chain: [7; 32],
        },
        list: 3,
        orphans: 16,
    };
    let written = hex::encode(encode(5, mark, &ORIGIN, &Zeros));
    let documented = format!(
        "53524d41524b000200000000000000050000000000000009{}00000000000000030000000000000010{}",
        "07".repeat(32),
        "00".repeat(32)
    );
    assert_eq!(written, documented);
}

#[test]
fn the_allowed_orphans_are_written_on_return() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mark");
    let file = MarkFile::create(&path, ORIGIN, authenticator(), mark(0)).unwrap();
    let keeper = MarkKeeper::start(file, mark(0), &Arc::default()).unwrap();
    for orphans in [16, 32, 0, u64::MAX] {
        let change = keeper.allow_orphans(orphans);
        keeper.wait_for(change).unwrap();
        assert_eq!(
            read(&path, &ORIGIN, &*authenticator()).unwrap().1.orphans,
            orphans
        );
        assert_eq!(keeper.mark().orphans, orphans);
    }
}
