//! The object that a decision depends on.

use super::*;

#[test]
fn a_permission_remembers_what_it_was_decided_by() {
    let mut place = Place::with(Ownership::ObjectWriter);
    let public = ObjectAccess {
        acl: Some(acl(&[(Grantee::AllUsers, Permission::Read)])),
        owner: None,
    };
    let get = |place: &Place, caller: &Identity| place.judge(caller, "s3:GetObject", Some("k")).judged;
    assert_eq!(get(&place, &owner()), Some(Judged::Owner(None)));
    assert_eq!(get(&place, &Identity::Anonymous), None);
    place.object = Some(public.clone());
    assert_eq!(get(&place, &owner()), Some(Judged::Owner(None)));
    assert_eq!(get(&place, &Identity::Anonymous), Some(Judged::Access(public)));
    place.object = Some(ObjectAccess {
        owner: Some(account(OTHER)),
        acl: None,
    });
    assert_eq!(
        get(&place, &root_of(OTHER)),
        Some(Judged::Owner(Some(account(OTHER))))
    );
    place.object = None;
    assert_eq!(get(&place, &owner()), Some(Judged::Owner(None)));
    assert_eq!(place.judge(&owner(), "s3:PutObject", Some("k")).judged, None);
}

#[test]
fn a_refusal_does_not_tell_whether_the_object_exists() {
    let callers = [
        Identity::Anonymous,
        root_of(THIRD),
        user_of(OTHER, None),
        user_of(AccountId::ROOT.as_str(), None),
    ];
    for owner in [None, Some(account(OTHER)), Some(account(THIRD))] {
        for caller in &callers {
            let mut place = Place::with(Ownership::ObjectWriter);
            place.object = Some(ObjectAccess {
                acl: Some(acl(&[(Grantee::Account(canonical(OTHER)), Permission::Read)])),
                owner,
            });
            let there = place.judge(caller, "s3:GetObject", Some("k"));
            place.object = None;
            let missing = place.judge(caller, "s3:GetObject", Some("k"));
            let is_owner = owner.is_some_and(|owner| caller.account() == Some(owner.account));
            let is_root = matches!(caller, Identity::Principal(principal) if matches!(principal.kind, PrincipalKind::Root));
            assert_eq!(there.allowed, is_owner && is_root);
            assert!(
                there.allowed || there == missing,
                "{caller:?} {owner:?}: {there} {missing}"
            );
        }
    }
}
