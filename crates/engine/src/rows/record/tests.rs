//! Encodings of records in existing indexes. A change here changes the format of customers' data.

use super::*;
use crate::model::acl::{Grant, Grantee, Permission};
use crate::model::lock::Retention;
use crate::model::settings::lock::RetentionMode;
use strongroom_access::{ROOT_ACCOUNT, ROOT_CANONICAL_ID};
use strongroom_rows::Record;

fn bytes(record: &impl Encode<()>) -> String {
    hex::encode(minicbor::to_vec(record).unwrap())
}

fn summary() -> VersionSummary {
    VersionSummary {
        version: [1; 16],
        length: 47,
        modified: 1_700_000_000_000_000,
        etag: "aa".into(),
        mode: 2,
        null: false,
        owner: None,
    }
}

const FACTS: &str = "a600500101010101010101010101010101010101182f021b00060a24181e400003626161040205f4";

/// Id whose bytes are all 7.
const ID: &str = "5007070707070707070707070707070707";

fn lock() -> Lock {
    Lock {
        retention: Some(Retention {
            mode: RetentionMode::Compliance,
            until: 9,
        }),
        legal_hold: Some(true),
    }
}

fn tags() -> Tags {
    Tags::new([("k".to_owned(), "v".to_owned())], 1).unwrap()
}

#[test]
fn rows_of_buckets_are_written_as_format_md_says() {
    let bucket = BucketRecord {
        id: [7; 16],
        created: 1,
        key_id: "b".into(),
        key_digest: [9; 32],
        owner: BucketOwner::FIRST,
    };
    let digest = "09".repeat(32);
    assert_eq!(
        bytes(&bucket),
        format!(
            "a500{ID}01010261620358 20{digest}04826c{}7840{}",
            hex::encode(ROOT_ACCOUNT),
            hex::encode(ROOT_CANONICAL_ID)
        )
        .replace(' ', "")
    );
    assert_eq!(bytes(&OwnedRecord { created: 1 }), "a10001");
    let closing = ClosingRecord {
        since: 5,
        name: "a".into(),
        key_id: "b".into(),
    };
    assert_eq!(bytes(&closing), "a3000501616102 6162".replace(' ', ""));
}

#[test]
fn rows_of_versions_are_written_as_format_md_says() {
    assert_eq!(bytes(&summary()), FACTS);
    let null = VersionSummary {
        null: true,
        mode: 0,
        ..summary()
    };
    assert_eq!(bytes(&null), FACTS.replace("040205f4", "040005f5"));
    let of_other = VersionSummary {
        owner: Some(BucketOwner::FIRST),
        ..summary()
    };
    let owned = format!("{}06{}", FACTS.replacen("a6", "a7", 1), owner());
    assert_eq!(bytes(&of_other), owned);

    let marker = VersionRecord {
        summary: summary(),
        content: None,
        tags: Tags::default(),
        lock: Lock::default(),
        acl: None,
    };
    assert_eq!(bytes(&marker), format!("a300{FACTS}02a003a0"));
    let shared = VersionRecord {
        acl: Some(acl()),
        ..marker
    };
    assert_eq!(bytes(&shared), format!("a400{FACTS}02a003a004{ACL}"));

    let parts = PartsRecord {
        manifest: vec![9],
        locations: vec![PartLocation::Inline, PartLocation::Blob([7; 16])],
    };
    let parts_bytes = "a200410901828200808201815007070707070707070707070707070707";
    assert_eq!(bytes(&parts), parts_bytes);
    let content = ContentRecord {
        id: [7; 16],
        envelope: vec![8],
        parts: Some(parts),
        shared: false,
        kms: None,
    };
    let elsewhere = ContentRecord {
        parts: None,
        shared: true,
        ..content.clone()
    };
    let of_service = ContentRecord {
        kms: Some(kms()),
        ..elsewhere.clone()
    };
    for (content, written) in [
        (content, format!("a400{ID}01410802{parts_bytes}03f4")),
        (elsewhere, format!("a300{ID}01410803f5")),
        (of_service, format!("a400{ID}01410803f504{KMS}")),
    ] {
        assert_eq!(bytes(&content), written);
        let version = VersionRecord {
            summary: summary(),
            content: Some(content),
            tags: tags(),
            lock: lock(),
            acl: None,
        };
        let rest = "02a1616b617603a200a20001010901f5";
        assert_eq!(bytes(&version), format!("a400{FACTS}01{written}{rest}"));
    }
    assert_eq!(bytes(&NullRecord { version: [7; 16] }), format!("a100{ID}"));
    assert_eq!(bytes(&HoldersRecord { versions: 2 }), "a10002");
}

