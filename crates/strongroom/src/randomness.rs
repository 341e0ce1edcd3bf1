//! Random bytes from the operating system's generator through aws-lc-rs.
//!
//! Code that needs randomness takes a function that fills bytes, so that tests can pass their own.

/// Error of the operating system's generator.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the operating system returned no random bytes")]
pub(crate) struct NoRandomness;

/// Fills `bytes` from the system's generator.
pub(crate) fn system(bytes: &mut [u8]) -> Result<(), NoRandomness> {
    aws_lc_rs::rand::fill(bytes).map_err(|_| NoRandomness)
}
