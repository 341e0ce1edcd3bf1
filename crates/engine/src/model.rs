//! The concepts of S3 and their rules. Pure: imports nothing else of the engine.

pub mod acl;
pub mod body;
pub mod checksum;
pub mod condition;
pub mod encryption_headers;
pub mod error;
pub mod judged;
pub mod limits;
pub mod lock;
pub mod lost_rows;
pub mod new_object;
pub mod owner;
pub mod quota;
pub mod refusal;
pub mod settings;
pub mod tags;
pub mod upload_name;
pub mod usage;
pub mod version_name;
