use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #[test]
    fn after_a_row_comes_the_next_possible_row(a in vec(1..=u8::MAX, 1..5), b in vec(1..=u8::MAX, 1..5)) {
        prop_assert!(after(&a) > a);
        if b > a {
            prop_assert!(b >= after(&a));
        }
    }

    #[test]
    fn after_a_prefix_come_just_the_rows_without_it(a in vec(1..u8::MAX, 1..5), b in vec(1..=u8::MAX, 1..5)) {
        let next = after_prefix(&a);
        prop_assert_eq!(b < next, b < a || b.starts_with(&a));
    }
}

#[test]
fn the_last_byte_carries() {
    assert_eq!(after_prefix(b"a\xff\xff"), b"b"[..]);
}
