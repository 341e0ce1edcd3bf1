//! Records as they lie in indexes that exist: a change here is a change to what lies on customers' disks.

use super::*;

fn bytes<R: Record>(record: &R) -> String {
    hex::encode(minicbor::to_vec(record).unwrap())
}

fn facts() -> Facts {
    Facts {
        version: [1; 16],
        length: 47,
        modified: 1_700_000_000_000_000,
        etag: "aa".into(),
        mode: 2,
    }
}

const FACTS: &str = "a500500101010101010101010101010101010101182f021b00060a24181e4000036261610402";

#[test]
fn records_are_written_as_format_md_says() {
    let facts_bytes = bytes(&facts());
    let id = format!("50{}", "07".repeat(16));
    let cases = [
        (facts_bytes.clone(), FACTS.to_owned()),
        (
            bytes(&BucketRecord {
                id: [7; 16],
                created: 1,
                key_id: "b".into(),
                key_envelope: vec![9],
            }),
            format!("a400{id}0101026162034109"),
        ),
        (bytes(&ClosingRecord { since: 5 }), "a10005".into()),
        (bytes(&GarbageRecord { since: 5 }), "a10005".into()),
        (
            bytes(&BlobRecord {
                key: "k".into(),
                version: [7; 16],
                part: 1,
                checksum: 2,
            }),
            format!("a400616b01{id}02010302"),
        ),
        (
            bytes(&VersionRecord {
                facts: facts(),
                envelope: vec![8],
                manifest: vec![9],
                places: vec![PartPlace::Inline, PartPlace::Blob([7; 16])],
            }),
            format!("a400{facts_bytes}0141080241090382820080820181{id}"),
        ),
    ];
    for (written, expected) in cases {
        assert_eq!(written, expected);
    }
}
