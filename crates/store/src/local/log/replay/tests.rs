//! Logs that were damaged in every way that a disk or a person may damage them.

use super::*;
use crate::conformance::FixedAuthenticator;
use crate::local::log::Changes;
use crate::local::log::changes::apply;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::fs;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt as _;
use tempfile::TempDir;

const ORIGIN: Origin = Origin {
    store: [1; 16],
    timeline: [2; 16],
};

/// Size of a segment.
const SIZE: u64 = 64 << 10;

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// A log with the heads after each group.
struct Fixture {
    directory: TempDir,
    heads: Vec<Head>,
}

fn authenticator() -> Arc<FixedAuthenticator> {
    Arc::new(FixedAuthenticator::new(1))
}

fn empty() -> Head {
    Head::of_empty_log(&ORIGIN, &*authenticator())
}

fn change(n: u64) -> Changes {
    let value = Bytes::from(n.to_string().repeat(40));
    [
        (format!("row/{n}").into_bytes(), Some(value)),
        (b"last".to_vec(), Some(n.to_be_bytes().to_vec().into())),
    ]
    .into()
}

impl Fixture {
    /// Writes `groups` groups into each of `segments` segments.
    fn new(segments: u64, groups: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut writer = LogWriter::create(directory.path(), ORIGIN, authenticator(), empty(), SIZE).unwrap();
        let mut heads = vec![writer.head()];
        for segment in 0..segments {
            if segment > 0 {
                let verified =
                    verify(directory.path(), ORIGIN, heads[0], heads[0], &*authenticator()).unwrap();
                writer = verified.writer(authenticator(), SIZE);
            }
            for group in 0..groups {
                writer
                    .append(1 + group % 2, &change(segment * groups + group))
                    .unwrap();
                heads.push(writer.head());
            }
        }
        Self { directory, heads }
    }

    fn empty(&self) -> Head {
        self.heads[0]
    }

    fn last(&self) -> Head {
        *self.heads.last().unwrap()
    }

    /// Returns the rows of the log, if it is accepted with the mark.
    fn read(&self, mark: Head) -> Result<(Head, Rows)> {
        read_rows(self.directory.path(), self.empty(), mark)
    }

    fn path(&self, ordinal: u64) -> PathBuf {
        segment::path(self.directory.path(), ordinal)
    }

    fn used(&self, ordinal: u64) -> usize {
        let bytes = fs::read(self.path(ordinal)).unwrap();
        bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1
    }

    fn write(&self, ordinal: u64, offset: usize, bytes: &[u8]) {
        let file = OpenOptions::new().write(true).open(self.path(ordinal)).unwrap();
        file.write_all_at(bytes, offset as u64).unwrap();
    }
}

fn read_rows(directory: &Path, tables: Head, mark: Head) -> Result<(Head, Rows)> {
    let verified = verify(directory, ORIGIN, tables, mark, &*authenticator())?;
    let mut rows = Rows::new();
    apply(
        &verified,
        tables.number,
        |_, _| false,
        |key, value, _| {
            match value {
                Some(value) => rows.insert(key.to_vec(), value.to_vec()),
                None => rows.remove(key),
            };
        },
    )?;
    Ok((verified.head, rows))
}

#[test]
fn a_log_is_read_as_it_was_written() {
    let fixture = Fixture::new(3, 4);
    let (head, rows) = fixture.read(fixture.last()).unwrap();
    assert_eq!(head, fixture.last());
    assert_eq!(rows.len(), 13);
    assert_eq!(rows[&b"last"[..]], 11_u64.to_be_bytes());
}

#[test]
fn any_flipped_bit_is_refused_or_discarded_as_never_acknowledged() {
    let fixture = Fixture::new(2, 3);
    let (_, whole) = fixture.read(fixture.last()).unwrap();
    for ordinal in [1, 2] {
        let path = fixture.path(ordinal);
        let original = fs::read(&path).unwrap();
        for bit in 0..fixture.used(ordinal) * 8 {
            fixture.write(ordinal, bit / 8, &[original[bit / 8] ^ 1 << (bit % 8)]);
            if let Ok((head, rows)) = fixture.read(fixture.last()) {
                assert!(
                    head == fixture.last() && rows == whole,
                    "segment {ordinal}, bit {bit}"
                );
            }
            fixture.write(ordinal, bit / 8, &[original[bit / 8]]);
        }
    }
    assert_eq!(fixture.read(fixture.last()).unwrap().1, whole);
}

