use super::house::{Client, House};
use crate::Admitted;
use http::Request;

#[tokio::test]
async fn unknown_actions_versions_and_parameters_are_refused() {
    let (house, root) = House::new().await;
    let unknown = house.send(&root, "CreateSAMLProvider", &[]).await;
    let message = unknown.error(400, "InvalidAction");
    assert!(message.contains("offers CreateUser, "), "{message}");
    let version = house
        .post(&root, "iam", "Action=ListUsers&Version=2009-01-01".into())
        .await;
    version.error(400, "InvalidAction");
    let no_action = house.post(&root, "iam", "Version=2010-05-08".into()).await;
    no_action.error(400, "MissingAction");
    let parameter = house
        .send(&root, "CreateUser", &[("UserName", "ann"), ("Colour", "red")])
        .await;
    let message = parameter.error(400, "ValidationError");
    assert_eq!(message, "The parameter Colour of CreateUser is not offered here.");
    let missing = house.send(&root, "CreateUser", &[]).await;
    assert_eq!(
        missing.error(400, "ValidationError"),
        "1 validation error detected: Value null at 'userName' failed to satisfy constraint: Member must not be null"
    );
    let gap = [
        ("UserName", "a"),
        ("Tags.member.2.Key", "k"),
        ("Tags.member.2.Value", "v"),
    ];
    house
        .send(&root, "TagUser", &gap)
        .await
        .error(400, "ValidationError");
    let twice = "Action=GetUser&Version=2010-05-08&UserName=a&UserName=b";
    let twice = house.post(&root, "iam", twice.into()).await;
    twice.error(400, "MalformedQueryString");
    let not_text = "Action=GetUser&Version=2010-05-08&UserName=%ff";
    let not_text = house.post(&root, "iam", not_text.into()).await;
    not_text.error(400, "MalformedQueryString");
    // STS asked for by a signature of IAM.
    let other = "Action=GetCallerIdentity&Version=2011-06-15";
    let other = house.post(&root, "iam", other.into()).await;
    other.error(400, "InvalidAction");
    let listed = house.send(&root, "ListUsers", &[]).await.ok();
    assert_eq!(
        listed.texts("ListUsersResult/Users/member/UserName"),
        [] as [&str; 0]
    );
}

#[tokio::test]
async fn values_are_checked_as_aws_does() {
    let (house, root) = House::new().await;
    let long = "a".repeat(65);
    for (action, parameters) in [
        ("CreateUser", [("UserName", "a b"), ("Path", "/")]),
        ("CreateUser", [("UserName", long.as_str()), ("Path", "/")]),
        ("CreateUser", [("UserName", "ann"), ("Path", "staff")]),
        ("ListUsers", [("MaxItems", "0"), ("Marker", "")]),
        ("ListUsers", [("MaxItems", "1001"), ("Marker", "")]),
        ("ListUsers", [("PathPrefix", "staff"), ("Marker", "")]),
        ("ListPolicies", [("Scope", "Some"), ("Marker", "")]),
        ("ListPolicies", [("OnlyAttached", "yes"), ("Marker", "")]),
    ] {
        let answer = house.send(&root, action, &parameters).await;
        answer.error(400, "ValidationError");
    }
    let malformed = [("UserName", "ann"), ("PolicyName", "p"), ("PolicyDocument", "{}")];
    house.send(&root, "CreateUser", &[("UserName", "ann")]).await.ok();
    let answer = house.send(&root, "PutUserPolicy", &malformed).await;
    answer.error(400, "MalformedPolicyDocument");
}

#[tokio::test]
async fn signatures_are_needed_and_checked() {
    let (house, root) = House::new().await;
    let form = "Action=ListUsers&Version=2010-05-08".to_owned();
    let mut unsigned = house.signed(&root, "iam", Request::post("/"), form.clone());
    unsigned.headers_mut().remove("authorization");
    let answer = house.answer(unsigned).await;
    answer.error(403, "MissingAuthenticationToken");

    let mut changed = house.signed(&root, "iam", Request::post("/"), form.clone());
    changed.body_mut().push_str("&MaxItems=1");
    house.answer(changed).await.error(403, "SignatureDoesNotMatch");

    let mut stranger = root.clone();
    stranger.id = "SRBBBBBBBBBBBBBBBBBB".into();
    let answer = house.post(&stranger, "iam", form.clone()).await;
    answer.error(403, "InvalidClientTokenId");
    let answer = house.post(&root, "s3", form.clone()).await;
    answer.error(403, "SignatureDoesNotMatch");

    let late = house.signed(&root, "iam", Request::post("/"), form.clone());
    house.pass(901);
    house.answer(late).await.error(403, "SignatureDoesNotMatch");

    let mut with_token = root.clone();
    with_token.token = Some("token".into());
    let answer = house.post(&with_token, "iam", form).await;
    answer.error(403, "InvalidClientTokenId");
}

