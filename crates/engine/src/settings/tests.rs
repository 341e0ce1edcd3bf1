//! Settings as they lie in indexes that exist.

use super::*;

#[test]
fn settings_are_written_as_format_md_says() {
    let enabled = BucketSettings {
        versioning: Some(Versioning::Enabled),
    };
    assert_eq!(
        hex::encode(minicbor::to_vec(BucketSettings::default()).unwrap()),
        "a0"
    );
    assert_eq!(hex::encode(minicbor::to_vec(&enabled).unwrap()), "a10000");
    let read: BucketSettings = minicbor::decode(&minicbor::to_vec(&enabled).unwrap()).unwrap();
    assert_eq!(read, enabled);
}
