use crate::ops::settings::acl::requested::{AclTarget, RequestedAcl};
use crate::request::context::tests::authenticated;
use crate::request::document::Document;
use crate::request::signer::SignedBy;
use http::{HeaderMap, HeaderName, HeaderValue};
use strongroom_access::ROOT_CANONICAL_ID;
use strongroom_access::arn::CanonicalId;
use strongroom_engine::model::settings::Ownership;

fn judged(
    headers: &[(&str, &str)],
    document: &str,
    target: AclTarget,
    ownership: Option<Ownership>,
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
    let acl = RequestedAcl::of(&map, &request);
    let judged = acl.and_then(|acl| {
        acl.expect_some()?;
        acl.judge(target, ownership, CanonicalId::ROOT)
    });
    judged.map_or_else(|answer| answer.code, |()| "ok")
}

fn header(name: &str, value: &str, target: AclTarget, ownership: Option<Ownership>) -> &'static str {
    judged(&[(name, value)], "", target, ownership)
}

#[test]
fn canned_lists() {
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
        ("public-read", NewBucket, "InvalidBucketAclWithObjectOwnership"),
        ("secret", Object, "InvalidArgument"),
    ] {
        assert_eq!(header("x-amz-acl", canned, target, None), expected, "{canned}");
    }
    for ownership in [
        Ownership::BucketOwnerPreferred,
        Ownership::ObjectWriter,
        Ownership::Removed,
    ] {
        assert_eq!(
            header("x-amz-acl", "public-read", Bucket, Some(ownership)),
            "NotImplemented"
        );
        assert_eq!(header("x-amz-acl", "private", Bucket, Some(ownership)), "ok");
    }
}

#[test]
fn headers_that_grant() {
    let owner = format!("id=\"{ROOT_CANONICAL_ID}\"");
    let full = "x-amz-grant-full-control";
    let of = |name: &str, value: &str| header(name, value, AclTarget::Object, None);
    assert_eq!(of(full, &owner), "ok");
    assert_eq!(
        of(full, &format!("{owner}, uri=\"x\"")),
        "AccessControlListNotSupported"
    );
    assert_eq!(of("x-amz-grant-read", &owner), "AccessControlListNotSupported");
    assert_eq!(of(full, "rubbish"), "InvalidArgument");
    let both = [("x-amz-acl", "private"), (full, owner.as_str())];
    assert_eq!(judged(&both, "", AclTarget::Object, None), "InvalidRequest");
    assert_eq!(judged(&[], "", AclTarget::Object, None), "MissingSecurityHeader");
}

#[test]
fn documents_that_grant() {
    let grant = |id: &str, permission: &str| {
        format!(
            "<Grant><Grantee xmlns:xsi=\"x\" xsi:type=\"CanonicalUser\"><ID>{id}</ID></Grantee>\
             <Permission>{permission}</Permission></Grant>"
        )
    };
    let policy = |owner: &str, grants: &str| {
        format!(
            "<AccessControlPolicy><Owner><ID>{owner}</ID></Owner><AccessControlList>{grants}</AccessControlList>\
             </AccessControlPolicy>"
        )
    };
    let own = ROOT_CANONICAL_ID;
    let of = |document: &str| judged(&[], document, AclTarget::Bucket, None);
    let full = grant(own, "FULL_CONTROL");
    assert_eq!(of(&policy(own, &full)), "ok");
    for other in [
        policy(own, ""),
        policy("another", &full),
        policy(own, &grant(own, "READ")),
        policy(own, &format!("{full}{}", grant("another", "READ"))),
        policy(own, &full.replace("CanonicalUser", "Group")),
    ] {
        assert_eq!(of(&other), "AccessControlListNotSupported", "{other}");
    }
    assert_eq!(of("<AccessControlPolicy/>"), "MalformedXML");
    assert_eq!(of("<Other/>"), "MalformedXML");
    let beside = judged(
        &[("x-amz-acl", "private")],
        &policy(own, &full),
        AclTarget::Bucket,
        None,
    );
    assert_eq!(beside, "UnexpectedContent");
}
