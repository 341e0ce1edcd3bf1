//! The time that a large policy takes.

use super::*;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Forms of statements: a name, and the statement with this number.
type Form = (&'static str, fn(usize) -> String);

const FORMS: [Form; 5] = [
    ("users", |n| {
        format!(
            r#"{{"Sid":"r{n}","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111122223333:user/u{n}"}},"Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/home/u{n}/*"]}}"#
        )
    }),
    ("addresses", |n| {
        format!(
            r#"{{"Sid":"r{n}","Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*","Condition":{{"IpAddress":{{"aws:SourceIp":["192.0.{}.0/24","2001:db8::/32"]}}}}}}"#,
            n % 256
        )
    }),
    ("tags", |n| {
        format!(
            r#"{{"Sid":"r{n}","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{{"Bool":{{"aws:SecureTransport":"true"}},"StringEquals":{{"s3:ExistingObjectTag/team":"t{n}"}}}}}}"#
        )
    }),
    ("variables", |n| {
        format!(
            r#"{{"Sid":"r{n}","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*","Condition":{{"StringLike":{{"aws:PrincipalArn":"arn:aws:iam::*:user/${{aws:username}}/{n}"}}}}}}"#
        )
    }),
    ("wildcards", |n| {
        format!(
            r#"{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*/{n}/*.csv"}}"#
        )
    }),
];

/// Returns a policy of almost 20 KiB of statements of these forms by turns, none of which applies to the request.
fn large(forms: &[Form]) -> String {
    let mut text = r#"{"Version":"2012-10-17","Statement":["#.to_owned();
    for (n, (_, form)) in forms.iter().cycle().enumerate() {
        let statement = form(n);
        if text.len() + statement.len() + 3 > Policy::MAX_LEN {
            break;
        }
        if n > 0 {
            text.push(',');
        }
        text.push_str(&statement);
    }
    text + "]}"
}

#[test]
#[ignore = "a measurement: run it alone, with --release --nocapture"]
fn a_policy_of_20_kib_takes_less_than_20_microseconds() {
    const BATCHES: u32 = 400;
    const ROUNDS: u32 = 50;
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
    let mut slowest = Duration::ZERO;
    let single = FORMS.iter().map(|form| (form.0, vec![*form]));
    for (name, forms) in single.chain([("all", FORMS.to_vec())]) {
        let text = large(&forms);
        let policy = NamedPolicy {
            name: "b".into(),
            policy: parse(&text, PolicyKind::Bucket("b")),
        };
        let resource = Resource {
            owner: OWNER.id,
            policy: Some(&policy),
            granted: false,
        };
        let round = || {
            let begin = Instant::now();
            for _ in 0..ROUNDS {
                let verdict = evaluate(&CallerPolicies::default(), &resource, black_box(&request));
                assert!(!black_box(verdict).allowed);
            }
            begin.elapsed() / ROUNDS
        };
        // The fastest batch is the one that other programs disturbed least.
        let each = (0..BATCHES).map(|_| round()).min().unwrap();
        println!("{name}: {} bytes, {each:?}", text.len());
        slowest = slowest.max(each);
    }
    assert!(slowest.as_micros() < 20, "{slowest:?}");
}
