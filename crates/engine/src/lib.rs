//! Buckets and objects: the semantics of S3, without its wire format.
//!
//! The engine encrypts with `seal` and stores the result in `store`. One resolver ([`encryption`]) decides how a
//! request is encrypted, one function (`version::open`) leads to plaintext; every operation uses them.
//!
//! Each module imports only modules that stand before it in this list.

pub mod clock;

pub use strongroom_audit as audit;

pub mod model;

mod rows;

mod process;

mod engine;

pub mod encryption;

pub mod bucket;

pub mod version;

pub mod content;

pub mod object;

pub mod upload;

pub mod background;

pub mod operator;

pub use clock::{Clock, SystemClock};
pub use content::read::PlaintextStream;
pub use engine::{DAY, Engine, Parts, WeakEngine};
pub use model::body::{Body, BodyError};
pub use model::error::{Error, Result};
pub use model::version_name::VersionName;
pub use strongroom_keys::kms::{KmsError, Unavailable};
pub use strongroom_seal::Mode;

// Paths that the other crates still use.
pub use model::{body, condition, lock, settings, tags};
pub use object::{copy, delete, get, list, walk};
pub use operator::{report, roll, survey, verify};
pub use version::commit;

/// Checksums.
pub mod checksum {
    pub use crate::content::digests::checksum_of;
    pub use crate::model::checksum::*;
}

/// Lifecycle.
pub mod lifecycle {
    pub use crate::background::lifecycle::Round;
    pub use crate::version::expiry::Expiry;
}

/// PUT of an object.
pub mod put {
    pub use crate::model::limits::MAX_BYTES;
    pub use crate::model::new_object::NewObject;
    pub use crate::object::put::*;
}

/// Rewrapping.
pub mod rewrap {
    pub use crate::operator::rewrap_bucket::*;
}
