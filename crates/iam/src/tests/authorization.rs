use super::house::{ALLOW_ALL, House};
use std::fmt::Write as _;

const OWN: &str = "arn:aws:iam::000000000000:user/${aws:username}";
const BOB: (&str, &str) = ("UserName", "bob");

/// Action, resource and condition of a policy that allows something, a request with its parameters, and the result.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    bool,
);

const CASES: &[Case] = &[
    ("iam:GetUser", OWN, "", "GetUser", &[], true),
    ("iam:GetUser", OWN, "", "GetUser", &[BOB], false),
    ("iam:Get*", "*", "", "GetUser", &[BOB], true),
    ("iam:List*", "*", "", "GetUser", &[BOB], false),
    (
        "iam:GetUser",
        "*",
        r#"{"StringEquals": {"iam:ResourceTag/team": "a"}}"#,
        "GetUser",
        &[BOB],
        true,
    ),
    (
        "iam:GetUser",
        "*",
        r#"{"StringEquals": {"aws:ResourceTag/team": "b"}}"#,
        "GetUser",
        &[BOB],
        false,
    ),
    (
        "iam:TagUser",
        "*",
        r#"{"ForAllValues:StringEquals": {"aws:TagKeys": "cost"}}"#,
        "TagUser",
        &[BOB, ("Tags.member.1.Key", "other"), ("Tags.member.1.Value", "1")],
        false,
    ),
    (
        "iam:TagUser",
        "*",
        r#"{"StringEquals": {"aws:RequestTag/cost": "1"}}"#,
        "TagUser",
        &[BOB, ("Tags.member.1.Key", "cost"), ("Tags.member.1.Value", "1")],
        true,
    ),
    (
        "iam:AttachUserPolicy",
        "*",
        r#"{"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}"#,
        "AttachUserPolicy",
        &[BOB, ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess")],
        true,
    ),
    // The name of a policy is found in any case, but compared as it is.
    (
        "iam:AttachUserPolicy",
        "*",
        r#"{"ArnNotEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}}"#,
        "AttachUserPolicy",
        &[BOB, ("PolicyArn", "arn:aws:iam::aws:policy/administratoraccess")],
        false,
    ),
    (
        "iam:GetUser",
        "*",
        r#"{"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}, "Bool": {"aws:SecureTransport": "true"},
            "DateGreaterThan": {"aws:CurrentTime": "2026-11-29T00:00:00Z"}}"#,
        "GetUser",
        &[],
        true,
    ),
];

