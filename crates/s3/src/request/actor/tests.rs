use super::*;
use strongroom_seal::SystemRandom;

fn extensions() -> (Extensions, RequestId) {
    let mut extensions = Extensions::new();
    let id = RequestId::new(&SystemRandom::default());
    extensions.insert(id);
    extensions.insert(Transport {
        secure: true,
        local: false,
        peer: "::ffff:192.0.2.7".parse().unwrap(),
    });
    (extensions, id)
}

#[test]
fn a_signed_request_acts_in_the_name_of_its_access_key() {
    let (mut extensions, id) = extensions();
    extensions.insert(AccessKeyId("SRKEY".into()));
    extensions.insert(SignedBy::Header);
    note("GetObject", &mut extensions);
    let expected = Actor {
        who: "SRKEY".into(),
        operation: "GetObject".into(),
        request: id.to_string().into(),
        address: Some("192.0.2.7".parse().unwrap()),
    };
    assert_eq!(actor(&extensions).ok(), Some(expected));
}

#[test]
fn without_a_signature_it_acts_as_anonymous() {
    let (mut extensions, _) = extensions();
    note("GetObject", &mut extensions);
    assert_eq!(&*actor(&extensions).ok().unwrap().who, "anonymous");
}

#[test]
fn a_form_is_not_called_a_put() {
    let (mut extensions, _) = extensions();
    extensions.insert(SignedBy::Form);
    note("PutObject", &mut extensions);
    assert_eq!(&*actor(&extensions).ok().unwrap().operation, "PostObject");
}

#[test]
fn what_nobody_asked_for_is_not_carried_out() {
    assert!(actor(&Extensions::new()).is_err());
}
