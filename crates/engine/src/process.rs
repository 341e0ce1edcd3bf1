//! State that only this process knows. A second process on the same store does not see it.

pub(crate) mod allowed_orphans;
pub(crate) mod buckets_in_use;
pub(crate) mod ledger;
pub(crate) mod meters;
pub(crate) mod orphan_count;
pub(crate) mod wrapping;
