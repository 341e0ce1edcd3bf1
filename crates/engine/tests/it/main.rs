//! Tests of the engine on whole stores: its operations, the bytes on the disk, tampering, faults and races.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed expectation ends a test with a panic"
)]

mod buckets;
mod garbage;
mod lost_rows;

/// Files and rows of the store hold no plaintext, metadata or key.
mod at_rest {
    mod objects;
    mod uploads;
}

/// Copies between keys, onto the source itself, and into parts of uploads.
mod copies {
    mod between_keys;
    mod in_place;
    mod parts;
}

/// Failing stores and cancelled requests: acknowledged objects stay whole.
mod faults {
    mod cancelled;
    mod chaos;
    mod failing_store;
    mod storm;
}

/// Audit events, key management services, rewraps, lost and wrong keys.
mod keys {
    mod audit;
    mod files;
    mod kms;
    mod lost;
    mod rewrap;
    mod wrong_key;
}

/// Random sequences of operations, compared with a model in memory.
mod model {
    mod expected;
    mod run;
    mod steps;
    mod uploads;
}

/// Objects without versions: bodies, names, digests, ranges, conditions, deletion.
mod objects {
    mod access;
    mod body;
    mod conditional;
    mod delete_many;
    mod digest;
    mod name;
    mod overwrite;
    mod range;
    mod round_trip;
}

/// Operations that run at the same time as others.
mod races {
    mod conditional_chains;
    mod delete_many;
    mod interleaved;
    mod readers;
}

/// Stores, clocks and key services under the control of a test, and short ways to send requests.
mod support {
    pub(crate) mod clock;
    pub(crate) mod copying;
    pub(crate) mod etag;
    pub(crate) mod gated_store;
    pub(crate) mod hooked_index;
    pub(crate) mod kms_double;
    pub(crate) mod protection;
    pub(crate) mod recorded_audit;
    pub(crate) mod recorded_partitions;
    pub(crate) mod secret_search;
    pub(crate) mod seeded_random;
    pub(crate) mod tampering;
    pub(crate) mod uploading;
    pub(crate) mod vault;
    pub(crate) mod versioning;
    pub(crate) mod waiting;
}

/// Changed, truncated, swapped and deleted rows and blobs are detected.
mod tampering {
    mod blobs;
    mod rows;
    mod salvage;
    mod uploads;
}

/// Multipart uploads.
mod uploads {
    mod abandoned;
    mod checksums;
    mod completed;
    mod customer_keys;
    mod races;
    mod refused;
}

/// Counters of usage, quotas, and daily samples.
mod usage {
    mod counted;
    mod quotas;
    mod recounted;
    mod samples;
}

/// Buckets with versioning and Object Lock.
mod versions {
    mod listing;
    mod locks;
    mod reading;
    mod versioning;
}
