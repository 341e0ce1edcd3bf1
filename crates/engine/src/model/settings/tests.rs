//! Encodings of settings in existing indexes.

use super::*;
use crate::model::acl::{Grant, Grantee, Permission};

fn cbor(settings: &BucketSettings) -> String {
    let bytes = minicbor::to_vec(settings).unwrap();
    let read: BucketSettings = minicbor::decode(&bytes).unwrap();
    assert_eq!(read, *settings);
    hex::encode(bytes)
}

fn tags(pairs: &[(&str, &str)]) -> Tags {
    Tags::new(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())), 50).unwrap()
}

#[test]
fn settings_are_written_as_format_md_says() {
    let new = BucketSettings::default;
    let pinned = [
        (new(), "a0"),
        (
            BucketSettings {
                versioning: Some(Versioning::Enabled),
                ..new()
            },
            "a10000",
        ),
        (
            BucketSettings {
                tags: tags(&[("a", "b")]),
                ..new()
            },
            "a101a161616162",
        ),
        (
            BucketSettings {
                policy: Some("{}".to_owned()),
                ..new()
            },
            "a103627b7d",
        ),
        (
            BucketSettings {
                public_access: Some(PublicAccess::Block(PublicAccessBlock::ALL)),
                ..new()
            },
            "a104820081a400f501f502f503f5",
        ),
        (
            BucketSettings {
                public_access: Some(PublicAccess::Open),
                ..new()
            },
            "a104820180",
        ),
        (
            BucketSettings {
                acl: Some(Acl::new(vec![Grant::new(Grantee::AllUsers, Permission::Read)])),
                ..new()
            },
            "a10a818282018001",
        ),
        (
            BucketSettings {
                ownership: Some(Ownership::Removed),
                ..new()
            },
            "a10503",
        ),
        (
            BucketSettings {
                encryption: Some(BucketEncryption {
                    bucket_key: false,
                    blocked: Some(BlockedEncryption::CustomerKeys),
                    kms: None,
                }),
                ..new()
            },
            "a106a200f40101",
        ),
        (
            BucketSettings {
                encryption: Some(BucketEncryption {
                    bucket_key: true,
                    blocked: None,
                    kms: Some(DefaultKms {
                        key: Some("k".to_owned()),
                    }),
                }),
                ..new()
            },
            "a106a200f502a100616b",
        ),
        (
            BucketSettings {
                object_lock: Some(ObjectLock::default()),
                ..new()
            },
            "a107a0",
        ),
        (
            BucketSettings {
                object_lock: Some(ObjectLock {
                    default_retention: Some(DefaultRetention {
                        mode: RetentionMode::Compliance,
                        period: LockPeriod::Years(2),
                    }),
                }),
                ..new()
            },
            "a107a100a2000101820181 02",
        ),
    ];
    for (settings, expected) in pinned {
        assert_eq!(cbor(&settings), expected.replace(' ', ""), "{settings:?}");
    }
}

#[test]
fn rules_are_written_as_format_md_says() {
    let cors = CorsRule {
        origins: vec!["*".to_owned()],
        methods: vec![CorsMethod::Get, CorsMethod::Head],
        headers: vec!["x".to_owned()],
        max_age: Some(5),
        ..CorsRule::default()
    };
    let settings = BucketSettings {
        cors: vec![cors],
        ..BucketSettings::default()
    };
    assert_eq!(
        cbor(&settings),
        "a10281a40181612a0282000403816178 0505".replace(' ', "")
    );

    let rule = LifecycleRule {
        id: "r".to_owned(),
        enabled: true,
        filter: LifecycleFilter {
            prefix: Some("p".to_owned()),
            tags: tags(&[("a", "b")]),
            larger_than: Some(1),
            smaller_than: Some(2),
        },
        without_filter: false,
        expiration: Some(Expiration::Days(3)),
        noncurrent: Some(NoncurrentExpiration {
            days: 4,
            keep: Some(5),
        }),
        abort_uploads_after: Some(6),
    };
    let settings = BucketSettings {
        lifecycle: vec![rule],
        ..BucketSettings::default()
    };
    assert_eq!(
        cbor(&settings),
        "a10881a70061720 1f502a400617001a16161616202010302 03f404820081 0305a2000401050606".replace(' ', "")
    );
    for (expiration, expected) in [
        (Expiration::Date(86400), "8201811a00015180"),
        (Expiration::DeleteMarkers(true), "820281f5"),
    ] {
        assert_eq!(hex::encode(minicbor::to_vec(expiration).unwrap()), expected);
    }
}

