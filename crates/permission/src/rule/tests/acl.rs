//! Access control lists, and objects of other accounts than the bucket's.

use super::*;
use strongroom_engine::BucketOwner;
use strongroom_engine::model::acl::{Acl, Grant, Grantee, Permission};
use strongroom_engine::model::settings::Ownership;

mod object;

/// Account that owns neither the bucket nor the object.
const THIRD: &str = "333333333333";

fn canonical(account: &str) -> CanonicalId {
    CanonicalId::parse(&format!("{account:0>64}")).unwrap()
}

fn account(id: &str) -> BucketOwner {
    BucketOwner {
        account: AccountId::parse(id).unwrap(),
        canonical_id: canonical(id),
    }
}

/// Returns an identity with the canonical id of its account.
fn of_account(identity: &Identity) -> Identity {
    match identity {
        Identity::Anonymous => Identity::Anonymous,
        Identity::Principal(principal) => Identity::Principal(Arc::new(Principal {
            canonical_id: canonical(principal.account.as_str()),
            ..Principal::clone(principal)
        })),
    }
}

fn acl(grants: &[(Grantee, Permission)]) -> Acl {
    let grants = grants
        .iter()
        .map(|(grantee, permission)| Grant::new(*grantee, *permission));
    Acl::new(grants.collect())
}

/// A bucket of the first account, with an object.
struct Place {
    settings: BucketSettings,
    policy: Option<ParsedPolicy>,
    object: Option<ObjectAccess>,
    subject: Subject,
}

impl Place {
    fn with(ownership: Ownership) -> Self {
        Self {
            settings: BucketSettings {
                ownership: Some(ownership),
                public_access: Some(PublicAccess::Open),
                ..BucketSettings::default()
            },
            policy: None,
            object: Some(ObjectAccess::default()),
            subject: Subject::Existing,
        }
    }

    fn judge(&self, identity: &Identity, action: &str, key: Option<&str>) -> Decision {
        let identity = of_account(identity);
        let request = AccessRequest {
            action,
            bucket: "b",
            key,
            version: None,
            subject: self.subject,
        };
        let bucket = BucketAccess {
            owner: AccountId::ROOT,
            settings: &self.settings,
            policy: self.policy.as_ref(),
        };
        let conditions = RequestConditions::default();
        let decision = decide(&identity, bucket, &request, self.object.as_ref(), &conditions);
        let has_document = self.subject != Subject::OwnUpload;
        assert!(!decision.allowed || !has_document || could_allow(&identity, Some(bucket), action));
        decision
    }

    fn allows(&self, identity: &Identity, action: &str, key: Option<&str>) -> bool {
        self.judge(identity, action, key).allowed
    }
}

const ON_BUCKET: [&str; 7] = [
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
    "s3:GetBucketAcl",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:DeleteBucket",
];
const ON_OBJECT: [&str; 10] = [
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:GetObjectAcl",
    "s3:GetObjectVersionAcl",
    "s3:PutObjectAcl",
    "s3:PutObjectVersionAcl",
    "s3:GetObjectTagging",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
];

/// "Mapping of ACL permissions and access policy permissions".
#[test]
fn permissions_are_actions() {
    let of_bucket = |permission| match permission {
        Permission::Read => vec![0, 1, 2],
        Permission::Write => vec![],
        Permission::ReadAcp => vec![3],
        Permission::WriteAcp => vec![4],
        Permission::FullControl => vec![0, 1, 2, 3, 4],
    };
    let of_object = |permission| match permission {
        Permission::Read => vec![0, 1],
        Permission::Write => vec![],
        Permission::ReadAcp => vec![2, 3],
        Permission::WriteAcp => vec![4, 5],
        Permission::FullControl => vec![0, 1, 2, 3, 4, 5],
    };
    let strangers = [
        Identity::Anonymous,
        root_of(OTHER),
        user_of(OTHER, Some(&identity_policy("Allow", "s3:*"))),
    ];
    for permission in [
        Permission::Read,
        Permission::Write,
        Permission::ReadAcp,
        Permission::WriteAcp,
        Permission::FullControl,
    ] {
        for caller in &strangers {
            let mut place = Place::with(Ownership::ObjectWriter);
            place.settings.acl = Some(acl(&[(Grantee::AllUsers, permission)]));
            for (at, action) in ON_BUCKET.iter().enumerate() {
                let expected = of_bucket(permission).contains(&at);
                assert_eq!(
                    place.allows(caller, action, None),
                    expected,
                    "{permission:?} {action}"
                );
            }
            // A list of the bucket grants nothing on objects, but to create them.
            let writes = matches!(permission, Permission::Write | Permission::FullControl);
            for action in ON_OBJECT {
                let expected = writes && action == "s3:PutObject";
                assert_eq!(
                    place.allows(caller, action, Some("k")),
                    expected,
                    "{permission:?} {action}"
                );
            }
            let mut place = Place::with(Ownership::ObjectWriter);
            place.object = Some(ObjectAccess {
                acl: Some(acl(&[(Grantee::AllUsers, permission)])),
                owner: None,
            });
            for (at, action) in ON_OBJECT.iter().enumerate() {
                let expected = of_object(permission).contains(&at);
                assert_eq!(
                    place.allows(caller, action, Some("k")),
                    expected,
                    "{permission:?} {action}"
                );
            }
            assert!(!place.allows(caller, "s3:ListBucket", None));
        }
    }
}

