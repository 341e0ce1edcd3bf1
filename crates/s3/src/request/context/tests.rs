use super::*;
use crate::request::buffers::Buffers;
use crate::settings::{Cleartext, HeadWithoutKey};
use http::{HeaderMap, Method, Request};
use s3s::Body;
use strongroom_access::arn::{AccountId, CanonicalId};
use strongroom_audit::RequestId;
use strongroom_audit::{Audit, NoAudit};
use strongroom_identity::principal::{Principal, PrincipalKind};
use strongroom_seal::SystemRandom;

/// Returns a request that arrived on this connection, at a server with this setting.
pub(crate) fn received(transport: Transport, cleartext: Cleartext) -> Received {
    let request = Request::new(Body::empty());
    Received {
        reply: Arc::new(ReplyContext::of(
            &request,
            RequestId::new(&SystemRandom::default()),
        )),
        transport,
        settings: Arc::new(Settings {
            region: "us-east-1".into(),
            hosts: vec![],
            head_without_key: HeadWithoutKey::NotFound,
            cleartext,
            buffers: 64 << 20,
            longest_read: std::time::Duration::from_hours(1),
            all_requests: crate::settings::RequestLimits::default(),
            account_requests: crate::settings::RequestLimits::default(),
        }),
        standing: Standing::default(),
        turns: Turns::default(),
        reservation: Buffers::new(64 << 20).reservation(),
        record: Record::new(&(Arc::new(NoAudit) as Arc<dyn Audit>)),
    }
}

/// Returns the identity of the root user of the first account, with this access key.
pub(crate) fn root(access_key_id: &str) -> Identity {
    Identity::Principal(Arc::new(Principal {
        account: AccountId::ROOT,
        canonical_id: CanonicalId::ROOT,
        account_name: "root".to_owned(),
        access_key_id: access_key_id.to_owned(),
        kind: PrincipalKind::Root,
        identity: Vec::new(),
        sources: Vec::new(),
        boundary: None,
        session: None,
        document_bytes: 0,
    }))
}

/// Returns a request that was signed with this access key of a root user, if any, in this place.
pub(crate) fn authenticated(signer: Option<&str>, signed_by: SignedBy) -> Authenticated {
    let transport = Transport {
        secure: true,
        local: false,
        peer: "::ffff:192.0.2.7".parse().unwrap(),
    };
    let headers = ExtractedHeaders::from(&Method::PUT, &mut HeaderMap::new(), None);
    received(transport, Cleartext::Loopback)
        .fenced(None, Level::Object, Some("bucket".into()), None)
        .authenticated(
            signer.map_or(Identity::Anonymous, root),
            signed_by,
            headers.ok().unwrap(),
        )
}

#[test]
fn a_request_that_skipped_a_stage_is_not_carried_out() {
    assert!(Authenticated::take(&mut Extensions::new()).is_err());
    assert!(Permitted::take(&mut Extensions::new()).is_err());
}

#[test]
fn a_stage_is_taken_once() {
    let mut extensions = Extensions::new();
    authenticated(None, SignedBy::Header).put(&mut extensions);
    assert!(Authenticated::take(&mut extensions).is_ok());
    assert!(extensions.is_empty());
}

#[test]
fn the_kind_of_document_counts() {
    let request = authenticated(None, SignedBy::Header);
    assert_eq!(request.document("A").unwrap_err().code, "MissingRequestBodyError");
    let request = request.with_document(Document::read(b"<A/>").unwrap());
    assert!(request.document("A").is_ok());
    assert_eq!(request.document("B").unwrap_err().code, "MalformedXML");
}
