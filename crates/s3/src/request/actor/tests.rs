use super::*;
use crate::request::context::tests::authenticated;

#[test]
fn a_signed_request_acts_in_the_name_of_its_access_key() {
    let request = authenticated(Some("SRKEY"), SignedBy::Header);
    let expected = Actor {
        who: "SRKEY".into(),
        operation: "GetObject".into(),
        request: request.reply.id.to_string().into(),
        address: Some("192.0.2.7".parse().unwrap()),
    };
    assert_eq!(identify(&request, "GetObject"), expected);
}

#[test]
fn without_a_signature_it_acts_as_anonymous() {
    let request = authenticated(None, SignedBy::Header);
    assert_eq!(&*identify(&request, "GetObject").who, "anonymous");
}

#[test]
fn a_form_is_not_called_a_put() {
    let request = authenticated(None, SignedBy::Form);
    assert_eq!(&*identify(&request, "PutObject").operation, "PostObject");
}
