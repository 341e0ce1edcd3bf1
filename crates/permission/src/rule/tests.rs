use super::*;
use crate::policies::named;
use crate::request::Subject;
use std::sync::Arc;
use strongroom_access::arn::{CanonicalId, EntityId, Name};
use strongroom_access::evaluation::NamedPolicy;
use strongroom_access::policy::{PolicyKind, key};
use strongroom_engine::model::settings::{PublicAccess, PublicAccessBlock};
use strongroom_identity::principal::{Named, Principal, PrincipalKind};
use strongroom_identity::tags::Tags;

mod acl;

const OTHER: &str = "111111111111";

fn parsed(statements: &str) -> ParsedPolicy {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    Policy::parse(&text, "b").map(named).map_err(|_| Unreadable)
}

fn statement(sid: &str, effect: &str, action: &str, condition: &str) -> String {
    for_principal(r#""*""#, sid, effect, action, condition)
}

fn for_principal(principal: &str, sid: &str, effect: &str, action: &str, condition: &str) -> String {
    format!(
        r#"{{{sid}"Effect": "{effect}", "Principal": {principal}, "Action": "{action}",
            "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]{condition}}}"#
    )
}

/// Returns the root user of an account.
fn root_of(account: &str) -> Identity {
    Identity::Principal(Arc::new(principal(account, PrincipalKind::Root, None)))
}

/// Returns the root user of the account that owns the bucket.
fn owner() -> Identity {
    root_of(AccountId::ROOT.as_str())
}

/// Returns a user of an account who has this identity policy.
fn user_of(account: &str, policy: Option<&str>) -> Identity {
    let ann = Named {
        path_and_name: "ann".to_owned(),
        name: Name::of_user("ann").unwrap(),
        id: EntityId::parse("AIDAQ3EGPZBA7PQ5ZBQ3A").unwrap(),
        tags: Tags::new([("team".to_owned(), "blue".to_owned())]).unwrap(),
    };
    Identity::Principal(Arc::new(principal(account, PrincipalKind::User(ann), policy)))
}

fn principal(account: &str, kind: PrincipalKind, policy: Option<&str>) -> Principal {
    let policy = policy.map(|text| NamedPolicy {
        name: "user/ann/p".into(),
        policy: Arc::new(Policy::parse_as(text, PolicyKind::InlineOfUser).unwrap()),
    });
    Principal {
        account: AccountId::parse(account).unwrap(),
        canonical_id: CanonicalId::ROOT,
        account_name: "a".to_owned(),
        access_key_id: "SRAAAAAAAAAAAAAAAAAA".to_owned(),
        kind,
        identity: policy.into_iter().collect(),
        sources: Vec::new(),
        boundary: None,
        session: None,
        document_bytes: 0,
    }
}

fn identity_policy(effect: &str, action: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "{effect}", "Action": "{action}", "Resource": "*"}}}}"#
    )
}

fn judged(identity: &Identity, policy: Option<&ParsedPolicy>, action: &str) -> Decision {
    judged_with(
        identity,
        &settings(false),
        policy,
        action,
        &RequestConditions::default(),
    )
}

fn judged_with(
    identity: &Identity,
    settings: &BucketSettings,
    policy: Option<&ParsedPolicy>,
    action: &str,
    conditions: &RequestConditions,
) -> Decision {
    let request = AccessRequest {
        action,
        bucket: "b",
        key: Some("k"),
        version: None,
        subject: Subject::Existing,
    };
    let bucket = BucketAccess {
        owner: AccountId::ROOT,
        settings,
        policy,
    };
    let decision = decide(identity, bucket, &request, None, conditions);
    // What is allowed could be allowed.
    assert!(!decision.allowed || could_allow(identity, Some(bucket), action));
    decision
}

/// The settings of a bucket whose public access is open, or restricted to the owner.
fn settings(restricted: bool) -> BucketSettings {
    BucketSettings {
        public_access: Some(PublicAccess::Block(PublicAccessBlock {
            restrict_public_buckets: restricted,
            ..PublicAccessBlock::ALL
        })),
        ..BucketSettings::default()
    }
}

