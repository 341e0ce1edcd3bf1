//! Ranges at different positions of a large object of many parts.

use crate::completing::{complete, on_read, upload};
use crate::figures::Times;
use crate::place::Place;
use futures::TryStreamExt as _;
use std::path::Path;
use strongroom_engine::model::condition::ByteRange;
use strongroom_engine::object::get::{ReadObject, Select};

const BUCKET: &str = "ranges";
const PART: u64 = 8 << 20;
const RANGE: u64 = 64 << 10;

/// Returns the start of a range in an object of `length` bytes.
type Start = fn(length: u64, round: u64) -> u64;

pub(crate) async fn measure(directory: &Path, full: bool) {
    let (parts, rounds) = if full { (640, 2000) } else { (40, 300) };
    let place = Place::new(directory).await;
    place.bucket(BUCKET, false).await;
    for (key, parts) in [("large", parts), ("one part", 1)] {
        let length = usize::try_from(PART).unwrap();
        let (upload, listed) = upload(&place, BUCKET, key, parts, length).await;
        complete(&place, upload, listed).await;
    }
    let length = parts * PART;
    // All but the last begin inside a chunk and so span two chunks.
    let measured: [(&str, &str, Start); 6] = [
        ("the start", "large", |_, _| 1000),
        ("the start, again", "large", |_, _| 1000),
        ("the middle", "large", |length, _| length / 2 + 1000),
        ("the end", "large", |length, _| length - RANGE - 1000),
        ("anywhere", "large", |length, round| {
            round.wrapping_mul(0x9e37_79b9_7f4a_7c15) % (length - RANGE)
        }),
        ("the start of one part", "one part", |_, _| 1000),
    ];
    let mut times = measured.map(|_| Times::default());
    let before = place.meter.snapshot();
    for round in 0..rounds {
        for ((_, key, from), times) in measured.iter().zip(&mut times) {
            let from = from(length, round);
            times.take(range(&place, key, from)).await;
        }
    }
    let reads = place.meter.snapshot().blob_reads.made - before.blob_reads.made;
    println!("\n64 KiB of an object of {parts} parts of 8 MiB, in ms, {rounds} rounds in turn:\n");
    println!("                         median  95 of 100   of the start's");
    for ((name, ..), of_it) in measured.iter().zip(&times) {
        println!(
            "{name:23} {:8.3}   {:8.3}           {:6.2}",
            of_it.median(),
            of_it.slow(),
            of_it.ratio(&times[0])
        );
    }
    println!(
        "reads of blobs for each: {:.2}",
        per(reads, rounds * measured.len() as u64)
    );
}

async fn range(place: &Place, key: &str, from: u64) {
    let read = ReadObject {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        select: Select::Range(ByteRange::From(from, Some(from + RANGE - 1))),
        ..ReadObject::default()
    };
    let object = place.engine.get_object(&read, on_read).await.unwrap();
    let pieces = object.content.map_ok(|piece| piece.len() as u64);
    let bytes: u64 = pieces
        .try_fold(0, |sum, piece| async move { Ok(sum + piece) })
        .await
        .unwrap();
    assert_eq!(bytes, RANGE);
}

#[expect(clippy::cast_precision_loss, reason = "a figure for reading")]
fn per(count: u64, of: u64) -> f64 {
    count as f64 / of as f64
}
