//! Properties of all evaluations.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

const ACTIONS: [&str; 4] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:GetObjectTagging",
];
const KEYS: [&str; 4] = [
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::b/home/ann/x",
    "arn:aws:s3:::b/public/x",
    "arn:aws:s3:::b/K",
];

/// A condition of a statement.
fn condition() -> impl Strategy<Value = Value> {
    select(vec![
        json!({}),
        json!({"StringEquals": {"aws:username": "ann"}}),
        json!({"StringNotLike": {"aws:username": ["a*", "b*"]}}),
        json!({"StringLikeIfExists": {"s3:prefix": "${aws:username}/*"}}),
        json!({"Bool": {"aws:SecureTransport": "true"}, "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}),
        json!({"Null": {"aws:PrincipalTag/team": "true"}}),
        json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}),
        json!({"ForAnyValue:StringNotEquals": {"aws:TagKeys": "a"}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}),
    ])
}

fn principal_element() -> impl Strategy<Value = Value> {
    select(vec![
        json!("*"),
        json!({"AWS": ["111122223333", "arn:aws:iam::444455556666:user/staff/ann"]}),
        json!({"AWS": "arn:aws:iam::111122223333:user/staff/ann"}),
        json!({"AWS": "arn:aws:iam::111122223333:role/jobs/r"}),
        json!({"AWS": ["arn:aws:sts::111122223333:assumed-role/r/s1", "AROAROLEROLEROLEROLER"]}),
        json!({"AWS": "444455556666"}),
    ])
}

/// A statement; with a principal if it is for a bucket.
fn statement(of_bucket: bool) -> impl Strategy<Value = Value> {
    let actions = vec(
        select(vec!["s3:*", "s3:Get*", "S3:putobject", "s3:DeleteObject", "*"]),
        1..3,
    );
    let resources = vec(
        select(vec![
            "arn:aws:s3:::b/*",
            "arn:aws:s3:::b/home/${aws:username}/*",
            "arn:aws:s3:::b/?",
            "arn:aws:s3:::*",
        ]),
        1..3,
    );
    let elements = (any::<bool>(), any::<bool>(), any::<bool>(), actions, resources);
    (elements, condition(), principal_element(), any::<bool>()).prop_map(
        move |(
            (allow, not_action, not_resource, actions, resources),
            condition,
            principal,
            not_principal,
        )| {
            let mut statement = json!({
                "Effect": if allow { "Allow" } else { "Deny" },
                if not_action { "NotAction" } else { "Action" }: actions,
                if not_resource { "NotResource" } else { "Resource" }: resources,
                "Condition": condition,
            });
            if of_bucket {
                let name = if not_principal && !allow {
                    "NotPrincipal"
                } else {
                    "Principal"
                };
                statement[name] = principal;
            }
            statement
        },
    )
}

fn statements(of_bucket: bool) -> impl Strategy<Value = Vec<Value>> {
    vec(statement(of_bucket), 1..5)
}

fn principal() -> impl Strategy<Value = Principal<'static>> {
    select(vec![
        Principal::Anonymous,
        Principal::Account(OWNER),
        Principal::Account(STRANGER),
        ann(OWNER),
        ann(STRANGER),
        session(OWNER),
        session(STRANGER),
    ])
}

/// Condition keys of a request.
fn keys() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    vec(
        select(vec![
            ("aws:SecureTransport", "true"),
            ("aws:SourceIp", "192.0.2.7"),
            ("aws:SourceIp", "198.51.100.7"),
            ("aws:PrincipalTag/team", "x"),
            ("aws:TagKeys", "a"),
            ("aws:TagKeys", "c"),
            ("s3:prefix", "ann/x"),
        ]),
        0..4,
    )
}

fn policy(statements: &[Value], kind: PolicyKind<'_>) -> NamedPolicy {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    NamedPolicy {
        name: "p".into(),
        policy: parse(&text, kind),
    }
}

#[derive(Clone, Debug)]
struct World {
    identity: Vec<Value>,
    boundary: Option<Vec<Value>>,
    session: Option<Vec<Value>>,
    bucket: Option<Vec<Value>>,
}

fn world() -> impl Strategy<Value = World> {
    let maybe = |of_bucket| proptest::option::of(statements(of_bucket));
    (statements(false), maybe(false), maybe(false), maybe(true)).prop_map(
        |(identity, boundary, session, bucket)| World {
            identity,
            boundary,
            session,
            bucket,
        },
    )
}

