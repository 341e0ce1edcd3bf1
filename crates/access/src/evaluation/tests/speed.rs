//! The time that a large policy takes.

use super::*;
use std::hint::black_box;
use std::time::Instant;

/// A policy of a bucket of almost 20 KiB, with statements of several forms, of which none allows the request.
fn large() -> String {
    let mut statements = Vec::new();
    let mut length = 0;
    for n in 0.. {
        let statement = match n % 4 {
            0 => format!(
                r#"{{"Sid":"r{n}","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111122223333:user/u{n}"}},"Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/home/u{n}/*"]}}"#
            ),
            1 => format!(
                r#"{{"Sid":"r{n}","Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"arn:aws:s3:::b/public/{n}/*","Condition":{{"IpAddress":{{"aws:SourceIp":"192.0.{}.0/24"}}}}}}"#,
                n % 256
            ),
            2 => format!(
                r#"{{"Sid":"r{n}","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{{"StringEquals":{{"s3:ExistingObjectTag/team":"t{n}"}},"Bool":{{"aws:SecureTransport":"true"}}}}}}"#
            ),
            _ => format!(
                r#"{{"Sid":"r{n}","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/${{aws:username}}/{n}/*","Condition":{{"StringNotLike":{{"aws:PrincipalArn":"arn:aws:iam::*:user/admin*"}}}}}}"#
            ),
        };
        length += statement.len() + 1;
        if length > Policy::MAX_LEN - 100 {
            break;
        }
        statements.push(statement);
    }
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    )
}

#[test]
#[ignore = "a measurement: run it alone, with --release --nocapture"]
fn a_policy_of_20_kib_takes_less_than_20_microseconds() {
    const ROUNDS: u32 = 20_000;
    let text = large();
    let policy = NamedPolicy {
        name: "b".into(),
        policy: parse(&text, PolicyKind::Bucket("b")),
    };
    let principal = ann(OWNER);
    let mut conditions = Conditions::of(&principal);
    conditions
        .add("aws:SourceIp", "198.51.100.7")
        .add("aws:SecureTransport", "true")
        .add("aws:CurrentTime", "2026-11-30T00:00:00Z")
        .add("aws:EpochTime", "1795996800")
        .add("aws:UserAgent", "aws-cli/2")
        .add("s3:authType", "REST-HEADER")
        .add("s3:signatureversion", "AWS4-HMAC-SHA256")
        .add("s3:TlsVersion", "1.3")
        .add("s3:ResourceAccount", OWNER.id)
        .add("s3:x-amz-content-sha256", "UNSIGNED-PAYLOAD")
        .add("s3:ExistingObjectTag/team", "blue");
    let request = Request {
        principal,
        action: "s3:GetObject",
        resource: "arn:aws:s3:::b/data/2026/11/30/part-0001.parquet",
        conditions: &conditions,
    };
    let resource = Resource {
        owner: OWNER.id,
        policy: Some(&policy),
    };
    let begin = Instant::now();
    for _ in 0..ROUNDS {
        black_box(evaluate(
            &CallerPolicies::default(),
            &resource,
            black_box(&request),
        ));
    }
    let each = begin.elapsed() / ROUNDS;
    println!("{} bytes: {each:?}", text.len());
    assert!(each.as_micros() < 20, "{each:?}");
}
