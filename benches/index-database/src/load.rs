//! The load: a request checks one row and writes three.

/// Prefix as long as a partition's id and the byte that marks rows.
pub const ROW_PREFIX: &[u8] = b"0123456789abcdef\x01";

/// Three rows to put, and a row that must exist.
pub struct Request {
    pub check: Vec<u8>,
    pub rows: [(Vec<u8>, Vec<u8>); 3],
}

impl Request {
    /// Requests `first..first + count`. Every second one carries a small object of 16 KiB.
    pub fn batch(first: u64, count: usize, random: &mut Random) -> Vec<Self> {
        (first..first + count as u64)
            .map(|n| Self {
                check: key(random.below(first.clamp(1, 60_000)), 0),
                rows: [
                    (key(n, 0), random.bytes(200)),
                    (key(n, 1), random.bytes(600)),
                    (key(n, 2), random.bytes(if n % 2 == 0 { 16 << 10 } else { 100 })),
                ],
            })
            .collect()
    }
}

/// Bytes of keys and values in the first `requests` requests.
pub fn plain_bytes(requests: u64) -> f64 {
    requests as f64 * (3.0 * 60.0 + 200.0 + 600.0 + (16384.0 + 100.0) / 2.0)
}

/// A key of 60 bytes; requests are in random order.
pub fn key(request: u64, row: u8) -> Vec<u8> {
    let mut key = ROW_PREFIX.to_vec();
    let place = Random(request).next();
    key.extend_from_slice(format!("{row}current/{place:016x}/{request:017}").as_bytes());
    key
}

/// SplitMix64: repeatable and quick.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Incompressible, as sealed bytes are.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        for chunk in bytes.chunks_mut(8) {
            let word = self.next().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        bytes
    }
}
