//! Buffers for direct I/O.

/// Address, offset and length of direct I/O are multiples of this.
pub const ALIGNMENT: usize = 4096;

/// A zeroed buffer whose bytes begin at an aligned address.
pub struct Aligned {
    memory: Vec<u8>,
    start: usize,
    capacity: usize,
}

impl Aligned {
    pub fn new(capacity: usize) -> Self {
        let memory = vec![0; capacity + ALIGNMENT];
        let start = memory.as_ptr().align_offset(ALIGNMENT);
        Self {
            memory,
            start,
            capacity,
        }
    }

    pub fn bytes(&mut self) -> &mut [u8] {
        &mut self.memory[self.start..self.start + self.capacity]
    }
}

pub fn round_up(length: usize) -> usize {
    length.next_multiple_of(ALIGNMENT)
}
