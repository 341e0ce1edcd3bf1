//! Jobs that run by themselves.

pub(crate) mod collector;
pub(crate) mod expire;
pub mod lifecycle;
pub(crate) mod orphans;
pub mod samples;
pub mod stray_keys;
