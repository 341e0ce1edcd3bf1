use super::*;
use crate::conformance::FixedAuthenticator;
use proptest::prelude::*;

const PARTITION: PartitionId = PartitionId([5; 16]);

type Model = BTreeMap<Vec<u8>, Bytes>;

fn sum_of(rows: &Model) -> Sum {
    let mut sum = Sum::default();
    for (key, value) in rows {
        if row_key::summed_partition(key).is_some() {
            sum.add(key, value, &FixedAuthenticator::new(1));
        }
    }
    sum
}

/// Applies a group to the rows as the committer does.
fn apply(rows: &mut Model, mut changes: Changes) {
    update(
        &mut changes,
        |key| Ok(rows.get(key).cloned()),
        &FixedAuthenticator::new(1),
    )
    .unwrap();
    for (key, value) in changes {
        match value {
            Some(value) => rows.insert(key, value),
            None => rows.remove(&key),
        };
    }
}

fn stored(rows: &Model) -> Sum {
    let key = row_key::sum(PARTITION);
    Sum::open(&key, &rows[&key], &FixedAuthenticator::new(1)).unwrap()
}

fn created() -> Model {
    let mut rows = Model::new();
    let generation = Some(Bytes::copy_from_slice(&1_u64.to_be_bytes()));
    apply(&mut rows, [(row_key::generation(PARTITION), generation)].into());
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_stored_sum_is_that_of_the_rows(
        groups in prop::collection::vec(
            prop::collection::btree_map(0_u8..8, prop::option::of(prop::collection::vec(any::<u8>(), 0..40)), 1..5),
            1..12,
        ),
    ) {
        let mut rows = created();
        for group in groups {
            let changes = group.into_iter().map(|(key, value)| (row_key::row(PARTITION, &[key + 1]), value.map(Bytes::from)));
            apply(&mut rows, changes.collect());
            prop_assert_eq!(stored(&rows), sum_of(&rows));
        }
    }
}

#[test]
fn a_missing_a_changed_and_an_additional_row_are_found() {
    let mut rows = created();
    for n in 1..10 {
        let value = Bytes::from(vec![n; 30]);
        apply(&mut rows, [(row_key::row(PARTITION, &[n]), Some(value))].into());
    }
    let sum = stored(&rows);
    assert_eq!(sum.rows, 10);
    for key in rows.keys().cloned().collect::<Vec<_>>() {
        if row_key::summed_partition(&key).is_none() {
            continue;
        }
        let mut damaged = rows.clone();
        damaged.remove(&key);
        assert_ne!(sum_of(&damaged), sum);
        let mut damaged = rows.clone();
        damaged.insert(key.clone(), Bytes::from_static(b"older value of this row"));
        assert_ne!(sum_of(&damaged), sum);
        let mut damaged = rows.clone();
        damaged.insert([&key[..], b"x"].concat(), rows[&key].clone());
        assert_ne!(sum_of(&damaged), sum);
    }
}

#[test]
fn a_removed_partition_has_no_sum() {
    let mut rows = created();
    apply(
        &mut rows,
        [(row_key::row(PARTITION, b"a"), Some(Bytes::from_static(b"1")))].into(),
    );
    let changes = rows.keys().map(|key| (key.clone(), None)).collect();
    apply(&mut rows, changes);
    assert!(rows.is_empty());
}

#[test]
fn a_missing_or_damaged_sum_is_damage() {
    let mut rows = created();
    let change: Changes = [(row_key::row(PARTITION, b"a"), Some(Bytes::from_static(b"1")))].into();
    let key = row_key::sum(PARTITION);
    let attempt = |rows: &Model| {
        update(
            &mut change.clone(),
            |key| Ok(rows.get(key).cloned()),
            &FixedAuthenticator::new(1),
        )
    };
    attempt(&rows).unwrap();
    rows.insert(key.clone(), Bytes::from_static(b"other"));
    assert!(matches!(attempt(&rows), Err(StoreError::Damaged { .. })));
    rows.remove(&key);
    assert!(matches!(attempt(&rows), Err(StoreError::Damaged { .. })));
}
