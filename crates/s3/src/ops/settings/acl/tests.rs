use crate::ops::settings::acl::canned::{AclTarget, Canned};
use crate::ops::settings::acl::requested::RequestedAcl;
use crate::request::context::tests::authenticated;
use crate::request::document::Document;
use crate::request::signer::SignedBy;
use http::{HeaderMap, HeaderName, HeaderValue};
use strongroom_access::ROOT_CANONICAL_ID;
use strongroom_access::arn::CanonicalId;
use strongroom_engine::model::acl::Acl;

/// Judges a request to a bucket that has disabled access control lists.
fn disabled(headers: &[(&str, &str)], document: &str, target: AclTarget) -> &'static str {
    read(headers, document, |acl| {
        acl.expect_some()?;
        acl.expect_owners_alone(target, CanonicalId::ROOT)
    })
}

fn read(
    headers: &[(&str, &str)],
    document: &str,
    judge: impl FnOnce(RequestedAcl<'_>) -> Result<(), crate::response::error::ErrorResponse>,
) -> &'static str {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        map.insert(name, HeaderValue::from_str(value).unwrap());
    }
    let mut request = authenticated(None, SignedBy::Header);
    if !document.is_empty() {
        request = request.with_document(Document::read(document.as_bytes()).unwrap());
    }
    let judged = RequestedAcl::of(&map, &request).and_then(judge);
    judged.map_or_else(|answer| answer.code, |()| "ok")
}

#[test]
fn canned_lists_while_lists_are_disabled() {
    use AclTarget::{Bucket, NewBucket, Object};
    let unsupported = "AccessControlListNotSupported";
    for (canned, target, expected) in [
        ("private", Bucket, "ok"),
        ("private", NewBucket, "ok"),
        ("private", Object, "ok"),
        ("bucket-owner-full-control", Object, "ok"),
        ("bucket-owner-read", Object, "ok"),
        ("public-read", Object, unsupported),
        ("public-read", Bucket, unsupported),
        ("log-delivery-write", Bucket, unsupported),
        ("aws-exec-read", Object, unsupported),
        ("public-read", NewBucket, "InvalidBucketAclWithObjectOwnership"),
        ("secret", Object, "InvalidArgument"),
    ] {
        assert_eq!(
            disabled(&[("x-amz-acl", canned)], "", target),
            expected,
            "{canned}"
        );
    }
}

#[test]
fn headers_that_grant_while_lists_are_disabled() {
    let owner = format!("id=\"{ROOT_CANONICAL_ID}\"");
    let full = "x-amz-grant-full-control";
    let of = |name: &str, value: &str| disabled(&[(name, value)], "", AclTarget::Object);
    assert_eq!(of(full, &owner), "ok");
    assert_eq!(
        of(full, &format!("{owner}, uri=\"x\"")),
        "AccessControlListNotSupported"
    );
    assert_eq!(of("x-amz-grant-read", &owner), "AccessControlListNotSupported");
    for wrong in ["rubbish", "name=x", ""] {
        assert_eq!(of(full, wrong), "InvalidArgument", "{wrong}");
    }
    let both = [("x-amz-acl", "private"), (full, owner.as_str())];
    assert_eq!(disabled(&both, "", AclTarget::Object), "InvalidRequest");
    assert_eq!(disabled(&[], "", AclTarget::Object), "MissingSecurityHeader");
}

fn grant(kind: &str, grantee: &str, permission: &str) -> String {
    format!(
        "<Grant><Grantee xmlns:xsi=\"x\" xsi:type=\"{kind}\">{grantee}</Grantee>\
         <Permission>{permission}</Permission></Grant>"
    )
}

fn policy(owner: &str, grants: &str) -> String {
    format!(
        "<AccessControlPolicy><Owner><ID>{owner}</ID></Owner><AccessControlList>{grants}</AccessControlList>\
         </AccessControlPolicy>"
    )
}

