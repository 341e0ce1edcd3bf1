use super::house::House;

const ALLOW_GET: &str = r#"{"Version": "2012-10-17", "Statement": {"Sid": "Get", "Effect": "Allow", "Action": "s3:Get*",
    "Resource": "arn:aws:s3:::photos/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}}"#;
const DENY_PUT: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:PutObject",
    "Resource": "*"}}"#;

#[tokio::test]
async fn policies_of_a_user_are_simulated() {
    let (house, root) = House::new().await;
    house.send(&root, "CreateUser", &[("UserName", "ann")]).await.ok();
    house.allow(&root, "ann", ALLOW_GET).await;
    let request = [
        ("PolicySourceArn", "arn:aws:iam::000000000000:user/ann"),
        ("PolicyInputList.member.1", DENY_PUT),
        ("ActionNames.member.1", "s3:GetObject"),
        ("ActionNames.member.2", "s3:PutObject"),
        ("ActionNames.member.3", "s3:DeleteObject"),
        ("ResourceArns.member.1", "arn:aws:s3:::photos/cat.jpg"),
        ("ContextEntries.member.1.ContextKeyName", "aws:SecureTransport"),
        ("ContextEntries.member.1.ContextKeyType", "boolean"),
        ("ContextEntries.member.1.ContextKeyValues.member.1", "true"),
    ];
    let answer = house.send(&root, "SimulatePrincipalPolicy", &request).await.ok();
    let results = "SimulatePrincipalPolicyResult/EvaluationResults/member";
    assert_eq!(
        answer.texts(&format!("{results}/EvalDecision")),
        ["allowed", "explicitDeny", "implicitDeny"]
    );
    let sources = format!("{results}/MatchedStatements/member/SourcePolicyId");
    assert_eq!(answer.texts(&sources), ["user/ann/p", "PolicyInputList.1"]);
    let without = house
        .send(&root, "SimulatePrincipalPolicy", &request[..6])
        .await
        .ok();
    assert_eq!(
        without.texts(&format!("{results}/EvalDecision")),
        ["implicitDeny", "explicitDeny", "implicitDeny"]
    );
    let missing = format!("{results}/MissingContextValues/member");
    assert_eq!(without.texts(&missing), ["aws:SecureTransport"; 3]);
    let page = [&request[..], &[("MaxItems", "2")]].concat();
    let page = house.send(&root, "SimulatePrincipalPolicy", &page).await.ok();
    let marker = page.text("SimulatePrincipalPolicyResult/Marker");
    let rest = [&request[..], &[("Marker", marker)]].concat();
    let rest = house.send(&root, "SimulatePrincipalPolicy", &rest).await.ok();
    assert_eq!(rest.text(&format!("{results}/EvalActionName")), "s3:DeleteObject");
}

#[tokio::test]
async fn documents_are_simulated_without_a_user() {
    let (house, root) = House::new().await;
    let request = [
        ("PolicyInputList.member.1", ALLOW_GET.trim()),
        ("PermissionsBoundaryPolicyInputList.member.1", DENY_PUT),
        ("ActionNames.member.1", "s3:GetObject"),
        ("ResourceArns.member.1", "arn:aws:s3:::photos/cat.jpg"),
        ("ContextEntries.member.1.ContextKeyName", "aws:SecureTransport"),
        ("ContextEntries.member.1.ContextKeyType", "boolean"),
        ("ContextEntries.member.1.ContextKeyValues.member.1", "true"),
    ];
    let answer = house.send(&root, "SimulateCustomPolicy", &request).await.ok();
    let results = "SimulateCustomPolicyResult/EvaluationResults/member";
    assert_eq!(answer.text(&format!("{results}/EvalDecision")), "implicitDeny");
    let boundary = format!("{results}/PermissionsBoundaryDecisionDetail/AllowedByPermissionsBoundary");
    assert_eq!(answer.text(&boundary), "false");
    let no_policy = house
        .send(
            &root,
            "SimulateCustomPolicy",
            &[("ActionNames.member.1", "s3:GetObject")],
        )
        .await;
    no_policy.error(400, "ValidationError");
    let wildcard = [
        ("PolicyInputList.member.1", ALLOW_GET),
        ("ActionNames.member.1", "s3:*"),
    ];
    let wildcard = house.send(&root, "SimulateCustomPolicy", &wildcard).await;
    wildcard.error(400, "InvalidInput");
    let malformed = [
        ("PolicyInputList.member.1", "{}"),
        ("ActionNames.member.1", "s3:GetObject"),
    ];
    let malformed = house.send(&root, "SimulateCustomPolicy", &malformed).await;
    malformed.error(400, "InvalidInput");
}