#[test]
fn without_a_policy_the_owner_may_do_everything_and_nobody_else_anything() {
    assert_eq!(
        judged(&owner(), None, "s3:GetObject"),
        Decision::allow(Reason::Policies(evaluation::Reason::Root))
    );
    for other in [
        Identity::Anonymous,
        root_of(OTHER),
        user_of(AccountId::ROOT.as_str(), None),
        user_of(OTHER, Some(&identity_policy("Allow", "s3:*"))),
    ] {
        assert!(!judged(&other, None, "s3:GetObject").allowed, "{other:?}");
    }
}

#[test]
fn a_user_needs_an_allow_of_its_own_or_of_the_bucket() {
    let own = user_of(
        AccountId::ROOT.as_str(),
        Some(&identity_policy("Allow", "s3:Get*")),
    );
    assert!(judged(&own, None, "s3:GetObject").allowed);
    let refused = judged(&own, None, "s3:PutObject");
    assert_eq!(
        refused.message(&own, "s3:PutObject", "arn:aws:s3:::b/k").unwrap(),
        "User: arn:aws:iam::000000000000:user/ann is not authorized to perform: s3:PutObject on resource: \
         \"arn:aws:s3:::b/k\" because no identity-based policy allows the s3:PutObject action"
    );
    let by_bucket = parsed(&for_principal(
        r#"{"AWS": "arn:aws:iam::000000000000:user/ann"}"#,
        "",
        "Allow",
        "s3:PutObject",
        "",
    ));
    assert!(judged(&own, Some(&by_bucket), "s3:PutObject").allowed);
    // The same user name in another account is another user.
    let foreign = user_of(OTHER, Some(&identity_policy("Allow", "s3:*")));
    assert!(!judged(&foreign, Some(&by_bucket), "s3:PutObject").allowed);
}

#[test]
fn another_account_needs_both_sides() {
    let shared = parsed(&for_principal(
        r#"{"AWS": "111111111111"}"#,
        "",
        "Allow",
        "s3:GetObject",
        "",
    ));
    assert!(judged(&root_of(OTHER), Some(&shared), "s3:GetObject").allowed);
    let allowed = user_of(OTHER, Some(&identity_policy("Allow", "s3:*")));
    assert!(judged(&allowed, Some(&shared), "s3:GetObject").allowed);
    assert!(!judged(&user_of(OTHER, None), Some(&shared), "s3:GetObject").allowed);
    let refused = judged(&allowed, Some(&shared), "s3:PutObject");
    assert!(!refused.allowed);
}

