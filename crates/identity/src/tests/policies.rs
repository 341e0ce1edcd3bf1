use super::*;
use crate::attachments::Usage;
use crate::model::policy::ManagedPolicy;
use crate::policies::{PolicyFilter, Scope};

const ROOT: AccountId = AccountId::ROOT;

#[tokio::test]
async fn a_policy_has_five_versions_at_most() {
    let house = House::new().await;
    let identities = &house.identities;
    let arn = house.policy(ROOT, "p").await.arn;
    for number in 2..=5 {
        let text = ALLOW.replace("s3:*", &format!("s3:{number}"));
        let set_default = number == 3;
        let version = identities
            .create_policy_version(ROOT, &arn, &text, set_default)
            .await
            .unwrap();
        assert_eq!(version.number, number);
    }
    let sixth = identities.create_policy_version(ROOT, &arn, ALLOW, false).await;
    assert!(refusal(sixth).starts_with("A managed policy can have up to 5 versions."));
    let (version, text) = identities.policy_document(ROOT, &arn, None).await.unwrap();
    assert_eq!((version.number, text.contains("s3:3")), (3, true));
    let refused = identities.delete_policy_version(ROOT, &arn, 3).await;
    assert_eq!(refusal(refused), "Cannot delete the default version of a policy.");
    identities.delete_policy_version(ROOT, &arn, 5).await.unwrap();
    assert!(is_missing(&identities.policy_document(ROOT, &arn, Some(5)).await));
    let next = identities
        .create_policy_version(ROOT, &arn, ALLOW, true)
        .await
        .unwrap();
    assert_eq!(next.number, 6, "numbers are not used again");
    identities.set_default_version(ROOT, &arn, 1).await.unwrap();
    assert!(is_missing(&identities.set_default_version(ROOT, &arn, 9).await));
    assert!(matches!(
        identities.delete_policy(ROOT, &arn).await,
        Err(IdentityError::DeleteConflict(_))
    ));
    for number in [2, 3, 4, 6] {
        identities
            .delete_policy_version(ROOT, &arn, number)
            .await
            .unwrap();
    }
    identities.delete_policy(ROOT, &arn).await.unwrap();
    assert!(is_missing(&identities.policy(ROOT, &arn).await));
}

#[tokio::test]
async fn malformed_documents_change_nothing() {
    let house = House::new().await;
    let identities = &house.identities;
    let deep = "[".repeat(30_000);
    let long = ALLOW.replace("s3:*", &"a".repeat(40_000));
    for text in ["", "{", "{}", TRUST, &deep, &long] {
        let new = NewPolicy {
            document: text.to_owned(),
            ..new_policy("p")
        };
        let refused = identities.create_policy(ROOT, new).await;
        assert!(matches!(refused, Err(IdentityError::MalformedPolicyDocument(_))));
    }
    assert!(is_missing(
        &identities.get::<ManagedPolicy>(ROOT, &named("p")).await
    ));
}

#[tokio::test]
async fn policies_of_all_accounts_are_valid_and_cannot_be_changed() {
    let house = House::new().await;
    let identities = &house.identities;
    let filter = PolicyFilter {
        scope: Scope::Aws,
        only_attached: false,
        usage: None,
    };
    let page = identities.policies(ROOT, filter, ALL).await.unwrap();
    assert_eq!(page.entries.len(), 6);
    for info in page.entries {
        let (_, text) = identities.policy_document(ROOT, &info.arn, None).await.unwrap();
        crate::document::check(&text, strongroom_access::policy::PolicyKind::Managed).unwrap();
        let refused = identities
            .create_policy_version(ROOT, &info.arn, ALLOW, true)
            .await;
        assert!(matches!(refused, Err(IdentityError::UnmodifiablePolicy(_))));
        let refused = identities.delete_policy(ROOT, &info.arn).await;
        assert!(matches!(refused, Err(IdentityError::UnmodifiablePolicy(_))));
    }
}

