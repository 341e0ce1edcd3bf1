use super::house::{ALLOW_ALL, Client, House};

/// Writes a trust policy for a principal, with a condition.
fn trust(principal: &str, condition: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
            "Action": ["sts:AssumeRole", "sts:TagSession"], "Principal": {{"AWS": "{principal}"}}{condition}}}}}"#
    )
}

const ROLE: &str = "arn:aws:iam::000000000000:role/admin";
const CREDENTIALS: &str = "AssumeRoleResult/Credentials";

/// Creates the role `admin`, which may do everything.
async fn create_role(house: &House, root: &Client, trust: &str) {
    let role = [
        ("RoleName", "admin"),
        ("AssumeRolePolicyDocument", trust),
        ("Description", "all"),
    ];
    house.send(root, "CreateRole", &role).await.ok();
    let policy = [
        ("RoleName", "admin"),
        ("PolicyName", "p"),
        ("PolicyDocument", ALLOW_ALL),
    ];
    house.send(root, "PutRolePolicy", &policy).await.ok();
}

#[tokio::test]
async fn a_trusted_user_assumes_a_role_and_works_with_its_session() {
    let (house, root) = House::new().await;
    let ann = house.user(&root, "ann").await;
    let bob = house.user(&root, "bob").await;
    create_role(&house, &root, &trust("arn:aws:iam::000000000000:user/ann", "")).await;
    let request = [("RoleArn", ROLE), ("RoleSessionName", "work")];
    let refused = house.send(&bob, "AssumeRole", &request).await;
    assert_eq!(
        refused.error(403, "AccessDenied"),
        format!(
            "User: arn:aws:iam::000000000000:user/bob is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
        )
    );
    let refused = house.send(&root, "AssumeRole", &request).await;
    assert_eq!(
        refused.error(403, "AccessDenied"),
        "Roles may not be assumed by root accounts."
    );
    let assumed = house.send(&ann, "AssumeRole", &request).await.ok();
    let arn = "arn:aws:sts::000000000000:assumed-role/admin/work";
    assert_eq!(assumed.text("AssumeRoleResult/AssumedRoleUser/Arn"), arn);
    assert_eq!(
        assumed.text(&format!("{CREDENTIALS}/Expiration")),
        "2026-11-30T01:00:00Z"
    );
    let session = assumed.client(CREDENTIALS);
    let identity = house.send(&session, "GetCallerIdentity", &[]).await.ok();
    assert_eq!(identity.text("GetCallerIdentityResult/Arn"), arn);
    assert!(identity.text("GetCallerIdentityResult/UserId").ends_with(":work"));
    house
        .send(&session, "CreateUser", &[("UserName", "new")])
        .await
        .ok();
    // A role has no user name of its own.
    let refused = house.send(&session, "GetUser", &[]).await;
    refused.error(400, "ValidationError");

    let mut other = session.clone();
    other.id = session.id.replace("SR0", "SR1");
    let refused = house.send(&other, "GetCallerIdentity", &[]).await;
    refused.error(403, "InvalidClientTokenId");
    other = session.clone();
    other.token = None;
    let refused = house.send(&other, "GetCallerIdentity", &[]).await;
    refused.error(403, "InvalidClientTokenId");
    house.pass(3601);
    let expired = house.send(&session, "GetCallerIdentity", &[]).await;
    expired.error(403, "ExpiredToken");
}