/// Writes a policy of one statement.
fn policy(action: &str, resource: &str, condition: &str) -> String {
    let mut text =
        format!(r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "{action}", "#);
    write!(text, r#""Resource": "{resource}""#).unwrap();
    if !condition.is_empty() {
        write!(text, r#", "Condition": {condition}"#).unwrap();
    }
    text + "}}"
}

#[tokio::test]
async fn a_user_without_a_policy_is_told_why_it_may_not() {
    let (house, root) = House::new().await;
    let ann = house.user(&root, "ann").await;
    let refused = house
        .send(&ann, "CreateUser", &[("UserName", "eve"), ("Path", "/x/")])
        .await;
    assert_eq!(
        refused.error(403, "AccessDenied"),
        "User: arn:aws:iam::000000000000:user/ann is not authorized to perform: iam:CreateUser on resource: \
         arn:aws:iam::000000000000:user/x/eve because no identity-based policy allows the iam:CreateUser action"
    );
    let gone = house.send(&root, "GetUser", &[("UserName", "eve")]).await;
    gone.error(404, "NoSuchEntity");
    house.send(&ann, "GetUser", &[]).await.error(403, "AccessDenied");
    // Everybody may ask who they are.
    house.send(&ann, "GetCallerIdentity", &[]).await.ok();
}

#[tokio::test]
async fn policies_decide_by_action_resource_and_values() {
    let (house, root) = House::new().await;
    let ann = house.user(&root, "ann").await;
    let tagged = [
        ("UserName", "bob"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "a"),
    ];
    house.send(&root, "CreateUser", &tagged).await.ok();
    for (action, resource, condition, request, parameters, allowed) in CASES {
        let document = policy(action, resource, condition);
        house.allow(&root, "ann", &document).await;
        let answer = house.send(&ann, request, parameters).await;
        assert_eq!(
            answer.status == 200,
            *allowed,
            "{document} {request} {parameters:?}: {}",
            answer.document
        );
        if !*allowed {
            answer.error(403, "AccessDenied");
        }
    }
}

/// The pattern of the IAM User Guide, "Delegating responsibility to others using permissions boundaries".
#[tokio::test]
async fn a_delegate_creates_only_users_within_the_boundary() {
    let (house, root) = House::new().await;
    let ann = house.user(&root, "ann").await;
    let boundary = "arn:aws:iam::aws:policy/AmazonS3FullAccess";
    let condition = format!(r#"{{"StringEquals": {{"iam:PermissionsBoundary": "{boundary}"}}}}"#);
    let document = format!(
        r#"{{"Version": "2012-10-17", "Statement": [
            {{"Effect": "Allow", "Action": ["iam:CreateUser", "iam:PutUserPolicy", "iam:DeleteUserPermissionsBoundary"],
              "Resource": "*", "Condition": {condition}}},
            {{"Effect": "Deny", "Action": "iam:DeleteUserPermissionsBoundary", "Resource": "*"}}]}}"#
    );
    house.allow(&root, "ann", &document).await;
    let refused = house.send(&ann, "CreateUser", &[("UserName", "bob")]).await;
    refused.error(403, "AccessDenied");
    let other = "arn:aws:iam::aws:policy/AdministratorAccess";
    let refused = house
        .send(
            &ann,
            "CreateUser",
            &[("UserName", "bob"), ("PermissionsBoundary", other)],
        )
        .await;
    refused.error(403, "AccessDenied");
    let bounded = [("UserName", "bob"), ("PermissionsBoundary", boundary)];
    let created = house.send(&ann, "CreateUser", &bounded).await.ok();
    let shown = "CreateUserResult/User/PermissionsBoundary/PermissionsBoundaryArn";
    assert_eq!(created.text(shown), boundary);
    let policy = |user| {
        [
            ("UserName", user),
            ("PolicyName", "p"),
            ("PolicyDocument", ALLOW_ALL),
        ]
    };
    house.send(&ann, "PutUserPolicy", &policy("bob")).await.ok();
    let refused = house.send(&ann, "PutUserPolicy", &policy("ann")).await;
    refused.error(403, "AccessDenied");
    let refused = house
        .send(&ann, "DeleteUserPermissionsBoundary", &[("UserName", "bob")])
        .await;
    let message = refused.error(403, "AccessDenied");
    assert!(
        message.ends_with("with an explicit deny in an identity-based policy"),
        "{message}"
    );
    // The boundary limits what the policy allows.
    let key = house
        .send(&root, "CreateAccessKey", &[("UserName", "bob")])
        .await
        .ok();
    let bob = key.client("CreateAccessKeyResult/AccessKey");
    let refused = house.send(&bob, "ListUsers", &[]).await;
    let message = refused.error(403, "AccessDenied");
    assert!(message.contains("no permissions boundary allows"), "{message}");
}

#[tokio::test]
async fn renaming_needs_both_names() {
    let (house, root) = House::new().await;
    let ann = house.user(&root, "ann").await;
    house.send(&root, "CreateUser", &[("UserName", "bob")]).await.ok();
    let document = policy("iam:UpdateUser", "arn:aws:iam::000000000000:user/bob", "");
    house.allow(&root, "ann", &document).await;
    let rename = [("UserName", "bob"), ("NewUserName", "admin")];
    let refused = house.send(&ann, "UpdateUser", &rename).await;
    assert!(refused.error(403, "AccessDenied").contains("user/admin"));
}

#[tokio::test]
async fn accounts_do_not_see_each_other() {
    let (house, root) = House::new().await;
    let ann = house.user(&root, "ann").await;
    let other = house.identities.create_account("other", None).await.unwrap();
    let owner = strongroom_identity::access_keys::Owner::Root;
    let key = house.identities.create_access_key(other.id, owner).await.unwrap();
    let stranger = super::house::Client {
        id: key.key.id.clone(),
        secret: key.secret.clone(),
        token: None,
    };
    let listed = house.send(&stranger, "ListUsers", &[]).await.ok();
    assert_eq!(
        listed.texts("ListUsersResult/Users/member/UserName"),
        [] as [&str; 0]
    );
    let gone = house.send(&stranger, "GetUser", &[("UserName", "ann")]).await;
    gone.error(404, "NoSuchEntity");
    let gone = house
        .send(&stranger, "GetAccessKeyLastUsed", &[("AccessKeyId", &ann.id)])
        .await;
    gone.error(404, "NoSuchEntity");
    let unknown = house
        .send(&stranger, "GetAccessKeyInfo", &[("AccessKeyId", &ann.id)])
        .await;
    unknown.error(400, "ValidationError");
    house
        .send(
            &root,
            "CreatePolicy",
            &[("PolicyName", "p"), ("PolicyDocument", ALLOW_ALL)],
        )
        .await
        .ok();
    let arn = "arn:aws:iam::000000000000:policy/p";
    let gone = house.send(&stranger, "GetPolicy", &[("PolicyArn", arn)]).await;
    gone.error(404, "NoSuchEntity");
}