#[tokio::test]
async fn a_policy_in_use_is_kept() {
    let house = House::new().await;
    let identities = &house.identities;
    let arn = house.policy(ROOT, "p").await.arn;
    house.user(ROOT, "ann").await;
    identities
        .attach::<User>(ROOT, &named("ann"), &arn)
        .await
        .unwrap();
    identities
        .set_boundary::<User>(ROOT, &named("ann"), Some(&arn))
        .await
        .unwrap();
    let policy = identities.policy(ROOT, &arn).await.unwrap().policy;
    assert_eq!((policy.attachments, policy.boundaries), (1, 1));
    let message = "Cannot delete a policy attached to entities.";
    assert_eq!(refusal(identities.delete_policy(ROOT, &arn).await), message);
    identities
        .detach::<User>(ROOT, &named("ann"), &arn)
        .await
        .unwrap();
    assert_eq!(refusal(identities.delete_policy(ROOT, &arn).await), message);
    identities
        .set_boundary::<User>(ROOT, &named("ann"), None)
        .await
        .unwrap();
    identities.delete_policy(ROOT, &arn).await.unwrap();
}

#[tokio::test]
async fn policies_are_listed_by_scope_and_use() {
    let house = House::new().await;
    let identities = &house.identities;
    for name in ["a", "b", "c"] {
        house.policy(ROOT, name).await;
    }
    house.user(ROOT, "ann").await;
    identities
        .attach::<User>(ROOT, &named("ann"), "arn:aws:iam::000000000000:policy/b")
        .await
        .unwrap();
    identities
        .attach::<User>(ROOT, &named("ann"), FULL)
        .await
        .unwrap();
    identities
        .set_boundary::<User>(ROOT, &named("ann"), Some(READ_ONLY))
        .await
        .unwrap();
    let all = async |filter: PolicyFilter, limit: usize| {
        let (mut after, mut names) = (String::new(), Vec::new());
        loop {
            let part = Part {
                path_prefix: "",
                after: &after,
                limit,
            };
            let page = identities.policies(ROOT, filter, part).await.unwrap();
            assert!(page.entries.len() <= limit);
            names.extend(page.entries.iter().map(|info| info.policy.name.to_string()));
            match page.next {
                Some(next) => after = next,
                None => return names,
            }
        }
    };
    let every = PolicyFilter {
        scope: Scope::All,
        only_attached: false,
        usage: None,
    };
    for limit in [1, 2, 5, 6, 8, 9, 100] {
        assert_eq!(all(every, limit).await.len(), 9, "{limit}");
        let local = PolicyFilter {
            scope: Scope::Local,
            ..every
        };
        assert_eq!(all(local, limit).await, ["a", "b", "c"]);
        let attached = PolicyFilter {
            only_attached: true,
            ..every
        };
        assert_eq!(all(attached, limit).await, ["AmazonS3FullAccess", "b"]);
        let boundary = PolicyFilter {
            usage: Some(Usage::Boundary),
            ..every
        };
        assert_eq!(all(boundary, limit).await, ["AmazonS3ReadOnlyAccess"]);
    }
}

#[tokio::test]
async fn the_path_is_part_of_the_arn() {
    let house = House::new().await;
    let new = NewPolicy {
        path: Path::of_policy("/x/").unwrap(),
        ..new_policy("p")
    };
    let arn = house.identities.create_policy(ROOT, new).await.unwrap().arn;
    assert_eq!(arn, "arn:aws:iam::000000000000:policy/x/p");
    assert!(house.identities.policy(ROOT, &arn).await.is_ok());
    for other in [
        "arn:aws:iam::000000000000:policy/p",
        "arn:aws:iam::123456789012:policy/x/p",
        "arn:aws:iam::aws:policy/x/p",
    ] {
        assert!(is_missing(&house.identities.policy(ROOT, other).await), "{other}");
    }
    for other in ["", "p", "arn:aws:iam::000000000000:user/x/p"] {
        let refused = house.identities.policy(ROOT, other).await;
        assert!(matches!(refused, Err(IdentityError::InvalidInput(_))), "{other}");
    }
}