#[tokio::test]
async fn trust_policies_test_what_the_request_says() {
    let (house, root) = House::new().await;
    let ann = house.user(&root, "ann").await;
    house.allow(&root, "ann", ALLOW_ALL).await;
    let condition = r#", "Condition": {"StringEquals": {"sts:ExternalId": "shop-1"}}"#;
    create_role(&house, &root, &trust("000000000000", condition)).await;
    let base = [("RoleArn", ROLE), ("RoleSessionName", "work")];
    let with = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
    let external = ("ExternalId", "shop-1");
    for (more, code) in [
        (&[][..], "AccessDenied"),
        (&[("ExternalId", "shop-2")][..], "AccessDenied"),
        (&[("ExternalId", "s")], "ValidationError"),
        (&[external, ("DurationSeconds", "899")], "ValidationError"),
        (&[external, ("DurationSeconds", "3601")], "ValidationError"),
        (&[external, ("DurationSeconds", "long")], "ValidationError"),
        (&[external, ("SerialNumber", "mfa")], "ValidationError"),
        (&[external, ("Policy", "{}")], "MalformedPolicyDocument"),
        (&[external, ("SourceIdentity", "ann")], "AccessDenied"),
        (
            &[external, ("TransitiveTagKeys.member.1", "team")],
            "InvalidParameterValue",
        ),
    ] {
        let refused = house.send(&ann, "AssumeRole", &with(more)).await;
        let status = if code == "AccessDenied" { 403 } else { 400 };
        refused.error(status, code);
    }
    house.send(&ann, "AssumeRole", &with(&[external])).await.ok();
    let missing = [
        ("RoleArn", "arn:aws:iam::000000000000:role/other"),
        ("RoleSessionName", "work"),
    ];
    house
        .send(&ann, "AssumeRole", &missing)
        .await
        .error(403, "AccessDenied");
}