#[test]
fn a_new_bucket_is_shut_to_the_public_and_open_to_customer_keys() {
    let mut settings = BucketSettings::default();
    assert_eq!(settings.public_access_block(), Some(PublicAccessBlock::ALL));
    assert!(settings.takes_customer_keys());
    settings.public_access = Some(PublicAccess::Open);
    assert_eq!(settings.public_access_block(), None);
    settings.encryption = Some(BucketEncryption::default());
    assert!(settings.takes_customer_keys());
}

#[test]
fn what_does_not_go_together() {
    let mut settings = BucketSettings::default();
    let lock = ObjectLock::default();
    assert_eq!(
        settings.set_object_lock(lock),
        Err(SettingsConflict::LockNeedsVersions)
    );
    settings.set_versioning(Versioning::Suspended).unwrap();
    assert_eq!(
        settings.set_object_lock(lock),
        Err(SettingsConflict::LockNeedsVersions)
    );
    settings.set_versioning(Versioning::Enabled).unwrap();
    settings.set_object_lock(lock).unwrap();
    assert_eq!(
        settings.set_versioning(Versioning::Suspended),
        Err(SettingsConflict::VersioningIsLocked)
    );
    assert_eq!(settings.versioning, Some(Versioning::Enabled));

    assert_eq!(
        settings.set_policy("{}".to_owned(), true),
        Err(SettingsConflict::PublicPolicyBlocked)
    );
    settings.set_policy("{}".to_owned(), false).unwrap();
    settings.public_access = Some(PublicAccess::Open);
    settings.set_policy("{ }".to_owned(), true).unwrap();
    assert_eq!(settings.policy.as_deref(), Some("{ }"));
}

#[test]
fn years_are_of_365_days() {
    assert_eq!(LockPeriod::Days(10).days(), 10);
    assert_eq!(LockPeriod::Years(3).days(), 1095);
}

#[test]
fn lists_and_the_settings_that_forbid_them() {
    let public = || Some(Acl::new(vec![Grant::new(Grantee::AllUsers, Permission::Read)]));
    let mut settings = BucketSettings::default();
    assert!(!settings.acls_enabled() && settings.blocks_public_acls() && settings.ignores_public_acls());
    assert_eq!(settings.set_acl(public()), Err(SettingsConflict::AclsDisabled));
    assert_eq!(settings.set_acl(None), Ok(()));
    assert_eq!(settings.set_ownership(Ownership::ObjectWriter), Ok(()));
    assert!(settings.acls_enabled());
    assert_eq!(
        settings.set_acl(public()),
        Err(SettingsConflict::PublicAclBlocked)
    );
    settings.public_access = Some(PublicAccess::Open);
    assert_eq!(settings.set_acl(public()), Ok(()));
    let enforced = settings.set_ownership(Ownership::BucketOwnerEnforced);
    assert_eq!(enforced, Err(SettingsConflict::AclsDisabled));
    assert_eq!(settings.set_ownership(Ownership::Removed), Ok(()));
    assert_eq!(settings.set_acl(None), Ok(()));
    assert_eq!(settings.set_ownership(Ownership::BucketOwnerEnforced), Ok(()));
    assert!(!settings.acls_enabled());
}
