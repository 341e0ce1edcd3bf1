use super::*;

fn id(digit: &str) -> CanonicalId {
    CanonicalId::parse(&digit.repeat(64)).unwrap()
}

fn one(grantee: Grantee, permission: Permission) -> Acl {
    Acl::new(vec![Grant::new(grantee, permission)])
}

#[test]
fn grants_reach_their_grantees() {
    let (ann, bob) = (Some(id("a")), Some(id("b")));
    for (grantee, of_ann, of_bob, of_nobody) in [
        (Grantee::Account(id("a")), true, false, false),
        (Grantee::AllUsers, true, true, true),
        (Grantee::AuthenticatedUsers, true, true, false),
        (Grantee::LogDelivery, false, false, false),
    ] {
        let acl = one(grantee, Permission::Read);
        for (caller, expected) in [(ann, of_ann), (bob, of_bob), (None, of_nobody)] {
            assert_eq!(
                acl.allows(caller, Permission::Read, false),
                expected,
                "{grantee:?}"
            );
            let without_public = expected && grantee == Grantee::Account(id("a"));
            assert_eq!(acl.allows(caller, Permission::Read, true), without_public);
        }
    }
}

#[test]
fn full_control_is_every_permission_and_no_other_one_is_another() {
    use Permission::{FullControl, Read, ReadAcp, Write, WriteAcp};
    for needed in [Read, Write, ReadAcp, WriteAcp] {
        for granted in [FullControl, Read, Write, ReadAcp, WriteAcp] {
            let allows = one(Grantee::AllUsers, granted).allows(None, needed, false);
            assert_eq!(allows, granted == needed || granted == FullControl);
        }
    }
}

#[test]
fn lists_that_reach_others() {
    let own = Acl::private(id("a"));
    assert!(!own.is_public() && !own.reaches_beyond(id("a")) && own.reaches_beyond(id("b")));
    assert_eq!(own.clone().stored(id("a")), None);
    assert_eq!(own.clone().stored(id("b")), Some(own));
    for (grantee, public) in [
        (Grantee::Account(id("b")), false),
        (Grantee::AllUsers, true),
        (Grantee::AuthenticatedUsers, true),
        (Grantee::LogDelivery, false),
    ] {
        let acl = one(grantee, Permission::ReadAcp);
        assert!(acl.reaches_beyond(id("a")));
        assert_eq!(acl.is_public(), public);
    }
    // Fewer grants than the default are a list of their own.
    assert_eq!(Acl::new(vec![]).stored(id("a")), Some(Acl::new(vec![])));
}

#[test]
fn lists_are_written_as_format_md_says() {
    let acl = Acl::new(vec![
        Grant::new(Grantee::Account(id("a")), Permission::FullControl),
        Grant::new(Grantee::AllUsers, Permission::Read),
        Grant::new(Grantee::LogDelivery, Permission::WriteAcp),
    ]);
    let bytes = minicbor::to_vec(&acl).unwrap();
    let account = format!("82008178 40{}", hex::encode("a".repeat(64))).replace(' ', "");
    assert_eq!(
        hex::encode(&bytes),
        format!("8382{account}0082820180018282038004")
    );
    assert_eq!(minicbor::decode::<Acl>(&bytes).unwrap(), acl);
    let wrong = minicbor::to_vec([("x", 0)]).unwrap();
    assert!(minicbor::decode::<Acl>(&wrong).is_err());
}
