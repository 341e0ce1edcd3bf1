//! Policies from AWS's guides (S3 User Guide, "Bucket policy examples", "Using server-side encryption with
//! customer-provided keys").

use super::*;

const GET: &str = "s3:GetObject";
const PUT: &str = "s3:PutObject";
const LIST: &str = "s3:ListBucket";

/// Evaluates a request with these condition keys.
fn ask(
    policy: &Policy,
    who: Principal<'_>,
    action: &str,
    object: Option<&str>,
    keys: &[(&str, &str)],
) -> Verdict {
    let mut conditions = Conditions::of(&who);
    for (key, value) in keys {
        conditions.add(*key, *value);
    }
    policy.evaluate(&Request {
        principal: who,
        action,
        resource: &arn("b", object),
        conditions: &conditions,
    })
}

#[test]
fn sse_c_is_required() {
    let policy = policy(&[
        r#""Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*",
        "Condition": {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "true"}}"#,
    ]);
    let ask = |action, keys: &[(&str, &str)]| ask(&policy, ROOT, action, Some("k"), keys);
    assert_eq!(ask(PUT, &[]), Verdict::Deny);
    assert_eq!(ask(PUT, &[(key::SSE, "AES256")]), Verdict::Deny);
    assert_eq!(
        ask(PUT, &[(key::SSE_CUSTOMER_ALGORITHM, "AES256")]),
        Verdict::Silent
    );
    assert_eq!(ask(GET, &[]), Verdict::Silent);
}

#[test]
fn sse_s3_must_be_requested() {
    let policy = policy(&[
        r#""Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*",
        "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"}}"#,
    ]);
    let ask = |keys: &[(&str, &str)]| ask(&policy, ROOT, PUT, Some("k"), keys);
    assert_eq!(ask(&[]), Verdict::Deny);
    assert_eq!(ask(&[(key::SSE, "aws:kms")]), Verdict::Deny);
    assert_eq!(ask(&[(key::SSE, "AES256")]), Verdict::Silent);
}

#[test]
fn tls_is_required() {
    let policy = policy(&[r#""Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}"#]);
    let ask = |value| ask(&policy, ROOT, GET, Some("k"), &[(key::SECURE_TRANSPORT, value)]);
    assert_eq!(ask("false"), Verdict::Deny);
    assert_eq!(ask("true"), Verdict::Silent);
}

#[test]
fn each_user_has_a_home() {
    let policy = policy(&[
        r#""Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b",
        "Condition": {"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/*"]}}"#,
        r#""Resource": "arn:aws:s3:::b/home/${aws:username}/*""#,
    ]);
    for (prefix, expected) in [
        ("", Verdict::Allow),
        ("home/ann/x", Verdict::Allow),
        ("home/bob/", Verdict::Silent),
    ] {
        let verdict = ask(&policy, ANN, LIST, None, &[(key::PREFIX, prefix)]);
        assert_eq!(verdict, expected, "{prefix}");
    }
    assert_eq!(ask(&policy, ANN, LIST, None, &[]), Verdict::Silent);
    assert_eq!(ask(&policy, ANN, PUT, Some("home/ann/x"), &[]), Verdict::Allow);
    assert_eq!(ask(&policy, ANN, PUT, Some("home/bob/x"), &[]), Verdict::Silent);
    assert_eq!(ask(&policy, ROOT, PUT, Some("home//x"), &[]), Verdict::Silent);
    assert!(policy.refers_to(key::USERNAME));
    assert!(!policy.refers_to(key::EXISTING_OBJECT_TAG));
}

#[test]
fn addresses_referers_and_tags_must_all_fit() {
    let policy = policy(&[
        r#""Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {
        "IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "2001:db8::/32"]},
        "NotIpAddress": {"aws:SourceIp": "192.0.2.188/32"},
        "StringLike": {"aws:Referer": ["https://www.example.com/*"]},
        "StringEquals": {"s3:ExistingObjectTag/environment": "production"}}"#,
    ]);
    let ask = |keys: &[(&str, &str)]| ask(&policy, Principal::Anonymous, GET, Some("k"), keys);
    let at = (key::SOURCE_IP, "192.0.2.7");
    let from = (key::REFERER, "https://www.example.com/a");
    let tag = ("s3:existingobjecttag/Environment", "production");
    assert_eq!(ask(&[at, from, tag]), Verdict::Allow);
    assert_eq!(ask(&[at, from]), Verdict::Silent);
    assert_eq!(ask(&[at, tag]), Verdict::Silent);
    assert_eq!(
        ask(&[(key::SOURCE_IP, "192.0.2.188"), from, tag]),
        Verdict::Silent
    );
    assert_eq!(ask(&[(key::SOURCE_IP, "2001:db8::1"), from, tag]), Verdict::Allow);
    assert!(policy.refers_to(key::EXISTING_OBJECT_TAG));
    assert!(policy.refers_to("S3:EXISTINGOBJECTTAG/Env"));
    assert!(!policy.refers_to(key::REQUEST_OBJECT_TAG));
}

#[test]
fn only_certain_tags_may_be_given() {
    let policy = policy(&[
        r#""Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*",
        "Condition": {"ForAnyValue:StringNotEquals": {"s3:RequestObjectTagKeys": ["Owner", "Date"]}}"#,
    ]);
    let ask = |tags: &[&str]| {
        let keys: Vec<_> = tags
            .iter()
            .map(|tag| (key::REQUEST_OBJECT_TAG_KEYS, *tag))
            .collect();
        ask(&policy, ROOT, PUT, Some("k"), &keys)
    };
    assert_eq!(ask(&[]), Verdict::Silent);
    assert_eq!(ask(&["Owner", "Date"]), Verdict::Silent);
    assert_eq!(ask(&["Owner", "x"]), Verdict::Deny);
}