#[test]
fn grants_count_for_their_grantees_and_another_accounts_user_needs_its_own_policies() {
    let get = |place: &Place, caller: &Identity| place.allows(caller, "s3:GetObject", Some("k"));
    let of = |grantee| {
        let mut place = Place::with(Ownership::BucketOwnerPreferred);
        place.object = Some(ObjectAccess {
            acl: Some(acl(&[(grantee, Permission::Read)])),
            owner: None,
        });
        place
    };
    let able = user_of(OTHER, Some(&identity_policy("Allow", "s3:GetObject")));
    let denied = user_of(OTHER, Some(&identity_policy("Deny", "s3:GetObject")));
    let to_other = Grantee::Account(canonical(OTHER));
    for (grantee, [nobody, of_other, of_third]) in [
        (to_other, [false, true, false]),
        (Grantee::AuthenticatedUsers, [false, true, true]),
        (Grantee::AllUsers, [true; 3]),
        (Grantee::LogDelivery, [false; 3]),
    ] {
        let place = of(grantee);
        assert_eq!(get(&place, &Identity::Anonymous), nobody, "{grantee:?}");
        assert_eq!(get(&place, &root_of(OTHER)), of_other, "{grantee:?}");
        assert_eq!(get(&place, &able), of_other, "{grantee:?}");
        assert_eq!(get(&place, &root_of(THIRD)), of_third, "{grantee:?}");
        for powerless in [&user_of(OTHER, None), &denied] {
            assert!(!get(&place, powerless), "{grantee:?}");
        }
    }
}

#[test]
fn lists_have_no_effect_while_they_are_disabled() {
    let mut place = Place::with(Ownership::BucketOwnerEnforced);
    place.settings.acl = Some(acl(&[(Grantee::AllUsers, Permission::FullControl)]));
    place.object = Some(ObjectAccess {
        acl: Some(acl(&[(Grantee::AllUsers, Permission::FullControl)])),
        owner: None,
    });
    for caller in [Identity::Anonymous, root_of(OTHER)] {
        assert!(!place.allows(&caller, "s3:GetObject", Some("k")));
        assert!(!place.allows(&caller, "s3:ListBucket", None));
    }
    assert_eq!(place.judge(&owner(), "s3:GetObject", Some("k")).judged, None);
    place.settings.ownership = None;
    assert!(!place.allows(&Identity::Anonymous, "s3:GetObject", Some("k")));
    for enabled in [
        Ownership::BucketOwnerPreferred,
        Ownership::ObjectWriter,
        Ownership::Removed,
    ] {
        place.settings.ownership = Some(enabled);
        assert!(place.allows(&Identity::Anonymous, "s3:GetObject", Some("k")));
        assert!(place.allows(&Identity::Anonymous, "s3:ListBucket", None));
    }
}

#[test]
fn a_public_access_block_ignores_public_grants_and_no_others() {
    let mut place = Place::with(Ownership::ObjectWriter);
    let ignore = PublicAccessBlock {
        ignore_public_acls: true,
        ..PublicAccessBlock::default()
    };
    place.settings.public_access = Some(PublicAccess::Block(ignore));
    place.settings.acl = Some(acl(&[(Grantee::AllUsers, Permission::Read)]));
    let other = Grantee::Account(canonical(OTHER));
    place.object = Some(ObjectAccess {
        acl: Some(acl(&[
            (Grantee::AuthenticatedUsers, Permission::Read),
            (other, Permission::Read),
        ])),
        owner: None,
    });
    assert!(!place.allows(&Identity::Anonymous, "s3:ListBucket", None));
    assert!(!place.allows(&root_of(THIRD), "s3:GetObject", Some("k")));
    assert!(place.allows(&root_of(OTHER), "s3:GetObject", Some("k")));
}

