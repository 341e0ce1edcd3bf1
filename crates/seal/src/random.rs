//! Randomness, passed in so that tests can fix it.

use crate::error::{Error, Result};
use aws_lc_rs::rand::{self, SecureRandom as _};

/// A source of random bytes fit for keys and salts.
pub trait Random: Send + Sync {
    /// Fills `out` with random bytes.
    ///
    /// # Errors
    /// [`Error::Random`] if the source fails; `out` must not be used then.
    fn fill(&self, out: &mut [u8]) -> Result<()>;
}

/// The `CTR_DRBG` of AWS-LC, seeded by the operating system.
#[derive(Default)]
pub struct SystemRandom(rand::SystemRandom);

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) -> Result<()> {
        self.0.fill(out).map_err(|_| Error::Random)
    }
}

/// Returns `N` random bytes.
///
/// # Errors
/// [`Error::Random`] as [`Random::fill`].
pub fn bytes<const N: usize>(random: &dyn Random) -> Result<[u8; N]> {
    let mut out = [0; N];
    random.fill(&mut out)?;
    Ok(out)
}
