//! Key changes of a large and of a small object. The cost must not depend on the size.

use crate::completing::{complete, customer, on_read, upload};
use crate::figures::Times;
use crate::place::{Place, new_object};
use std::path::Path;
use strongroom_engine::encryption::{AES256, EncryptionHeaders, KmsWish};
use strongroom_engine::model::condition::WriteConditions;
use strongroom_engine::object::copy::CopyObject;
use strongroom_engine::object::get::ReadObject;
use strongroom_keys::DEFAULT_LABEL;

const BUCKET: &str = "rewrapping";
const PART: usize = 8 << 20;

/// A customer key other than the one that objects are uploaded with.
const OTHER: [u8; 32] = [2; 32];

pub(crate) async fn measure(directory: &Path, full: bool) {
    let (parts, rounds) = if full { (640, 200) } else { (40, 50) };
    let place = Place::new(directory).await;
    place.bucket(BUCKET, false).await;
    for (key, parts) in [("large", parts), ("one part", 1)] {
        let (upload, listed) = upload(&place, BUCKET, key, parts, PART).await;
        complete(&place, upload, listed).await;
    }
    let mut times: [[Times; 2]; 5] = std::array::from_fn(|_| <[Times; 2]>::default());
    let before = place.meter.snapshot();
    for _ in 0..rounds {
        for (size, key) in ["large", "one part"].into_iter().enumerate() {
            let copy = |to, from: fn() -> EncryptionHeaders| copy(&place, key, to, from);
            times[0][size].take(copy(other(), on_read)).await;
            times[1][size].take(copy(stored(), other)).await;
            let kms = KmsWish::of_key(DEFAULT_LABEL.to_owned(), false);
            times[2][size].take(rewrap(&place, key, Some(&kms))).await;
            times[3][size].take(rewrap(&place, key, None)).await;
            times[4][size]
                .take(copy(on_read(), EncryptionHeaders::default))
                .await;
        }
    }
    let after = place.meter.snapshot();
    assert_eq!(
        (after.bytes_written, after.bytes_read),
        (before.bytes_written, before.bytes_read),
        "no data moves"
    );
    println!(
        "\nAnother key for {parts} parts of 8 MiB and for one of them, in ms, {rounds} rounds in turn:\n"
    );
    println!("                                  large  95 of 100   one part   ratio");
    for (name, [large, small]) in [
        "another customer's key",
        "SSE-C to SSE-S3",
        "SSE-S3 to SSE-KMS",
        "SSE-KMS to SSE-S3",
        "SSE-S3 to SSE-C",
    ]
    .iter()
    .zip(&times)
    {
        println!(
            "{name:30} {:8.2}   {:8.2}   {:8.2}   {:5.2}",
            large.median(),
            large.slow(),
            small.median(),
            large.ratio(small)
        );
    }
}

fn other() -> EncryptionHeaders {
    customer(OTHER)
}

fn stored() -> EncryptionHeaders {
    EncryptionHeaders {
        sse: Some(AES256.to_owned()),
        ..EncryptionHeaders::default()
    }
}

/// Copies an object onto itself.
async fn copy(place: &Place, key: &str, to: EncryptionHeaders, from: fn() -> EncryptionHeaders) {
    let copy = CopyObject {
        source: ReadObject {
            bucket: BUCKET.to_owned(),
            key: key.to_owned(),
            ..ReadObject::default()
        },
        object: new_object(BUCKET, key, to),
        keep_metadata: true,
        keep_tags: true,
        checksum: None,
        may_change_nothing: false,
        conditions: WriteConditions::default(),
    };
    place.engine.copy_object(copy, from).await.unwrap();
}

async fn rewrap(place: &Place, key: &str, to: Option<&KmsWish>) {
    let rewrapped = place.engine.rewrap_object(BUCKET, key, None, to, false);
    rewrapped.await.unwrap();
}
