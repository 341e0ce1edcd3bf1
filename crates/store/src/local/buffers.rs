//! Buffers for direct I/O, which the kernel copies to the disk without a copy in the page cache.

use crate::local::blob_file::TRAILER_BYTES;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Addresses, offsets and lengths of direct I/O are multiples of this. Devices with larger blocks refuse it; their
/// blobs are written through the page cache.
pub(super) const ALIGNMENT: usize = 4096;

/// Size of a buffer: bytes that are written at once.
pub(super) const BUFFER_BYTES: usize = 1 << 20;
const _: () = assert!(BUFFER_BYTES.is_multiple_of(ALIGNMENT) && BUFFER_BYTES as u64 > TRAILER_BYTES);

/// Maximum number of unused buffers that are kept. More writers at once allocate and free their own.
const MAX_UNUSED: usize = 32;

/// Unused buffers.
#[derive(Default)]
pub(super) struct Buffers(Mutex<Vec<Memory>>);

struct Memory {
    bytes: Vec<u8>,
    /// Offset of the first aligned address.
    start: usize,
}

/// A buffer at an aligned address. It returns to the unused ones on drop.
pub(super) struct Buffer {
    memory: Memory,
    filled: usize,
    unused: Arc<Buffers>,
}

impl Buffers {
    fn unused(&self) -> MutexGuard<'_, Vec<Memory>> {
        // No code under the lock can panic between two changes.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns an empty buffer.
    pub(super) fn take(self: &Arc<Self>) -> Buffer {
        let unused = self.unused().pop();
        Buffer {
            memory: unused.unwrap_or_else(Memory::new),
            filled: 0,
            unused: Arc::clone(self),
        }
    }
}

impl Memory {
    fn new() -> Self {
        let bytes = vec![0; BUFFER_BYTES + ALIGNMENT];
        let start = bytes.as_ptr().align_offset(ALIGNMENT);
        Self { bytes, start }
    }
}

impl Buffer {
    /// Moves as many bytes from the front of `bytes` into the buffer as it has room for.
    pub(super) fn fill(&mut self, bytes: &mut &[u8]) {
        let count = bytes.len().min(BUFFER_BYTES - self.filled);
        let (now, later) = bytes.split_at(count);
        let at = self.memory.start + self.filled;
        self.memory.bytes[at..at + count].copy_from_slice(now);
        self.filled += count;
        *bytes = later;
    }

    pub(super) fn is_full(&self) -> bool {
        self.filled == BUFFER_BYTES
    }

    /// Returns the bytes in the buffer.
    pub(super) fn filled(&self) -> &[u8] {
        &self.memory.bytes[self.memory.start..self.memory.start + self.filled]
    }

    pub(super) fn clear(&mut self) {
        self.filled = 0;
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut unused = self.unused.unused();
        if unused.len() < MAX_UNUSED {
            let empty = Memory {
                bytes: Vec::new(),
                start: 0,
            };
            unused.push(std::mem::replace(&mut self.memory, empty));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_aligned_filled_and_used_again() {
        let buffers = Arc::<Buffers>::default();
        let bytes: Vec<u8> = (0..=250).cycle().take(BUFFER_BYTES + 10).collect();
        for _ in 0..3 {
            let mut buffer = buffers.take();
            let mut rest = &bytes[..];
            buffer.fill(&mut rest);
            assert!(buffer.is_full() && buffer.filled() == &bytes[..BUFFER_BYTES]);
            assert_eq!(buffer.filled().as_ptr().align_offset(ALIGNMENT), 0);
            assert_eq!(rest.len(), 10);
            buffer.clear();
            buffer.fill(&mut rest);
            assert_eq!(buffer.filled(), &bytes[BUFFER_BYTES..]);
        }
        assert_eq!(buffers.unused().len(), 1);
        let many: Vec<_> = (0..MAX_UNUSED + 5).map(|_| buffers.take()).collect();
        drop(many);
        assert_eq!(buffers.unused().len(), MAX_UNUSED);
    }
}
