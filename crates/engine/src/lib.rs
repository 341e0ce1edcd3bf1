//! Buckets and objects: the semantics of S3, without its wire format.
//!
//! The engine encrypts with `seal` and stores the result in `store`. One resolver ([`encryption`]) decides how a
//! request is encrypted, one function (`version::open`) leads to plaintext; every operation uses them.
//!
//! A module imports only modules that are declared before it.

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
pub use engine::{DAY, Engine, KEEP_LOST, Parts, WeakEngine};
pub use model::body::{Body, BodyError};
pub use model::error::{Error, Result};
pub use model::lost_rows::LostRows;
pub use model::owner::BucketOwner;
pub use model::version_name::VersionName;
pub use strongroom_keys::kms::{KmsError, Unavailable};
pub use strongroom_seal::Mode;