/// "The bucket owner [...] can deny access to any objects in the bucket, regardless of who owns them."
#[test]
fn the_policy_of_the_bucket_denies_access_to_objects_of_others_and_allows_none() {
    let mut place = Place::with(Ownership::ObjectWriter);
    let everybody = parsed(&statement("", "Allow", "s3:*", ""));
    let of_other = |acl| {
        Some(ObjectAccess {
            owner: Some(account(OTHER)),
            acl,
        })
    };
    place.object = of_other(None);
    let writer = user_of(OTHER, Some(&identity_policy("Allow", "s3:*")));
    let within = user_of(AccountId::ROOT.as_str(), Some(&identity_policy("Allow", "s3:*")));
    for policy in [None, Some(everybody)] {
        place.policy = policy;
        for action in [
            "s3:GetObject",
            "s3:GetObjectAcl",
            "s3:PutObjectAcl",
            "s3:GetObjectTagging",
        ] {
            for caller in [&root_of(OTHER), &writer] {
                assert!(place.allows(caller, action, Some("k")), "{action}");
            }
            for caller in [&owner(), &within, &root_of(THIRD), &Identity::Anonymous] {
                assert!(!place.allows(caller, action, Some("k")), "{action}");
            }
            assert!(
                !place.allows(&user_of(OTHER, None), action, Some("k")),
                "{action}"
            );
        }
        // The bucket's owner deletes whatever is in the bucket.
        for action in ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject"] {
            assert!(place.allows(&owner(), action, Some("k")), "{action}");
        }
    }
    // What a missing object looks like to the same caller.
    let refused = place.judge(&owner(), "s3:GetObject", Some("k"));
    assert_eq!(refused.reason, Reason::NotAllowedByObjectOwner);
    assert_eq!(
        refused.message(&owner(), "s3:GetObject", "arn:aws:s3:::b/k"),
        None
    );
    let powerless = user_of(AccountId::ROOT.as_str(), None);
    place.policy = None;
    let there = place.judge(&powerless, "s3:GetObject", Some("k"));
    place.object = None;
    assert_eq!(there, place.judge(&powerless, "s3:GetObject", Some("k")));

    place.object = of_other(Some(acl(&[(Grantee::AllUsers, Permission::Read)])));
    for caller in [&owner(), &within, &root_of(THIRD), &Identity::Anonymous] {
        assert!(place.allows(caller, "s3:GetObject", Some("k")));
    }
    assert!(!place.allows(&powerless, "s3:GetObject", Some("k")));
    place.policy = Some(parsed(&statement("", "Deny", "s3:GetObject", "")));
    for caller in [&owner(), &root_of(OTHER), &writer, &Identity::Anonymous] {
        assert!(!place.allows(caller, "s3:GetObject", Some("k")));
    }
}

#[test]
fn a_writer_sets_the_list_of_a_new_object_and_deletes_its_own() {
    let mut place = Place::with(Ownership::ObjectWriter);
    place.settings.acl = Some(acl(&[(Grantee::Account(canonical(OTHER)), Permission::Write)]));
    place.subject = Subject::New;
    for action in ["s3:PutObject", "s3:PutObjectAcl"] {
        assert!(place.allows(&root_of(OTHER), action, Some("k")), "{action}");
        assert!(!place.allows(&root_of(THIRD), action, Some("k")), "{action}");
    }
    assert!(!place.allows(&root_of(OTHER), "s3:PutObjectTagging", Some("k")));
    place.subject = Subject::Existing;
    assert!(!place.allows(&root_of(OTHER), "s3:PutObjectAcl", Some("k")));
    assert!(!place.allows(&root_of(OTHER), "s3:DeleteObject", Some("k")));
    place.object = Some(ObjectAccess {
        owner: Some(account(OTHER)),
        acl: None,
    });
    assert!(place.allows(&root_of(OTHER), "s3:DeleteObject", Some("k")));
    assert!(!place.allows(&root_of(OTHER), "s3:DeleteObjectVersion", Some("k")));
    place.settings.acl = None;
    assert!(!place.allows(&root_of(OTHER), "s3:DeleteObject", Some("k")));
}

#[test]
fn the_account_that_began_an_upload_may_list_and_abort_it() {
    let mut place = Place::with(Ownership::BucketOwnerEnforced);
    for (subject, expected) in [(Subject::OwnUpload, true), (Subject::Existing, false)] {
        place.subject = subject;
        for action in ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"] {
            assert_eq!(place.allows(&root_of(OTHER), action, Some("k")), expected);
            // A user needs policies of its own.
            assert!(!place.allows(&user_of(OTHER, None), action, Some("k")));
        }
        assert!(!place.allows(&root_of(OTHER), "s3:PutObject", Some("k")));
    }
}