#[tokio::test]
async fn session_policies_limit_and_tags_stay() {
    let (house, root) = House::new().await;
    let ann = house.user(&root, "ann").await;
    create_role(&house, &root, &trust("arn:aws:iam::000000000000:user/ann", "")).await;
    let list = ALLOW_ALL.replace(r#""Action": "*""#, r#""Action": "iam:List*""#);
    let request = [
        ("RoleArn", ROLE),
        ("RoleSessionName", "work"),
        ("Policy", list.as_str()),
        (
            "PolicyArns.member.1.arn",
            "arn:aws:iam::aws:policy/IAMReadOnlyAccess",
        ),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "a"),
        ("TransitiveTagKeys.member.1", "team"),
    ];
    let session = house
        .send(&ann, "AssumeRole", &request)
        .await
        .ok()
        .client(CREDENTIALS);
    house.send(&session, "ListUsers", &[]).await.ok();
    let refused = house.send(&session, "CreateUser", &[("UserName", "new")]).await;
    let message = refused.error(403, "AccessDenied");
    assert!(message.contains("no session policy allows"), "{message}");
    // Tags of the session are values of the caller.
    let condition = r#", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "a"}}"#;
    let other = trust("arn:aws:iam::000000000000:role/admin", condition);
    let role = [
        ("RoleName", "second"),
        ("AssumeRolePolicyDocument", other.as_str()),
    ];
    house.send(&root, "CreateRole", &role).await.ok();
    let unlimited = [&request[..2], &request[4..]].concat();
    let session = house
        .send(&ann, "AssumeRole", &unlimited)
        .await
        .ok()
        .client(CREDENTIALS);
    let second = "arn:aws:iam::000000000000:role/second";
    let chained = [("RoleArn", second), ("RoleSessionName", "more")];
    let answer = house.send(&session, "AssumeRole", &chained).await.ok();
    let chained_session = answer.client(CREDENTIALS);
    let caller = house.send(&chained_session, "GetCallerIdentity", &[]).await.ok();
    assert!(
        caller
            .text("GetCallerIdentityResult/Arn")
            .ends_with("second/more")
    );
    let long = [&chained[..], &[("DurationSeconds", "3601")]].concat();
    house
        .send(&session, "AssumeRole", &long)
        .await
        .error(400, "ValidationError");
    let conflict = [
        &chained[..],
        &[("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "b")],
    ]
    .concat();
    let refused = house.send(&session, "AssumeRole", &conflict).await;
    refused.error(400, "InvalidParameterValue");
}

#[tokio::test]
async fn roles_of_other_accounts_need_both_sides() {
    let (house, root) = House::new().await;
    let other = house.identities.create_account("other", None).await.unwrap();
    let owner = strongroom_identity::access_keys::Owner::Root;
    let key = house.identities.create_access_key(other.id, owner).await.unwrap();
    let other_root = Client {
        id: key.key.id.clone(),
        secret: key.secret.clone(),
        token: None,
    };
    let eve = house.user(&other_root, "eve").await;
    create_role(&house, &root, &trust(other.id.as_str(), "")).await;
    let request = [("RoleArn", ROLE), ("RoleSessionName", "work")];
    house
        .send(&eve, "AssumeRole", &request)
        .await
        .error(403, "AccessDenied");
    let allow = ALLOW_ALL.replace(r#""Action": "*""#, r#""Action": "sts:AssumeRole""#);
    house.allow(&other_root, "eve", &allow).await;
    let assumed = house.send(&eve, "AssumeRole", &request).await.ok();
    let session = assumed.client(CREDENTIALS);
    let identity = house.send(&session, "GetCallerIdentity", &[]).await.ok();
    assert_eq!(identity.text("GetCallerIdentityResult/Account"), "000000000000");
    let nobody = trust("arn:aws:iam::000000000000:root", "");
    let update = [("RoleName", "admin"), ("PolicyDocument", nobody.as_str())];
    house.send(&root, "UpdateAssumeRolePolicy", &update).await.ok();
    house
        .send(&eve, "AssumeRole", &request)
        .await
        .error(403, "AccessDenied");
}

#[tokio::test]
async fn sessions_of_users_cannot_become_lasting() {
    let (house, root) = House::new().await;
    let ann = house.user(&root, "ann").await;
    house.allow(&root, "ann", ALLOW_ALL).await;
    let answer = house
        .send(&ann, "GetSessionToken", &[("DurationSeconds", "900")])
        .await
        .ok();
    let session = answer.client("GetSessionTokenResult/Credentials");
    house.send(&session, "GetCallerIdentity", &[]).await.ok();
    let refused = house.send(&session, "CreateAccessKey", &[]).await;
    refused.error(403, "InvalidClientTokenId");
    let refused = house.send(&session, "GetSessionToken", &[]).await;
    refused.error(403, "AccessDenied");
    let short = house
        .send(&ann, "GetSessionToken", &[("DurationSeconds", "899")])
        .await;
    short.error(400, "ValidationError");
}

#[tokio::test]
async fn roles_are_shown_with_their_trust_policy() {
    let (house, root) = House::new().await;
    house.user(&root, "ann").await;
    create_role(&house, &root, &trust("arn:aws:iam::000000000000:user/ann", "")).await;
    let role = house.send(&root, "GetRole", &[("RoleName", "admin")]).await.ok();
    let trust = role.text("GetRoleResult/Role/AssumeRolePolicyDocument");
    assert!(
        trust.contains("arn%3Aaws%3Aiam%3A%3A000000000000%3Auser%2Fann"),
        "{trust}"
    );
    assert_eq!(role.text("GetRoleResult/Role/MaxSessionDuration"), "3600");
    let update = [
        ("RoleName", "admin"),
        ("MaxSessionDuration", "7200"),
        ("Description", "new"),
    ];
    let updated = house.send(&root, "UpdateRole", &update).await.ok();
    assert_eq!(updated.text("UpdateRoleResult"), "");
    let roles = house.send(&root, "ListRoles", &[]).await.ok();
    assert_eq!(
        roles.text("ListRolesResult/Roles/member/MaxSessionDuration"),
        "7200"
    );
    let names = house
        .send(&root, "ListRolePolicies", &[("RoleName", "admin")])
        .await;
    assert_eq!(names.texts("ListRolePoliciesResult/PolicyNames/member"), ["p"]);
    let conflict = house.send(&root, "DeleteRole", &[("RoleName", "admin")]).await;
    conflict.error(409, "DeleteConflict");
    let policy = [("RoleName", "admin"), ("PolicyName", "p")];
    house.send(&root, "DeleteRolePolicy", &policy).await.ok();
    house
        .send(&root, "DeleteRole", &[("RoleName", "admin")])
        .await
        .ok();
}
