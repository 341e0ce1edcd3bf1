use super::house::{ALLOW_ALL, Answer, Client, House};
use super::issuer::{Issuer, Key, URL};
use http::Request;
use serde_json::{Value, json};
use std::fmt::Write as _;

mod tokens;

const PROVIDER: &str = "arn:aws:iam::000000000000:oidc-provider/id.example.com/realm";
const ROLE: &str = "arn:aws:iam::000000000000:role/web";
const CREDENTIALS: &str = "AssumeRoleWithWebIdentityResult/Credentials";

/// Creates the provider, and a role that trusts it with a condition.
async fn set_up(house: &House, root: &Client, condition: &Value) {
    let provider = [("Url", URL), ("ClientIDList.member.1", "app")];
    house
        .send(root, "CreateOpenIDConnectProvider", &provider)
        .await
        .ok();
    let trust = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": PROVIDER}, "Condition": condition}});
    trust_by(house, root, &trust).await;
}

async fn trust_by(house: &House, root: &Client, trust: &Value) {
    let role = [
        ("RoleName", "web"),
        ("AssumeRolePolicyDocument", &trust.to_string()),
    ];
    house.send(root, "CreateRole", &role).await.ok();
    let policy = [
        ("RoleName", "web"),
        ("PolicyName", "p"),
        ("PolicyDocument", ALLOW_ALL),
    ];
    house.send(root, "PutRolePolicy", &policy).await.ok();
}

/// Sends a request that is not signed.
async fn send(house: &House, parameters: &[(&str, &str)]) -> Answer {
    let mut form = String::from("Action=AssumeRoleWithWebIdentity&Version=2011-06-15");
    for (name, value) in parameters {
        write!(form, "&{name}={}", super::house::encode(value)).unwrap();
    }
    let request = Request::post("/").header("content-type", "application/x-www-form-urlencoded");
    house.answer(request.body(form).unwrap()).await
}

async fn assume(house: &House, token: &str) -> Answer {
    let parameters = [
        ("RoleArn", ROLE),
        ("RoleSessionName", "work"),
        ("WebIdentityToken", token),
    ];
    send(house, &parameters).await
}

#[tokio::test]
async fn a_token_of_a_provider_is_exchanged_for_credentials() {
    let (house, root) = House::new().await;
    let condition = json!({"StringEquals": {"id.example.com/realm:aud": "app"},
                           "StringLike": {"id.example.com/realm:sub": "group-7/*"}});
    set_up(&house, &root, &condition).await;
    let issuer = Issuer::of(&house);
    let key = issuer.rolls(Key::rsa("one"));
    house.records.take();
    let answer = assume(
        &house,
        &key.token(&issuer.claims(&[("sub", json!("group-7/ann"))])),
    )
    .await
    .ok();
    let result = |name: &str| answer.text(&format!("AssumeRoleWithWebIdentityResult/{name}"));
    assert_eq!(result("SubjectFromWebIdentityToken"), "group-7/ann");
    assert_eq!((result("Provider"), result("Audience")), (URL, "app"));
    let arn = "arn:aws:sts::000000000000:assumed-role/web/work";
    assert_eq!(result("AssumedRoleUser/Arn"), arn);
    assert_eq!(result("Credentials/Expiration"), "2026-11-30T01:00:00Z");
    let line = format!("sts:AssumeRoleWithWebIdentity {ROLE} ok");
    assert_eq!(house.records.take(), [line]);
    let session = answer.client(CREDENTIALS);
    let identity = house.send(&session, "GetCallerIdentity", &[]).await.ok();
    assert_eq!(identity.text("GetCallerIdentityResult/Arn"), arn);
    house.send(&session, "ListUsers", &[]).await.ok();
    let refused = assume(
        &house,
        &key.token(&issuer.claims(&[("sub", json!("group-8/ann"))])),
    )
    .await;
    assert_eq!(
        refused.error(403, "AccessDenied"),
        "Not authorized to perform sts:AssumeRoleWithWebIdentity"
    );
    let line = format!("sts:AssumeRoleWithWebIdentity {ROLE} AccessDenied");
    assert_eq!(house.records.take(), [line]);
    house.pass(3601);
    let expired = house.send(&session, "GetCallerIdentity", &[]).await;
    expired.error(403, "ExpiredToken");
}

#[tokio::test]
async fn the_claims_are_condition_keys_of_the_session() {
    let (house, root) = House::new().await;
    set_up(&house, &root, &json!({})).await;
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:GetUser",
        "Resource": "arn:aws:iam::000000000000:user/${id.example.com/realm:sub}"}});
    let policy = [
        ("RoleName", "web"),
        ("PolicyName", "p"),
        ("PolicyDocument", &policy.to_string()),
    ];
    house.send(&root, "PutRolePolicy", &policy).await.ok();
    house.user(&root, "ann").await;
    house.user(&root, "bob").await;
    let issuer = Issuer::of(&house);
    let key = issuer.rolls(Key::p256("one"));
    let claims = issuer.claims(&[("sub", json!("ann")), ("SUB", json!("bob"))]);
    let session = assume(&house, &key.token(&claims)).await.ok().client(CREDENTIALS);
    house.send(&session, "GetUser", &[("UserName", "ann")]).await.ok();
    let refused = house.send(&session, "GetUser", &[("UserName", "bob")]).await;
    refused.error(403, "AccessDenied");
}

