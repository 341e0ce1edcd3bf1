use super::*;
use crate::local::settings::LocalSettings;
use std::path::Path;

const PARTITION: PartitionId = PartitionId([1; 16]);
const NEIGHBOUR: PartitionId = PartitionId([2; 16]);

fn open(path: &Path) -> Database {
    Database::open(path, &LocalSettings::default(), 0).unwrap()
}

fn fill(database: &Database, partition: PartitionId, rows: u32) {
    let row = |n: u32| {
        let key = row_key::row(partition, n.to_string().as_bytes());
        (key, Some(Bytes::new()))
    };
    let mut changes: Changes = (0..rows).map(row).collect();
    changes.insert(row_key::generation(partition), Some(Bytes::from_static(&[0; 8])));
    database.apply(changes, 1);
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

/// Performs the steps as the committer does.
struct Steps {
    database: Database,
    removals: Removals,
    number: u64,
}

impl Steps {
    fn new(database: Database) -> Self {
        Self {
            database,
            removals: Removals::default(),
            number: 1,
        }
    }

    fn step(&mut self) -> Progress {
        let step = step(&self.database, PARTITION).unwrap();
        self.number += 1;
        self.database.apply(step.changes, self.number);
        self.removals.record(PARTITION, step.progress);
        step.progress
    }
}

#[test]
fn a_small_partition_goes_in_one_step() {
    let directory = tempfile::tempdir().unwrap();
    let mut steps = Steps::new(open(directory.path()));
    fill(&steps.database, PARTITION, 1000);
    assert_eq!(steps.step(), Progress::Done);
    assert_eq!(left(&steps.database, PARTITION), (0, 0, 0));
    assert!(!steps.removals.contain(PARTITION));
    assert_eq!(steps.step(), Progress::Done);
}

#[test]
fn a_large_partition_is_invisible_from_the_first_step() {
    let directory = tempfile::tempdir().unwrap();
    let mut steps = Steps::new(open(directory.path()));
    fill(&steps.database, PARTITION, 2500);
    assert_eq!(steps.step(), Progress::More);
    assert_eq!(left(&steps.database, PARTITION), (2500, 0, 1));
    assert!(steps.removals.contain(PARTITION) && !steps.removals.contain(NEIGHBOUR));
    assert_eq!(interrupted(&steps.database).unwrap(), [PARTITION]);
    assert_eq!(steps.step(), Progress::More);
    assert_eq!(steps.step(), Progress::More);
    assert_eq!(left(&steps.database, PARTITION), (500, 0, 1));
    assert_eq!(steps.step(), Progress::Done);
    assert_eq!(left(&steps.database, PARTITION), (0, 0, 0));
    assert!(!steps.removals.contain(PARTITION));
    assert!(interrupted(&steps.database).unwrap().is_empty());
}