const KMS: &str = "a400616b01410502a1616b617603f5";

/// Everybody may read.
const ACL: &str = "818282018001";

fn acl() -> Acl {
    Acl::new(vec![Grant::new(Grantee::AllUsers, Permission::Read)])
}

/// The first account.
fn owner() -> String {
    let [account, canonical_id] = [ROOT_ACCOUNT, ROOT_CANONICAL_ID].map(hex::encode);
    format!("826c{account}7840{canonical_id}")
}

fn kms() -> KmsRecord {
    KmsRecord {
        display_id: "k".to_owned(),
        wrapped: vec![5],
        context: [("k".to_owned(), "v".to_owned())].into(),
        bucket_key: true,
    }
}

#[test]
fn rows_of_uploads_are_written_as_format_md_says() {
    let upload = UploadRecord {
        begun: 1,
        envelope: vec![8],
        manifest_key: vec![9],
        manifest: vec![10],
        tags: tags(),
        lock: lock(),
        checksum: UploadChecksum {
            algorithm: ChecksumAlgorithm::Crc32c,
            composite: true,
            requested: true,
        },
        kms: None,
        owner: None,
        acl: None,
        initiator: None,
    };
    let fields = "000101410802410903410a04a1616b617605a200a20001010901f506a3000101f502f5";
    assert_eq!(bytes(&upload), format!("a7{fields}"));
    let of_service = UploadRecord {
        kms: Some(kms()),
        ..upload
    };
    assert_eq!(bytes(&of_service), format!("a8{fields}07{KMS}"));
    let of_user = UploadRecord {
        kms: None,
        owner: Some(BucketOwner::FIRST),
        acl: Some(acl()),
        initiator: Some(Initiator {
            account: BucketOwner::FIRST,
            arn: Some("a".to_owned()),
        }),
        ..of_service
    };
    let owner = owner();
    assert_eq!(
        bytes(&of_user),
        format!("aa{fields}08{owner}09{ACL}0aa200{owner}016161")
    );
    let part = PartRecord {
        length: 5,
        modified: 6,
        etag: [7; 16],
        salt: [8; 32],
        algorithm: ChecksumAlgorithm::Sha256,
        checksum: vec![9],
        blob: [7; 16],
        mode: 3,
    };
    let salt = "08".repeat(32);
    assert_eq!(
        bytes(&part),
        format!("a80005010602{ID}035820{salt}040405410906{ID}0703")
    );
    assert_eq!(bytes(&SpentRecord { since: 5 }), "a10005");
}

#[test]
fn rows_of_blobs_are_written_as_format_md_says() {
    let blob = BlobRecord {
        key: "k".into(),
        content: [7; 16],
        part: 1,
        checksum: 2,
    };
    assert_eq!(bytes(&blob), format!("a400616b01{ID}02010302"));
    let garbage = GarbageRecord {
        since: 5,
        content: [7; 16],
    };
    assert_eq!(bytes(&garbage), format!("a2000501{ID}"));
}

#[test]
fn records_are_read_back() {
    fn read<R: Record + PartialEq + std::fmt::Debug>(record: &R) {
        let written = minicbor::to_vec(record).unwrap();
        assert_eq!(&minicbor::decode::<R>(&written).unwrap(), record);
    }
    read(&summary());
    for parts in [
        None,
        Some(PartsRecord {
            manifest: vec![9; 300],
            locations: vec![PartLocation::Inline, PartLocation::Blob([7; 16])],
        }),
    ] {
        read(&VersionRecord {
            summary: summary(),
            content: Some(ContentRecord {
                id: [7; 16],
                envelope: vec![8; 200],
                parts,
                kms: None,
                shared: true,
            }),
            tags: tags(),
            lock: lock(),
            acl: None,
        });
    }
    read(&VersionRecord {
        summary: summary(),
        content: None,
        tags: Tags::default(),
        lock: Lock::default(),
        acl: None,
    });
}