#[tokio::test]
async fn providers_that_cannot_be_asked_are_named() {
    let (house, root) = House::new().await;
    set_up(&house, &root, &json!({})).await;
    let issuer = Issuer::of(&house);
    let key = Key::p256("one");
    let token = key.token(&issuer.claims(&[]));
    let refused = assume(&house, &token).await;
    let message = refused.error(400, "IDPCommunicationError");
    assert!(
        message.contains(URL) && message.contains("nobody answers"),
        "{message}"
    );
    // The failure is remembered for a while.
    issuer.publishes(&[&key]);
    assume(&house, &token).await.error(400, "IDPCommunicationError");
    house.pass(10);
    assume(&house, &token).await.ok();
    // Keys that are known stay in use while the provider fails, for their time.
    issuer.fails();
    house.pass(200);
    let unknown = Key::p256("two").token(&issuer.claims(&[]));
    assume(&house, &unknown).await.error(400, "IDPCommunicationError");
    assume(&house, &token).await.ok();
    house.pass(100);
    assume(&house, &token).await.error(400, "IDPCommunicationError");
}

#[tokio::test]
async fn tags_of_the_token_need_permission() {
    let (house, root) = House::new().await;
    let provider = [("Url", URL), ("ClientIDList.member.1", "app")];
    house
        .send(&root, "CreateOpenIDConnectProvider", &provider)
        .await
        .ok();
    let statement = |action: &str, condition: Value| json!({"Effect": "Allow", "Action": action, "Principal": {"Federated": PROVIDER}, "Condition": condition});
    let tagged = json!({"StringEquals": {"aws:RequestTag/team": "blue"}});
    let trust = json!({"Version": "2012-10-17", "Statement": [
        statement("sts:AssumeRoleWithWebIdentity", json!({})), statement("sts:TagSession", tagged)]});
    trust_by(&house, &root, &trust).await;
    let issuer = Issuer::of(&house);
    let key = issuer.rolls(Key::p256("one"));
    let tags = |team: &str| {
        let tags = json!({"principal_tags": {"team": [team]}, "transitive_tag_keys": ["team"]});
        issuer.claims(&[("https://aws.amazon.com/tags", tags)])
    };
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:ListUsers",
        "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue"}}}});
    let policy = [
        ("RoleName", "web"),
        ("PolicyName", "p"),
        ("PolicyDocument", &policy.to_string()),
    ];
    house.send(&root, "PutRolePolicy", &policy).await.ok();
    let plain = assume(&house, &key.token(&issuer.claims(&[])))
        .await
        .ok()
        .client(CREDENTIALS);
    house
        .send(&plain, "ListUsers", &[])
        .await
        .error(403, "AccessDenied");
    let blue = assume(&house, &key.token(&tags("blue")))
        .await
        .ok()
        .client(CREDENTIALS);
    house.send(&blue, "ListUsers", &[]).await.ok();
    let refused = assume(&house, &key.token(&tags("red"))).await;
    assert_eq!(
        refused.error(403, "AccessDenied"),
        "Not authorized to perform sts:TagSession"
    );
    let identity = issuer.claims(&[("https://aws.amazon.com/source_identity", json!("ann"))]);
    let refused = assume(&house, &key.token(&identity)).await;
    assert!(
        refused
            .error(403, "AccessDenied")
            .contains("sts:SetSourceIdentity")
    );
}

