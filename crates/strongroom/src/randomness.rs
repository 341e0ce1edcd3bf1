//! Where random bytes come from: the operating system's generator through aws-lc-rs.
//!
//! What needs randomness takes a function to fill bytes, so that tests can give their own.

/// The generator of the operating system failed.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub(crate) struct NoRandomness;

/// Fills `bytes` from the system's generator.
pub(crate) fn system(bytes: &mut [u8]) -> Result<(), NoRandomness> {
    aws_lc_rs::rand::fill(bytes).map_err(|_| NoRandomness)
}
