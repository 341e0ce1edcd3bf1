//! Tests of the number of orphans that a store allows.

use crate::store::Store;

pub(super) async fn the_number_of_orphans_is_the_one_set_last(store: Store) {
    for number in [3, 70, 0] {
        store.integrity.allow_orphans(number).await.expect("allow");
        assert_eq!(store.integrity.allowed_orphans(), number);
    }
}
