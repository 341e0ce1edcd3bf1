use super::*;
use crate::model::acl::{Acl, Grant, Grantee, Permission};
use strongroom_access::arn::{AccountId, CanonicalId};

#[test]
fn a_permission_is_valid_for_what_it_was_decided_by() {
    let other = BucketOwner {
        account: AccountId::parse("111111111111").unwrap(),
        canonical_id: CanonicalId::parse(&"b".repeat(64)).unwrap(),
    };
    let default = ObjectAccess::default();
    let public = ObjectAccess {
        acl: Some(Acl::new(vec![Grant::new(Grantee::AllUsers, Permission::Read)])),
        ..ObjectAccess::default()
    };
    let foreign = ObjectAccess {
        owner: Some(other),
        ..ObjectAccess::default()
    };
    for (judged, admitted) in [
        (Judged::Owner(None), [true, true, false]),
        (Judged::Owner(Some(other)), [false, false, true]),
        (Judged::Access(public.clone()), [false, true, false]),
        (Judged::Missing, [false; 3]),
    ] {
        for (access, admitted) in [&default, &public, &foreign].into_iter().zip(admitted) {
            assert_eq!(judged.admits(access), admitted, "{judged:?} {access:?}");
        }
    }
}

#[test]
fn other_objects_are_not_judged() {
    let judged = JudgedObject {
        bucket: "b".to_owned(),
        key: "k".to_owned(),
        version: None,
        by: Judged::Missing,
    };
    let access = ObjectAccess::default();
    assert!(!judged.admits("b", "k", None, &access));
    assert!(judged.admits("c", "k", None, &access));
    assert!(judged.admits("b", "l", None, &access));
    assert!(judged.admits("b", "k", Some(VersionName::Null), &access));
}
