//! Buckets and objects: what S3 does, without its wire.
//!
//! The engine pipes bytes from `seal` into `store`. One resolver ([`encryption`]) decides how a request is encrypted,
//! one opener (`open`) leads to plaintext; every operation goes through them.

pub use strongroom_audit as audit;
pub mod body;
pub mod bucket;
pub mod checksum;
pub mod clock;
mod collect;
mod collector;
pub mod commit;
pub mod condition;
mod content;
pub mod copy;
mod data_key;
pub mod delete;
pub mod encryption;
mod error;
mod etag;
mod every;
mod expire;
pub mod get;
mod head;
pub mod lifecycle;
pub mod list;
pub mod lock;
mod noting;
mod open;
mod orphans;
mod pace;
pub mod put;
mod read;
mod record;
pub mod report;
pub mod rewrap;
pub mod roll;
mod rows;
pub mod settings;
mod start;
pub mod survey;
pub mod tags;
pub mod upload;
pub mod verify;
pub mod version;
pub mod walk;
mod write;

pub use body::{Body, BodyError};
pub use clock::{Clock, SystemClock};
pub use error::{Error, Result};
pub use read::Content;
pub use start::{DAY, Engine, Parts};
pub use strongroom_keys::kms::{KmsError, Unavailable};
pub use strongroom_seal::Mode;
pub use version::VersionName;