#[test]
fn the_deciding_statement_is_named() {
    let policy = parsed(
        &[
            statement("", "Allow", "s3:GetObject", ""),
            statement(r#""Sid": "second", "#, "Allow", "s3:Get*", ""),
            statement(r#""Sid": "no deletes", "#, "Deny", "s3:DeleteObject", ""),
        ]
        .join(", "),
    );
    let anonymous = |action| judged(&Identity::Anonymous, Some(&policy), action).to_string();
    let by = |text: &str| format!("{text} of the bucket policy (resource-based policy)");
    assert_eq!(anonymous("s3:GetObject"), by("allowed: statement 1"));
    assert_eq!(
        anonymous("s3:GetObjectTagging"),
        by(r#"allowed: statement 2 (Sid "second")"#)
    );
    let denied = by(r#"denied: statement 3 (Sid "no deletes")"#);
    assert_eq!(anonymous("s3:DeleteObject"), denied);
    assert_eq!(
        anonymous("s3:PutObject"),
        "denied: no resource-based policy allows it"
    );
    let of_owner = |action| judged(&owner(), Some(&policy), action).to_string();
    assert_eq!(of_owner("s3:DeleteObject"), denied);
    assert_eq!(of_owner("s3:PutObject"), "allowed: root user of the account");
}

#[test]
fn the_root_user_of_the_owner_can_always_replace_the_policy() {
    let policies = [parsed(&statement("", "Deny", "s3:*", "")), Err(Unreadable)];
    let everything = user_of(AccountId::ROOT.as_str(), Some(&identity_policy("Allow", "*")));
    for policy in &policies {
        for action in ACTIONS_ON_POLICY {
            assert_eq!(
                judged(&owner(), Some(policy), action),
                Decision::allow(Reason::OwnerManagesPolicy)
            );
            for other in [&Identity::Anonymous, &everything, &root_of(OTHER)] {
                assert!(!judged(other, Some(policy), action).allowed);
            }
        }
        assert!(!judged(&owner(), Some(policy), "s3:GetObject").allowed);
    }
    assert_eq!(
        judged(&owner(), Some(&policies[1]), "s3:GetObject"),
        Decision::deny(Reason::UnreadablePolicy)
    );
}

#[test]
fn a_public_access_block_restricts_public_policies_to_the_account() {
    let public = parsed(&statement("", "Allow", "s3:GetObject", ""));
    let fixed = parsed(&statement(
        "",
        "Allow",
        "s3:GetObject",
        r#", "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}"#,
    ));
    let mut conditions = RequestConditions::default();
    conditions.add(key::SOURCE_IP, "192.0.2.7");
    let judged = |identity: &Identity, restricted: bool, policy| {
        judged_with(
            identity,
            &settings(restricted),
            Some(policy),
            "s3:GetObject",
            &conditions,
        )
    };
    let anonymous = Identity::Anonymous;
    let foreign = user_of(OTHER, Some(&identity_policy("Allow", "s3:*")));
    for outside in [&anonymous, &foreign] {
        assert!(judged(outside, false, &public).allowed);
        assert_eq!(
            judged(outside, true, &public),
            Decision::deny(Reason::PublicAccessBlock)
        );
        assert!(judged(outside, true, &fixed).allowed);
    }
    assert!(judged(&owner(), true, &public).allowed);
    assert!(judged(&user_of(AccountId::ROOT.as_str(), None), true, &public).allowed);
}

#[test]
fn conditions_of_the_request_the_caller_and_the_resource_decide() {
    let allowed = |identity: &Identity, test: &str, conditions: &RequestConditions| {
        let policy = parsed(&statement(
            "",
            "Allow",
            "s3:GetObject",
            &format!(r#", "Condition": {{"StringEquals": {{{test}}}}}"#),
        ));
        judged_with(
            identity,
            &settings(false),
            Some(&policy),
            "s3:GetObject",
            conditions,
        )
        .allowed
    };
    let mut conditions = RequestConditions::default();
    conditions.add("s3:prefix", "a");
    let prefix = r#""s3:prefix": "a""#;
    assert!(allowed(&Identity::Anonymous, prefix, &conditions));
    conditions.remove(&["s3:prefix"]);
    assert!(!allowed(&Identity::Anonymous, prefix, &conditions));

    let ann = user_of(AccountId::ROOT.as_str(), None);
    for (test, of_ann) in [
        (r#""aws:PrincipalTag/team": "blue""#, true),
        (r#""aws:PrincipalTag/team": "red""#, false),
        (r#""aws:username": "ann""#, true),
        (r#""aws:ResourceAccount": "000000000000""#, true),
        (r#""s3:ResourceAccount": "111111111111""#, false),
    ] {
        assert_eq!(allowed(&ann, test, &conditions), of_ann, "{test}");
    }
}

#[test]
fn without_a_bucket_the_policies_of_the_caller_decide() {
    let decide = |identity: &Identity, action| {
        let decision = without_bucket(
            identity,
            action,
            "arn:aws:s3:::new",
            &RequestConditions::default(),
        );
        assert!(!decision.allowed || could_allow(identity, None, action));
        decision.allowed
    };
    assert!(decide(&owner(), "s3:CreateBucket"));
    assert!(decide(&root_of(OTHER), "s3:CreateBucket"));
    assert!(!decide(&Identity::Anonymous, "s3:CreateBucket"));
    assert!(!could_allow(&Identity::Anonymous, None, "s3:CreateBucket"));
    assert!(!decide(&user_of(OTHER, None), "s3:CreateBucket"));
    let creator = user_of(OTHER, Some(&identity_policy("Allow", "s3:CreateBucket")));
    assert!(decide(&creator, "s3:CreateBucket"));
    assert!(!decide(&creator, "s3:ListAllMyBuckets"));
    assert!(!could_allow(&creator, None, "s3:ListAllMyBuckets"));
}
