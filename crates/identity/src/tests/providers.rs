use super::*;

const ROOT: AccountId = AccountId::ROOT;
const URL: &str = "https://id.example.com:8443/realms/a";
const ARN: &str = "arn:aws:iam::000000000000:oidc-provider/id.example.com:8443/realms/a";

#[tokio::test]
async fn a_provider_is_created_changed_and_deleted() {
    let house = House::new().await;
    let identities = &house.identities;
    let ids = vec!["app".to_owned()];
    let thumbprints = vec!["AB".repeat(20)];
    let created = identities
        .create_provider(ROOT, URL, ids.clone(), thumbprints, Tags::default())
        .await
        .unwrap();
    assert_eq!(created.arn(ROOT).to_string(), ARN);
    assert_eq!(created.url(), URL);
    assert_eq!(created.thumbprints, ["ab".repeat(20)]);
    let again = identities
        .create_provider(ROOT, URL, ids, Vec::new(), Tags::default())
        .await;
    assert!(matches!(again, Err(IdentityError::EntityAlreadyExists(_))));
    identities.add_client_id(ROOT, ARN, "other").await.unwrap();
    identities.add_client_id(ROOT, ARN, "other").await.unwrap();
    identities.remove_client_id(ROOT, ARN, "app").await.unwrap();
    identities.set_thumbprints(ROOT, ARN, Vec::new()).await.unwrap();
    let tags = Tags::new([("a".to_owned(), "b".to_owned())]).unwrap();
    identities.tag_provider(ROOT, ARN, &tags).await.unwrap();
    let provider = identities.provider(ROOT, ARN).await.unwrap();
    assert_eq!(
        (provider.client_ids, provider.thumbprints, provider.tags),
        (vec!["other".to_owned()], vec![], tags)
    );
    identities
        .untag_provider(ROOT, ARN, &["a".to_owned()])
        .await
        .unwrap();
    assert_eq!(identities.providers(ROOT, ALL).await.unwrap().entries.len(), 1);
    let other = house.account("other").await;
    assert!(is_missing(&identities.provider(other.id, ARN).await));
    identities.delete_provider(ROOT, ARN).await.unwrap();
    assert!(is_missing(&identities.delete_provider(ROOT, ARN).await));
    assert_eq!(identities.account(ROOT).await.unwrap().usage.providers, 0);
}

#[tokio::test]
async fn invalid_providers_are_refused() {
    let house = House::new().await;
    let long = format!("https://{}", "a".repeat(250));
    for url in [
        "",
        "ftp://a",
        "a",
        "https://aws",
        "https://S3:1/a",
        "https://",
        "https:///a",
        "https://a?b",
        "https://a b",
        &long,
    ] {
        let created = house
            .identities
            .create_provider(ROOT, url, Vec::new(), Vec::new(), Tags::default());
        assert!(
            matches!(created.await, Err(IdentityError::InvalidInput(_))),
            "{url}"
        );
    }
    let ids = [vec![String::new()], vec!["a".to_owned(); 101]];
    for client_ids in ids {
        let created = house
            .identities
            .create_provider(ROOT, URL, client_ids, Vec::new(), Tags::default());
        assert!(created.await.is_err());
    }
    for thumbprints in [vec!["a".to_owned()], vec!["ab".repeat(20); 6]] {
        let created = house
            .identities
            .create_provider(ROOT, URL, Vec::new(), thumbprints, Tags::default());
        assert!(created.await.is_err());
    }
    assert!(matches!(
        house.identities.provider(ROOT, FULL).await,
        Err(IdentityError::InvalidInput(_))
    ));
}