#[test]
fn a_cut_is_accepted_only_after_the_mark() {
    let fixture = Fixture::new(2, 3);
    let before = fixture.heads[5];
    let original = fs::read(fixture.path(2)).unwrap();
    let used = fixture.used(2);
    let last_group = {
        let (_, chain) = (0, fixture.last().chain);
        // The chain value is in the header of the last group, 32 bytes after its start.
        original.windows(32).rposition(|window| window == chain).unwrap() - 32
    };
    for length in last_group..used {
        fixture.write(2, length, &vec![0; used - length]);
        let error = fixture.read(fixture.last()).unwrap_err().to_string();
        assert!(
            error.contains("the mark names commit"),
            "cut at {length}: {error}"
        );
        assert_eq!(fixture.read(before).unwrap().0, before, "cut at {length}");
        fixture.write(2, length, &original[length..used]);
    }
    fixture.write(2, last_group - 5, &vec![0; used - last_group + 5]);
    assert!(fixture.read(before).is_err());
    // A zeroed group in the middle is damage, whatever the mark says: a whole group follows.
    fixture.write(2, last_group - 5, &original[last_group - 5..used]);
    fixture.write(2, HEADER_BYTES, &[0; 200]);
    let error = fixture.read(fixture.heads[3]).unwrap_err().to_string();
    assert!(error.contains("a whole group follows"), "{error}");
}

#[test]
fn segments_that_are_missing_or_exchanged_are_refused() {
    let fixture = Fixture::new(3, 2);
    let files: Vec<_> = (1..=3)
        .map(|ordinal| fs::read(fixture.path(ordinal)).unwrap())
        .collect();
    for ordinal in 1..=3 {
        fs::remove_file(fixture.path(ordinal)).unwrap();
        assert!(
            fixture.read(fixture.last()).is_err(),
            "segment {ordinal} is missing"
        );
        fs::write(fixture.path(ordinal), &files[0]).unwrap();
        assert_eq!(
            fixture.read(fixture.last()).is_ok(),
            ordinal == 1,
            "segment {ordinal} is segment 1"
        );
        fs::write(fixture.path(ordinal), b"").unwrap();
        assert!(
            fixture.read(fixture.last()).is_err(),
            "segment {ordinal} is empty"
        );
        fs::write(
            fixture.path(ordinal),
            &files[usize::try_from(ordinal).unwrap() - 1],
        )
        .unwrap();
    }
    fixture.read(fixture.last()).unwrap();
    let other = Fixture::new(3, 2);
    fs::write(fixture.path(2), fs::read(other.path(2)).unwrap()).unwrap();
    fixture.read(fixture.last()).unwrap();
}

#[test]
fn a_log_of_another_store_or_timeline_is_refused() {
    let fixture = Fixture::new(1, 2);
    for origin in [
        Origin {
            store: [9; 16],
            ..ORIGIN
        },
        Origin {
            timeline: [9; 16],
            ..ORIGIN
        },
    ] {
        let path = fixture.directory.path();
        let error = verify(path, origin, fixture.empty(), fixture.empty(), &*authenticator()).unwrap_err();
        assert!(error.to_string().contains("another"), "{error}");
    }
}

#[test]
fn another_history_is_refused() {
    let fixture = Fixture::new(1, 3);
    let mut mark = fixture.heads[2];
    mark.chain[0] ^= 1;
    let error = fixture.read(mark).unwrap_err().to_string();
    assert!(error.contains("another history"), "{error}");
    let tables = read_rows(fixture.directory.path(), mark, fixture.last()).unwrap_err();
    assert!(tables.to_string().contains("another history"), "{tables}");
}

#[test]
fn segments_that_the_tables_replace_are_deleted_and_not_missed() {
    let fixture = Fixture::new(3, 2);
    let verified = verify(
        fixture.directory.path(),
        ORIGIN,
        fixture.empty(),
        fixture.last(),
        &*authenticator(),
    );
    let writer = verified.unwrap().writer(authenticator(), SIZE);
    let tables = fixture.heads[4];
    let remove = |path: &Path, _, _| fs::remove_file(path);
    writer.segments().remove_through(tables.number, remove).unwrap();
    assert_eq!(segment::ordinals(fixture.directory.path()).unwrap(), [3]);
    let (head, rows) = read_rows(fixture.directory.path(), tables, fixture.last()).unwrap();
    assert_eq!((head, rows.len()), (fixture.last(), 3));
    let error = read_rows(fixture.directory.path(), fixture.heads[2], fixture.last()).unwrap_err();
    assert!(
        error.to_string().contains("commits 4 to 6 are missing"),
        "{error}"
    );
}

#[test]
fn a_segment_after_a_failed_append_replaces_what_follows_in_the_old_one() {
    let fixture = Fixture::new(1, 3);
    // The last group was written, but its append failed: the writer went on in a new segment.
    let head = fixture.heads[2];
    let header = SegmentHeader {
        ordinal: 2,
        origin: ORIGIN,
        first: head.number + 1,
        chain: head.chain,
    };
    segment::create(fixture.directory.path(), header, SIZE).unwrap();
    let (found, rows) = fixture.read(head).unwrap();
    assert_eq!((found, rows.len()), (head, 3));
    assert!(fixture.read(fixture.last()).is_err());
}
