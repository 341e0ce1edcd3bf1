//! Secret bytes that are wiped when dropped, and the wiping of the stack that handled them.

use std::hint::black_box;
use std::ops::Deref;
use zeroize::Zeroizing;

/// The 32 bytes behind every key type. They stay in this allocation.
pub(crate) struct Bytes(Box<Zeroizing<[u8; 32]>>);

impl Bytes {
    /// Returns the bytes that `fill` writes.
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

/// Wipes the stack below the current function when dropped. Create it before computing with keys.
///
/// Digests, key schedules and decoders copy their input into their own variables, and not all of them wipe those. 8 KiB
/// are wiped, more than any of them needs.
pub struct CleanStack;

impl Drop for CleanStack {
    fn drop(&mut self) {
        wipe_below();
    }
}

#[inline(never)]
fn wipe_below() {
    let mut below = [0_u8; 8192];
    // Makes the array observable, so that the compiler must write the zeros.
    black_box(&mut below);
}
