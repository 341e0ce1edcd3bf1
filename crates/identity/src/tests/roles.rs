use super::*;
use crate::model::role::Role;

const ROOT: AccountId = AccountId::ROOT;

#[tokio::test]
async fn roles_have_a_trust_policy_and_a_longest_session() {
    let house = House::new().await;
    let identities = &house.identities;
    let role = house.role(ROOT, "r").await.unwrap();
    assert_eq!(role.max_session, 3600);
    for max_session in [3599, 43_201] {
        let new = NewRole {
            max_session: Some(max_session),
            ..new_role("s")
        };
        assert!(matches!(
            identities.create_role(ROOT, new).await,
            Err(IdentityError::InvalidInput(_))
        ));
    }
    let without_principal = NewRole {
        trust: ALLOW.to_owned(),
        ..new_role("s")
    };
    let refused = identities.create_role(ROOT, without_principal).await;
    assert!(matches!(refused, Err(IdentityError::MalformedPolicyDocument(_))));
    identities
        .update_role(ROOT, &named("r"), Some("text"), Some(7200))
        .await
        .unwrap();
    identities.revoke_sessions(ROOT, &named("r")).await.unwrap();
    let role = identities.get::<Role>(ROOT, &named("r")).await.unwrap();
    assert_eq!(
        (role.description.as_deref(), role.max_session),
        (Some("text"), 7200)
    );
    assert_eq!(role.revoked_before, 1_000_000_000);
    assert!(identities.set_trust(ROOT, &named("r"), "{}").await.is_err());
    identities.set_trust(ROOT, &named("r"), TRUST).await.unwrap();
    let tags = Tags::new([("a".to_owned(), "b".to_owned())]).unwrap();
    identities.tag::<Role>(ROOT, &named("r"), &tags).await.unwrap();
    assert_eq!(
        identities.get::<Role>(ROOT, &named("r")).await.unwrap().tags,
        tags
    );
    identities
        .untag::<Role>(ROOT, &named("r"), &["A".to_owned()])
        .await
        .unwrap();
    assert!(
        identities
            .get::<Role>(ROOT, &named("r"))
            .await
            .unwrap()
            .tags
            .is_empty()
    );
    identities.delete_role(ROOT, &named("r")).await.unwrap();
    assert!(identities.identify(role.id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_trust_policy_is_about_a_user_and_not_about_a_name() {
    let house = House::new().await;
    let identities = &house.identities;
    let other = house.account("other").await.id;
    let ann = house.user(other, "ann").await;
    let arn = format!("arn:aws:iam::{other}:user/ann");
    let trust = TRUST.replace("000000000000", &arn);
    let new = NewRole {
        trust: trust.clone(),
        ..new_role("r")
    };
    let role = identities.create_role(ROOT, new).await.unwrap();
    assert!(role.trust.contains(ann.id.as_str()) && !role.trust.contains(&arn));
    let r = named("r");
    assert!(identities.trust(ROOT, &r).await.unwrap().contains(&arn));
    identities
        .rename::<User>(other, &named("ann"), Some(&named("eve")), None)
        .await
        .unwrap();
    assert!(identities.trust(ROOT, &r).await.unwrap().contains("user/eve"));
    identities.delete_user(other, &named("eve")).await.unwrap();
    house.user(other, "ann").await;
    assert!(
        identities
            .trust(ROOT, &r)
            .await
            .unwrap()
            .contains(ann.id.as_str())
    );
    let unknown = TRUST.replace("000000000000", &format!("arn:aws:iam::{other}:user/nobody"));
    let refused = identities.set_trust(ROOT, &r, &unknown).await;
    assert!(matches!(refused, Err(IdentityError::MalformedPolicyDocument(_))));
    identities.set_trust(ROOT, &r, &trust).await.unwrap();
}
