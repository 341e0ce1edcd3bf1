use super::*;
use proptest::prelude::*;
use strongroom_rows::key as row_key;

/// Generates keys with many of the escaped bytes.
fn any_key() -> impl Strategy<Value = String> {
    let letter = prop_oneof![
        Just('\0'),
        Just('\u{1}'),
        Just('\u{2}'),
        Just('\u{3}'),
        Just('/'),
        Just('a'),
        Just('\u{10ffff}'),
        any::<char>()
    ];
    prop::collection::vec(letter, 0..12).prop_map(|letters| letters.into_iter().collect())
}

proptest! {
    #[test]
    fn rows_keep_keys_whole_in_order_and_free_of_byte_0(a in any_key(), b in any_key()) {
        let (row_a, row_b) = (current(&a), current(&b));
        prop_assert_eq!(object_key(&row_a, CURRENT), Some((a.clone(), None)));
        prop_assert!(!row_a.contains(&0));
        prop_assert_eq!(a.as_bytes().cmp(b.as_bytes()), row_a.cmp(&row_b));
        prop_assert_eq!(a.starts_with(&b), row_a.starts_with(&row_b));
        prop_assert!(current(&a) < row_key::after(&current(&a)));
        if b > a {
            prop_assert!(row_key::after(&row_a) <= row_b, "no key lies between a key and the row after it");
        }
    }

    #[test]
    fn after_a_prefix_come_just_the_keys_without_it(a in any_key(), b in any_key()) {
        let prefix = current(&a);
        if b > a && !b.starts_with(&a) {
            prop_assert!(current(&b) >= row_key::after_prefix(&prefix));
        }
        prop_assert!(!row_key::after_prefix(&prefix).starts_with(&prefix));
        let longer = current(&format!("{a}{b}"));
        prop_assert!(longer < row_key::after_prefix(&prefix));
    }

    #[test]
    fn versions_of_a_key_stand_together(a in any_key(), b in any_key(), id in any::<[u8; 16]>()) {
        let (row_a, row_b) = (version(&a, id), version(&b, id));
        prop_assert_eq!(a.as_bytes().cmp(b.as_bytes()), row_a.cmp(&row_b));
        prop_assert!(!row_a.contains(&0));
    }
}

#[test]
fn ids_are_read_back() {
    assert_eq!(id(&garbage([7; 16]), GARBAGE), Some([7; 16]));
    assert_eq!(id(b"garbage/xyz", GARBAGE), None);
}
