//! Tests that every store must pass. They use fresh random names only, so they can be run against a store with other
//! content, and repeatedly.
#![expect(clippy::expect_used, reason = "this is test code that other crates can call")]

mod authenticator;
mod blobs;
mod calls;
mod commits;
mod keys;
mod listing;
mod orphans;
mod partitions;
mod rows;
mod setting_aside;

pub use authenticator::FixedAuthenticator;

use crate::store::Store;
use std::pin::Pin;

/// A property of every store.
#[derive(Clone, Copy)]
pub struct Property {
    /// Name of the property.
    pub name: &'static str,
    /// Tests the property, and panics if it does not hold. Must be called within a tokio runtime.
    pub run: fn(Store) -> Pin<Box<dyn Future<Output = ()> + Send>>,
}

macro_rules! properties {
    ($($module:ident: $($name:ident)*;)*) => {
        /// All properties.
        pub const PROPERTIES: &[Property] = &[$($(Property {
            name: concat!(stringify!($module), "::", stringify!($name)),
            run: |store| Box::pin($module::$name(store)),
        },)*)*];
    };
}

properties! {
    partitions:
        a_new_partition_has_generation_1_and_nothing_in_it
        creating_twice_changes_nothing
        an_unknown_partition_has_nothing
        advancing_refuses_the_old_generation
        a_removed_partition_is_empty_when_made_again
        a_large_partition_is_removed_whole
        partitions_do_not_see_each_other;
    rows:
        a_row_is_what_was_put_last
        deleting_is_final_and_may_be_repeated
        scans_are_in_byte_order
        scans_keep_to_prefix_start_and_limit
        large_rows_and_keys_are_kept
        keys_that_cannot_be_stored_are_refused;
    commits:
        absent_and_equals_are_checked
        counters_are_checked_and_added
        checks_see_the_state_before_the_commit
        the_first_failing_check_is_named
        a_refused_commit_changes_nothing
        later_writes_win
        one_of_many_wins
        concurrent_counts_add_up
        a_commit_is_read_back_at_once
        a_scan_sees_whole_commits
        contents_are_from_one_snapshot;
    blobs:
        blobs_of_many_sizes_come_back
        pieces_of_any_size_make_one_blob
        ranges_at_the_edges
        ranges_beyond_the_end_are_damage
        missing_blobs_are_not_found
        an_unfinished_blob_is_not_there
        deleting_leaves_open_readers_whole
        deleting_twice_is_a_success
        a_blob_is_written_once
        the_checksum_is_the_one_of_nvme;
    keys:
        envelopes_come_back_in_order
        adding_twice_changes_nothing
        a_large_envelope_is_kept
        the_envelope_of_the_digest_is_kept
        keeping_an_unknown_digest_changes_nothing
        removing_is_final_and_may_be_repeated
        lists_contain_the_partitions_of_a_first_byte
        concurrent_changes_all_count;
    listing:
        lists_are_in_order_and_go_on_after
        a_list_holds_finished_blobs_only;
    orphans:
        the_number_of_orphans_is_the_one_set_last;
    setting_aside:
        a_blob_set_aside_is_kept_and_comes_back
        lost_blobs_are_listed_and_deleted
        what_is_not_there_cannot_be_set_aside;
}

/// Tests all properties, one after the other.
///
/// # Panics
/// If one does not hold.
pub async fn all(store: &Store) {
    for property in PROPERTIES {
        tracing::info!(property = property.name, "trying");
        (property.run)(store.clone()).await;
    }
}