/// Other services accept a presigned `GetCallerIdentity` as a proof of identity.
#[tokio::test]
async fn presigned_urls_are_valid_until_they_expire() {
    let (house, root) = House::new().await;
    let ann = house.user(&root, "ann").await;
    let session = house.send(&ann, "GetSessionToken", &[]).await.ok();
    let session = session.client("GetSessionTokenResult/Credentials");
    let query = "Action=GetCallerIdentity&Version=2011-06-15";
    for client in [&ann, &session] {
        let answer = house.answer(house.presigned(client, query)).await.ok();
        let arn = "arn:aws:iam::000000000000:user/ann";
        assert_eq!(answer.text("GetCallerIdentityResult/Arn"), arn);
    }
    let mut changed = house.presigned(&ann, query);
    let uri = changed
        .uri()
        .to_string()
        .replace("GetCallerIdentity", "GetSessionToken");
    *changed.uri_mut() = uri.parse().unwrap();
    house.answer(changed).await.error(403, "SignatureDoesNotMatch");
    let late = house.presigned(&ann, query);
    house.pass(61);
    house.answer(late).await.error(400, "RequestExpired");
}

#[tokio::test]
async fn requests_are_forms_or_queries_at_the_root() {
    let (house, root) = House::new().await;
    let query = "/?Action=GetUser&Version=2010-05-08";
    let get = house.signed(&root, "iam", Request::get(query), String::new());
    house.answer(get).await.ok();
    let both = house.signed(&root, "iam", Request::post(query), "UserName=ann".into());
    house.answer(both).await.error(400, "ValidationError");
    let path = house.signed(&root, "iam", Request::get("/bucket"), String::new());
    house.answer(path).await.error(404, "NotFound");
    let put = house.signed(&root, "iam", Request::put("/"), String::new());
    house.answer(put).await.error(405, "MethodNotAllowed");
    let mut json = house.signed(&root, "iam", Request::post("/"), "{}".into());
    let kind = http::HeaderValue::from_static("application/json");
    json.headers_mut().insert("content-type", kind);
    house.answer(json).await.error(400, "InvalidRequest");
    let long = house.signed(&root, "iam", Request::post("/"), "a".repeat(crate::MAX_BODY + 1));
    house.answer(long).await.error(413, "RequestEntityTooLarge");
}

#[tokio::test]
async fn changes_are_recorded_with_their_outcome() {
    let (house, root) = House::new().await;
    let ann = house.user(&root, "ann").await;
    house.records.take();
    house.send(&root, "ListUsers", &[]).await.ok();
    house.send(&ann, "DeleteUser", &[("UserName", "ann")]).await;
    house.send(&root, "DeleteUser", &[("UserName", "ann")]).await;
    house.send(&root, "CreateGroup", &[("GroupName", "g")]).await.ok();
    house.send(&ann, "GetSessionToken", &[]).await.ok();
    assert_eq!(
        house.records.take(),
        [
            "iam:DeleteUser arn:aws:iam::000000000000:user/ann AccessDenied",
            "iam:DeleteUser arn:aws:iam::000000000000:user/ann DeleteConflict",
            "iam:CreateGroup arn:aws:iam::000000000000:group/g ok",
            "sts:GetSessionToken * ok",
        ]
    );
}

#[tokio::test]
async fn what_is_no_arn_is_not_recorded() {
    let (house, root) = House::new().await;
    house.records.take();
    // A customer key in the wrong parameter.
    let key = "c2VjcmV0IGN1c3RvbWVyIGtleSBvZiAzMiBieXRlcyE=";
    for role in [key, "arn:aws:iam::000000000000:role/missing"] {
        let parameters = [("RoleArn", role), ("RoleSessionName", "s")];
        house.send(&root, "AssumeRole", &parameters).await;
    }
    let records = house.records.take();
    assert!(records[0].starts_with("sts:AssumeRole * "), "{records:?}");
    assert!(
        records[1].starts_with("sts:AssumeRole arn:aws:iam::000000000000:role/missing "),
        "{records:?}"
    );
    assert!(!records.concat().contains(key));
}

#[tokio::test]
async fn a_body_is_read_for_a_key_that_can_be_used_and_a_short_one_without_a_key() {
    let (house, root) = House::new().await;
    let status = async |request: Request<String>| {
        let (head, _) = request.into_parts();
        match house.iam.admit(&head).await {
            Ok(Admitted::Signed) => 200,
            Ok(Admitted::Unsigned) => 100,
            Err(refused) => refused.status().as_u16(),
        }
    };
    let signed = |client: &Client| house.signed(client, "iam", Request::post("/"), String::new());
    assert_eq!(status(signed(&root)).await, 200);
    let stranger = Client {
        id: "SRBBBBBBBBBBBBBBBBBB".to_owned(),
        ..root.clone()
    };
    assert_eq!(status(signed(&stranger)).await, 403);
    let mut unsigned = signed(&root);
    unsigned.headers_mut().remove("authorization");
    assert_eq!(status(unsigned).await, 100);
    let mut json = signed(&root);
    let kind = http::HeaderValue::from_static("application/json");
    json.headers_mut().insert("content-type", kind);
    assert_eq!(status(json).await, 400);
}

#[tokio::test]
async fn a_long_body_without_a_signature_is_refused() {
    let (house, _) = House::new().await;
    for (length, code) in [
        (crate::MAX_UNSIGNED_BODY, "ValidationError"),
        (crate::MAX_UNSIGNED_BODY + 1, "MissingAuthenticationToken"),
    ] {
        let mut form = String::from("Action=AssumeRoleWithWebIdentity&Version=2011-06-15&WebIdentityToken=");
        form.extend(std::iter::repeat_n('a', length - form.len()));
        let request = Request::post("/").header("content-type", "application/x-www-form-urlencoded");
        let answer = house.answer(request.body(form).unwrap()).await;
        assert_eq!(answer.text("Error/Code"), code);
    }
}