#[tokio::test]
async fn roles_and_parameters_that_do_not_fit_are_refused() {
    let (house, root) = House::new().await;
    set_up(&house, &root, &json!({})).await;
    let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"AWS": "*"}}});
    let other = [
        ("RoleName", "any"),
        ("AssumeRolePolicyDocument", &trust.to_string()),
    ];
    house.send(&root, "CreateRole", &other).await.ok();
    let issuer = Issuer::of(&house);
    let key = issuer.rolls(Key::p256("one"));
    let token = key.token(&issuer.claims(&[]));
    for (parameter, value, status, code) in [
        (
            "RoleArn",
            "arn:aws:iam::000000000000:role/missing",
            403,
            "AccessDenied",
        ),
        (
            "RoleArn",
            "arn:aws:iam::000000000000:role/any",
            403,
            "AccessDenied",
        ),
        (
            "RoleArn",
            "arn:aws:iam::000000000000:role/path/web",
            403,
            "AccessDenied",
        ),
        (
            "RoleArn",
            "arn:aws:iam::111111111111:role/web",
            400,
            "InvalidIdentityToken",
        ),
        ("RoleArn", "web", 400, "ValidationError"),
        ("RoleSessionName", "a/b", 400, "ValidationError"),
        ("DurationSeconds", "899", 400, "ValidationError"),
        ("DurationSeconds", "3601", 400, "ValidationError"),
        ("Policy", "{", 400, "MalformedPolicyDocument"),
        ("ProviderId", "www.amazon.com", 400, "ValidationError"),
        ("Version", "2010-05-08", 403, "MissingAuthenticationToken"),
    ] {
        let mut parameters = vec![
            ("RoleArn", ROLE),
            ("RoleSessionName", "work"),
            ("WebIdentityToken", token.as_str()),
        ];
        if parameter == "Version" {
            let form = format!("Action=AssumeRoleWithWebIdentity&Version={value}");
            let request = Request::post("/").header("content-type", "application/x-www-form-urlencoded");
            house
                .answer(request.body(form).unwrap())
                .await
                .error(status, code);
            continue;
        }
        parameters.retain(|(name, _)| *name != parameter);
        parameters.push((parameter, value));
        send(&house, &parameters).await.error(status, code);
    }
    house
        .send(
            &root,
            "DeleteOpenIDConnectProvider",
            &[("OpenIDConnectProviderArn", PROVIDER)],
        )
        .await
        .ok();
    assume(&house, &token).await.error(400, "InvalidIdentityToken");
}

#[tokio::test]
async fn a_provider_is_managed() {
    let (house, root) = House::new().await;
    let arn = ("OpenIDConnectProviderArn", PROVIDER);
    for (url, why) in [
        ("http://id.example.com", "oidc.plain_http"),
        ("https://aws", "not the URL"),
    ] {
        let refused = house
            .send(&root, "CreateOpenIDConnectProvider", &[("Url", url)])
            .await;
        let message = refused.error(400, "InvalidInput");
        assert!(message.contains(why), "{message}");
    }
    let create = [
        ("Url", URL),
        ("ClientIDList.member.1", "app"),
        (
            "ThumbprintList.member.1",
            "AB12345678901234567890123456789012345678",
        ),
        ("Tags.member.1.Key", "k"),
        ("Tags.member.1.Value", "v"),
    ];
    let created = house
        .send(&root, "CreateOpenIDConnectProvider", &create)
        .await
        .ok();
    let path = "CreateOpenIDConnectProviderResult/OpenIDConnectProviderArn";
    assert_eq!(created.text(path), PROVIDER);
    let again = house.send(&root, "CreateOpenIDConnectProvider", &create).await;
    again.error(409, "EntityAlreadyExists");
    for (action, parameter) in [
        ("AddClientIDToOpenIDConnectProvider", ("ClientID", "two")),
        ("RemoveClientIDFromOpenIDConnectProvider", ("ClientID", "app")),
        (
            "UpdateOpenIDConnectProviderThumbprint",
            (
                "ThumbprintList.member.1",
                "CD12345678901234567890123456789012345678",
            ),
        ),
        ("UntagOpenIDConnectProvider", ("TagKeys.member.1", "k")),
    ] {
        house.send(&root, action, &[arn, parameter]).await.ok();
    }
    let tags = [arn, ("Tags.member.1.Key", "x"), ("Tags.member.1.Value", "y")];
    house.send(&root, "TagOpenIDConnectProvider", &tags).await.ok();
    let got = house.send(&root, "GetOpenIDConnectProvider", &[arn]).await.ok();
    let got = |name: &str| {
        got.text(&format!("GetOpenIDConnectProviderResult/{name}"))
            .to_owned()
    };
    assert_eq!(got("Url"), "id.example.com/realm");
    assert_eq!(got("ClientIDList/member"), "two");
    assert_eq!(
        got("ThumbprintList/member"),
        "cd12345678901234567890123456789012345678"
    );
    assert_eq!(got("CreateDate"), "2026-11-30T00:00:00Z");
    let tags = house
        .send(&root, "ListOpenIDConnectProviderTags", &[arn])
        .await
        .ok();
    assert_eq!(
        tags.text("ListOpenIDConnectProviderTagsResult/Tags/member/Key"),
        "x"
    );
    let list = house.send(&root, "ListOpenIDConnectProviders", &[]).await.ok();
    let path = "ListOpenIDConnectProvidersResult/OpenIDConnectProviderList/member/Arn";
    assert_eq!(list.text(path), PROVIDER);
    for _ in 0..2 {
        house
            .send(&root, "DeleteOpenIDConnectProvider", &[arn])
            .await
            .ok();
    }
    let missing = house.send(&root, "GetOpenIDConnectProvider", &[arn]).await;
    missing.error(404, "NoSuchEntity");
}
