//! The engine on whole stores: what it promises, what lies on the disk, tampering, faults, races.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends with a panic when something is not as expected"
)]

mod ask;
mod at_rest;
mod at_rest_uploads;
mod between;
mod body;
mod bucket;
mod cancelled;
mod conditional;
mod conditional_chain;
mod copies;
mod copies_in_place;
mod copies_parts;
mod copying;
mod delete_many;
mod delete_many_races;
mod detached;
mod dice;
mod digest;
mod fault;
mod garbage;
mod hooked;
mod key_uses;
mod kms;
mod kms_double;
mod ledger;
mod lifetime;
mod locks;
mod lost_keys;
mod model;
mod model_steps;
mod model_uploads;
mod name;
mod noted;
mod overwrite;
mod protection;
mod range;
mod readers;
mod round_trip;
mod salvage;
mod secrets;
mod storm;
mod tampering;
mod tampering_blobs;
mod tampering_uploads;
mod time;
mod uploading;
mod uploads;
mod uploads_checksums;
mod uploads_ended;
mod uploads_keys;
mod uploads_races;
mod uploads_refused;
mod vault;
mod versions;
mod versions_list;
mod versions_read;
mod wrong_key;
