//! Measures sealing and opening of 64 KiB chunks on one core, beside bare aws-lc-rs for the same work.
//!
//! `cargo bench -p strongroom-seal`. Prints GB/s (10^9 bytes), the median of nine alternating rounds, and the ratio to
//! bare aws-lc-rs, pair by pair: absolute figures drift with the machine, the ratio does not.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::similar_names,
    reason = "a bench prints its figures and may stop at any fault"
)]

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use std::hint::black_box;
use std::time::Instant;
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{DataKey, PartOpener, PartSealer, SystemRandom};

const CHUNK: usize = 64 * 1024;
const CHUNKS: u64 = 4096;
const ROUNDS: usize = 9;

fn main() {
    let random = SystemRandom::default();
    let data_key = DataKey::generate(&random).unwrap();
    let plain = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).unwrap());
    let mut buffer = vec![1u8; CHUNK + 16];

    let mut rows: Vec<[f64; 4]> = Vec::new();
    for _ in 0..ROUNDS {
        let plain_seal = rate(|i| {
            let tag = plain
                .seal_in_place_separate_tag(nonce(i), Aad::empty(), &mut buffer[..CHUNK])
                .unwrap();
            buffer[CHUNK..].copy_from_slice(tag.as_ref());
        });
        let mut sealer = PartSealer::new(&data_key, 1, &random).unwrap();
        let ours_seal = rate(|_| sealer.seal_next(&mut buffer).unwrap());

        // Opening needs sealed bytes each time, so both figures include a copy.
        let mut sealed = vec![3u8; CHUNK + 16];
        let tag = plain
            .seal_in_place_separate_tag(nonce(0), Aad::empty(), &mut sealed[..CHUNK])
            .unwrap();
        sealed[CHUNK..].copy_from_slice(tag.as_ref());
        let plain_open = rate(|_| {
            buffer.copy_from_slice(&sealed);
            black_box(plain.open_in_place(nonce(0), Aad::empty(), &mut buffer).unwrap());
        });
        let mut sealer = PartSealer::new(&data_key, 1, &random).unwrap();
        let mut sealed = vec![3u8; CHUNK + 16];
        sealer.seal_next(&mut sealed).unwrap();
        let opener = PartOpener::new(&data_key, 1, &sealer.salt()).unwrap();
        let ours_open = rate(|_| {
            buffer.copy_from_slice(&sealed);
            black_box(opener.open(0, false, &mut buffer).unwrap());
        });
        rows.push([plain_seal, ours_seal, plain_open, ours_open]);
    }

    let median = |pick: &dyn Fn(&[f64; 4]) -> f64| {
        let mut all: Vec<f64> = rows.iter().map(pick).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    println!(
        "seal  {:5.2} GB/s   aws-lc-rs {:5.2} GB/s   ratio {:.2}",
        median(&|r| r[1]),
        median(&|r| r[0]),
        median(&|r| r[1] / r[0])
    );
    println!(
        "open  {:5.2} GB/s   aws-lc-rs {:5.2} GB/s   ratio {:.2}",
        median(&|r| r[3]),
        median(&|r| r[2]),
        median(&|r| r[3] / r[2])
    );
}

fn nonce(i: u64) -> Nonce {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&i.to_be_bytes());
    Nonce::assume_unique_for_key(nonce)
}

#[expect(clippy::cast_precision_loss, reason = "a figure for reading")]
fn rate(mut work: impl FnMut(u64)) -> f64 {
    let start = Instant::now();
    for i in 0..CHUNKS {
        work(i);
    }
    (CHUNKS * CHUNK as u64) as f64 / start.elapsed().as_secs_f64() / 1e9
}
