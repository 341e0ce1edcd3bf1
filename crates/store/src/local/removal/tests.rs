use super::*;
use crate::local::directory::Directory;
use crate::local::settings::LocalSettings;
use std::path::Path;
use std::sync::Arc;

const PARTITION: PartitionId = PartitionId([1; 16]);
const NEIGHBOUR: PartitionId = PartitionId([2; 16]);

fn open(path: &Path) -> Database {
    let directory = Arc::new(Directory::open(path).unwrap());
    Database::open(&directory, &LocalSettings::default()).unwrap()
}

fn fill(database: &Database, partition: PartitionId, rows: u32) {
    let mut changes: Changes = (0..rows)
        .map(|n| {
            (
                row_key::row(partition, n.to_string().as_bytes()),
                Some(Bytes::new()),
            )
        })
        .collect();
    changes.insert(row_key::generation(partition), Some(Bytes::from_static(&[0; 8])));
    database.write(&changes).unwrap();
}

/// Rows, facts and marks.
fn left(database: &Database, partition: PartitionId) -> (usize, usize, usize) {
    let count = |prefix: &[u8]| database.keys(prefix, usize::MAX).unwrap().len();
    (
        count(&row_key::rows(partition)),
        count(&row_key::facts(partition)),
        count(&row_key::removal(partition)),
    )
}

#[test]
fn a_small_partition_goes_in_one_step() {
    let directory = tempfile::tempdir().unwrap();
    let (database, removals) = (open(directory.path()), Removals::default());
    fill(&database, PARTITION, 1000);
    assert_eq!(step(&database, &removals, PARTITION).unwrap(), Progress::Done);
    assert_eq!(left(&database, PARTITION), (0, 0, 0));
    assert!(!removals.contain(PARTITION));
    assert_eq!(step(&database, &removals, PARTITION).unwrap(), Progress::Done);
}

#[test]
fn a_large_partition_is_invisible_from_the_first_step() {
    let directory = tempfile::tempdir().unwrap();
    let (database, removals) = (open(directory.path()), Removals::default());
    fill(&database, PARTITION, 2500);
    assert_eq!(step(&database, &removals, PARTITION).unwrap(), Progress::More);
    assert_eq!(left(&database, PARTITION), (2500, 0, 1));
    assert!(removals.contain(PARTITION) && !removals.contain(NEIGHBOUR));
    assert_eq!(step(&database, &removals, PARTITION).unwrap(), Progress::More);
    assert_eq!(step(&database, &removals, PARTITION).unwrap(), Progress::More);
    assert_eq!(left(&database, PARTITION), (500, 0, 1));
    assert_eq!(step(&database, &removals, PARTITION).unwrap(), Progress::Done);
    assert_eq!(left(&database, PARTITION), (0, 0, 0));
    assert!(!removals.contain(PARTITION));
}

#[test]
fn an_interrupted_removal_is_ended_by_the_next_opening() {
    let directory = tempfile::tempdir().unwrap();
    let database = open(directory.path());
    fill(&database, PARTITION, 2500);
    fill(&database, NEIGHBOUR, 10);
    assert_eq!(
        step(&database, &Removals::default(), PARTITION).unwrap(),
        Progress::More
    );
    drop(database);
    let database = open(directory.path());
    assert_eq!(left(&database, PARTITION), (2500, 0, 1));
    resume(&database).unwrap();
    assert_eq!(left(&database, PARTITION), (0, 0, 0));
    assert_eq!(left(&database, NEIGHBOUR), (10, 1, 0));
}
