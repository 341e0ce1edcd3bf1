//! Secret bytes: wiped when dropped, and what computations with them leave on the stack.

use std::hint::black_box;
use std::ops::Deref;
use zeroize::Zeroizing;

/// The 32 bytes behind every key type, in the one place where they ever are.
pub(crate) struct Bytes(Box<Zeroizing<[u8; 32]>>);

impl Bytes {
    /// The bytes that `fill` writes.
    pub(crate) fn filled<E>(fill: impl FnOnce(&mut [u8; 32]) -> Result<(), E>) -> Result<Self, E> {
        let mut bytes = Box::new(Zeroizing::new([0; 32]));
        fill(&mut bytes)?;
        Ok(Self(bytes))
    }
}

impl Deref for Bytes {
    type Target = [u8; 32];

    fn deref(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Wipes what computations with keys left on the stack, when it is dropped: make it before them.
///
/// Digests, key schedules and decoders copy their input into variables of their own, and not all of them wipe those.
/// What it wipes are the 8 KiB below the function that holds it, more than any of them needs.
pub struct CleanStack;

impl Drop for CleanStack {
    fn drop(&mut self) {
        wipe_below();
    }
}

#[inline(never)]
fn wipe_below() {
    let mut below = [0_u8; 8192];
    // Seen from outside, so that the zeros must be written.
    black_box(&mut below);
}