fn request() -> impl Strategy<
    Value = (
        Principal<'static>,
        &'static str,
        &'static str,
        Vec<(&'static str, &'static str)>,
    ),
> {
    (
        principal(),
        select(ACTIONS.to_vec()),
        select(KEYS.to_vec()),
        keys(),
    )
}

impl World {
    fn judge(
        &self,
        (principal, action, resource, keys): &(Principal<'_>, &str, &str, Vec<(&str, &str)>),
    ) -> Verdict {
        let identity = [policy(&self.identity, PolicyKind::Managed)];
        let boundary = self.boundary.as_ref().map(|it| policy(it, PolicyKind::Managed));
        let session = self.session.as_ref().map(|it| policy(it, PolicyKind::Session));
        let bucket = self.bucket.as_ref().map(|it| policy(it, PolicyKind::Bucket("b")));
        let caller = CallerPolicies {
            identity: &identity,
            boundary: boundary.as_ref(),
            session: session.as_slice(),
        };
        let of = Resource {
            owner: OWNER.id,
            policy: bucket.as_ref(),
            granted: false,
        };
        let mut conditions = Conditions::of(principal);
        for (key, value) in keys {
            conditions.add(*key, *value);
        }
        let request = Request {
            principal: *principal,
            action,
            resource,
            conditions: &conditions,
        };
        let explanation = explain(&caller, &of, &request);
        let verdict = explanation.verdict.clone();
        if verdict.allowed {
            assert!(could_allow(&caller, &of, principal, action));
            assert!(
                explanation
                    .matched()
                    .all(|outcome| outcome.effect == Effect::Allow)
            );
        }
        if let Reason::Denied(by) = &verdict.reason {
            let is_it = |outcome: &&Outcome| outcome.effect == Effect::Deny;
            let first = explanation.matched().find(is_it).unwrap();
            assert_eq!((first.layer, &first.statement), (by.layer, &by.statement));
        }
        verdict
    }

    /// Returns all lists of statements.
    fn lists(&mut self) -> impl Iterator<Item = &mut Vec<Value>> {
        let optional = [&mut self.boundary, &mut self.session, &mut self.bucket];
        std::iter::once(&mut self.identity).chain(optional.into_iter().flatten())
    }
}

proptest! {
    #[test]
    fn an_added_deny_never_allows_more(world in world(), request in request(), of_caller in statement(false), of_bucket in statement(true), at in 0_usize..4) {
        let before = world.judge(&request);
        let mut after = world;
        let is_bucket = after.bucket.is_some();
        let count = after.lists().count();
        let at = at % count;
        let mut deny = if is_bucket && at == count - 1 { of_bucket } else { of_caller };
        deny["Effect"] = json!("Deny");
        after.lists().nth(at).unwrap().insert(0, deny);
        let after = after.judge(&request);
        prop_assert!(before.allowed || !after.allowed);
    }

    #[test]
    fn the_order_of_statements_does_not_matter(world in world(), request in request()) {
        let before = world.judge(&request);
        let mut after = world;
        after.lists().for_each(|statements| statements.reverse());
        let after = after.judge(&request);
        prop_assert_eq!(before.allowed, after.allowed);
        let is_deny = |verdict: &Verdict| matches!(verdict.reason, Reason::Denied(_));
        prop_assert_eq!(is_deny(&before), is_deny(&after));
    }

    #[test]
    fn a_boundary_and_session_policies_never_allow_more(world in world(), request in request()) {
        let limited = world.judge(&request);
        let unlimited = World { boundary: None, session: None, ..world }.judge(&request);
        prop_assert!(unlimited.allowed || !limited.allowed);
    }

    #[test]
    fn a_policy_written_again_means_the_same(statements in statements(true), request in request()) {
        let (principal, action, resource, keys) = request;
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        let again = serde_json::to_string_pretty(&document).unwrap();
        let mut conditions = Conditions::of(&principal);
        for (key, value) in keys {
            conditions.add(key, value);
        }
        let request = Request { principal, action, resource, conditions: &conditions };
        let [first, second] = [document.to_string(), again].map(|text| Policy::parse(&text, "b").unwrap());
        prop_assert_eq!(first.decide(&request), second.decide(&request));
    }
}
