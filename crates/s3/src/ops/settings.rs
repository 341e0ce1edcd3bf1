//! Settings of a bucket: one file for each group of sub-resources.

pub(super) mod acl;
pub(super) mod bucket_lock;
pub(super) mod bucket_tagging;
pub(super) mod cors;
pub(super) mod encryption;
pub(super) mod lifecycle;
pub(super) mod not_configured;
pub(super) mod ownership;
pub(super) mod policy;
pub(super) mod public_access;
pub(super) mod versioning;
