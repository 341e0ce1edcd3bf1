//! Tokens that are accepted and refused.

use super::*;

#[tokio::test]
async fn tokens_that_are_not_valid_are_refused() {
    let (house, root) = House::new().await;
    set_up(&house, &root, &json!({})).await;
    let issuer = Issuer::of(&house);
    let key = issuer.rolls(Key::rsa("one"));
    let now = house.seconds();
    house.records.take();
    for (change, status, code, why) in [
        (("exp", json!(now - 61)), 400, "ExpiredTokenException", "expired"),
        (("exp", json!("soon")), 400, "InvalidIdentityToken", "exp"),
        (
            ("exp", Value::Null),
            400,
            "InvalidIdentityToken",
            "required claim: exp",
        ),
        (
            ("iat", Value::Null),
            400,
            "InvalidIdentityToken",
            "required claim: iat",
        ),
        (
            ("sub", Value::Null),
            400,
            "InvalidIdentityToken",
            "required claim: sub",
        ),
        (
            ("aud", Value::Null),
            400,
            "InvalidIdentityToken",
            "required claim: aud",
        ),
        (
            ("iss", Value::Null),
            400,
            "InvalidIdentityToken",
            "required claim: iss",
        ),
        (
            ("sub", json!("a".repeat(256))),
            400,
            "InvalidIdentityToken",
            "sub",
        ),
        (("iat", json!(now + 61)), 403, "IDPRejectedClaim", "iat"),
        (("nbf", json!(now + 61)), 403, "IDPRejectedClaim", "nbf"),
        (
            ("aud", json!("other")),
            400,
            "InvalidIdentityToken",
            "Incorrect token audience",
        ),
        (("aud", json!(["other", 7])), 400, "InvalidIdentityToken", "aud"),
        // The party that the token was issued to counts, if it is named.
        (
            ("azp", json!("other")),
            400,
            "InvalidIdentityToken",
            "Incorrect token audience",
        ),
        (
            ("iss", json!("https://id.example.com")),
            400,
            "InvalidIdentityToken",
            "No OpenIDConnect provider",
        ),
        (
            ("iss", json!("http://id.example.com/realm")),
            400,
            "InvalidIdentityToken",
            "No OpenIDConnect provider",
        ),
        (
            ("https://aws.amazon.com/tags", json!({"other": 1})),
            403,
            "IDPRejectedClaim",
            "principal_tags",
        ),
        (
            (
                "https://aws.amazon.com/tags",
                json!({"principal_tags": {"a": ["b", "c"]}}),
            ),
            403,
            "IDPRejectedClaim",
            "principal_tags",
        ),
        (
            ("https://aws.amazon.com/source_identity", json!(7)),
            403,
            "IDPRejectedClaim",
            "source_identity",
        ),
    ] {
        let refused = assume(&house, &key.token(&issuer.claims(&[change]))).await;
        let message = refused.error(status, code);
        assert!(message.contains(why), "{message}");
    }
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute_and_one_audience_suffices() {
    let (house, root) = House::new().await;
    set_up(&house, &root, &json!({})).await;
    let issuer = Issuer::of(&house);
    let key = issuer.rolls(Key::rsa("one"));
    let now = house.seconds();
    for change in [
        ("exp", json!(now - 59)),
        ("nbf", json!(now + 60)),
        ("exp", json!(1e10)),
        ("aud", json!(["other", "app"])),
    ] {
        assume(&house, &key.token(&issuer.claims(&[change]))).await.ok();
    }
    let authorized = issuer.claims(&[("aud", json!("other")), ("azp", json!("app"))]);
    assume(&house, &key.token(&authorized)).await.ok();
}

#[tokio::test]
async fn signatures_that_do_not_fit_are_refused() {
    let (house, root) = House::new().await;
    set_up(&house, &root, &json!({})).await;
    let issuer = Issuer::of(&house);
    let (rsa, ec) = (Key::rsa("rsa"), Key::p256("ec"));
    issuer.publishes(&[&rsa, &ec]);
    let claims = issuer.claims(&[]);
    assume(&house, &rsa.token(&claims)).await.ok();
    assume(&house, &ec.token(&claims)).await.ok();
    house.records.take();
    let mut tampered = rsa.token(&claims);
    let at = tampered.rfind('.').unwrap() + 10;
    let other = if tampered.as_bytes()[at] == b'A' { "B" } else { "A" };
    tampered.replace_range(at..=at, other);
    let other_claims = issuer.claims(&[("sub", json!("root"))]);
    let [header, _, signature] = rsa
        .token(&claims)
        .split('.')
        .map(str::to_owned)
        .collect::<Vec<_>>()[..]
        .to_vec()
        .try_into()
        .unwrap();
    let moved = [
        &header,
        rsa.token(&other_claims).split('.').nth(1).unwrap(),
        &signature,
    ]
    .join(".");
    for (token, why) in [
        (tampered, "signature"),
        (moved, "signature"),
        (Key::rsa("rsa").token(&claims), "signature"),
        (Key::rsa("new").token(&claims), "no key with the id"),
        (Key::p256("rsa").token(&claims), "not for the algorithm"),
        (
            rsa.token_as(&json!({"alg": "none", "kid": "rsa"}), &claims),
            "not a valid JWT",
        ),
        (
            rsa.token_as(&json!({"alg": "HS256", "kid": "rsa"}), &claims),
            "HS256",
        ),
        (
            rsa.token_as(&json!({"alg": "RS512", "kid": "rsa"}), &claims),
            "signature",
        ),
        (
            rsa.token_as(&json!({"alg": "RS256", "kid": "ec"}), &claims),
            "not for the algorithm",
        ),
        (
            rsa.token_as(
                &json!({"alg": "RS256", "kid": "rsa", "crit": ["b64"], "b64": false}),
                &claims,
            ),
            "not a valid JWT",
        ),
        ("a.b.c".to_owned(), "not a valid JWT"),
        ("abcd".to_owned(), "not a valid JWT"),
    ] {
        let refused = assume(&house, &token).await;
        let message = refused.error(400, "InvalidIdentityToken");
        assert!(message.contains(why), "{message}");
        assert!(!message.contains(&token), "{message}");
    }
    // The only key that fits.
    assume(&house, &rsa.token_as(&json!({"alg": "RS256"}), &claims))
        .await
        .ok();
    for token in ["abc".to_owned(), "a".repeat(20_001)] {
        assume(&house, &token).await.error(400, "ValidationError");
    }
    assert_eq!(house.records.take().len(), 1);
}

#[tokio::test]
async fn keys_that_roll_are_fetched_at_most_once_a_minute() {
    let (house, root) = House::new().await;
    set_up(&house, &root, &json!({})).await;
    let issuer = Issuer::of(&house);
    let old = issuer.rolls(Key::p256("old"));
    let claims = issuer.claims(&[]);
    assume(&house, &old.token(&claims)).await.ok();
    assert_eq!(issuer.fetches(), 2);
    let new = issuer.rolls(Key::p256("new"));
    for _ in 0..3 {
        let refused = assume(&house, &new.token(&claims)).await;
        assert!(refused.error(400, "InvalidIdentityToken").contains("\"new\""));
    }
    assert_eq!(issuer.fetches(), 2);
    house.pass(60);
    assume(&house, &new.token(&claims)).await.ok();
    let refused = assume(&house, &old.token(&claims)).await;
    assert!(refused.error(400, "InvalidIdentityToken").contains("\"old\""));
    assert_eq!(issuer.fetches(), 4);
}