#[test]
fn documents_that_grant_while_lists_are_disabled() {
    let own = ROOT_CANONICAL_ID;
    let of = |document: &str| disabled(&[], document, AclTarget::Bucket);
    let id = |id: &str, permission| grant("CanonicalUser", &format!("<ID>{id}</ID>"), permission);
    let full = id(own, "FULL_CONTROL");
    assert_eq!(of(&policy(own, &full)), "ok");
    for other in [
        policy(own, ""),
        policy("another", &full),
        policy(own, &id(own, "READ")),
        policy(own, &format!("{full}{}", id("another", "READ"))),
        policy(own, &grant("Group", &format!("<URI>{own}</URI>"), "FULL_CONTROL")),
    ] {
        assert_eq!(of(&other), "AccessControlListNotSupported", "{other}");
    }
    let beside = disabled(
        &[("x-amz-acl", "private")],
        &policy(own, &full),
        AclTarget::Bucket,
    );
    assert_eq!(beside, "UnexpectedContent");
}

#[test]
fn malformed_documents() {
    let own = ROOT_CANONICAL_ID;
    let of = |document: &str| read(&[], document, |_| Ok(()));
    for wrong in ["<AccessControlPolicy/>", "<Other/>", &policy(own, "<Other/>")] {
        assert_eq!(of(wrong), "MalformedXML", "{wrong}");
    }
    for wrong in [
        grant("Somebody", "<ID>x</ID>", "READ"),
        grant("CanonicalUser", "<URI>x</URI>", "READ"),
        grant("Group", "<ID>x</ID>", "READ"),
        grant("AmazonCustomerByEmail", "<ID>x</ID>", "READ"),
        grant("CanonicalUser", "<ID>x</ID>", "ALL"),
        grant("CanonicalUser", "<ID>x</ID>", ""),
    ] {
        assert_eq!(of(&policy(own, &wrong)), "MalformedACLError", "{wrong}");
    }
    let without_id = "<AccessControlPolicy><Owner/><AccessControlList/></AccessControlPolicy>";
    assert_eq!(of(without_id), "MalformedACLError");
}

#[test]
fn canned_lists_while_lists_are_enabled() {
    use strongroom_engine::model::acl::{Grantee, Permission};
    let (owner, bucket_owner) = (CanonicalId::ROOT, CanonicalId::from_random(&[7; 32]));
    let of_bucket_owner = Grantee::Account(bucket_owner);
    let (read, write) = (Permission::Read, Permission::Write);
    for (name, more) in [
        ("private", vec![]),
        ("public-read", vec![(Grantee::AllUsers, read)]),
        (
            "public-read-write",
            vec![(Grantee::AllUsers, read), (Grantee::AllUsers, write)],
        ),
        ("authenticated-read", vec![(Grantee::AuthenticatedUsers, read)]),
        ("bucket-owner-read", vec![(of_bucket_owner, read)]),
        (
            "bucket-owner-full-control",
            vec![(of_bucket_owner, Permission::FullControl)],
        ),
    ] {
        let canned = Canned::named(name).unwrap();
        let own = [(Grantee::Account(owner), Permission::FullControl)];
        let expected: Vec<_> = own.into_iter().chain(more).collect();
        let list = canned.list(AclTarget::Object, owner, bucket_owner).ok().unwrap();
        let grants = list.grants().iter();
        let grants: Vec<_> = grants.map(|grant| (grant.grantee, grant.permission)).collect();
        assert_eq!(grants, expected, "{name}");
    }
    // What the owner has already is not granted again.
    for name in ["bucket-owner-read", "bucket-owner-full-control"] {
        let list = Canned::named(name).unwrap().list(AclTarget::Bucket, owner, owner);
        assert_eq!(list.ok().unwrap(), Acl::private(owner));
    }
    let of_logs = Canned::LogDeliveryWrite;
    assert!(of_logs.list(AclTarget::Bucket, owner, owner).is_ok());
    let codes = [of_logs, Canned::AwsExecRead].map(|canned| {
        let refused = canned.list(AclTarget::Object, owner, owner);
        refused.err().unwrap().code
    });
    assert_eq!(codes, ["InvalidArgument", "NotImplemented"]);
}
