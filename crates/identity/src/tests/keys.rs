use super::*;
use crate::access_keys::Owner;
use crate::model::access_key::KeyStatus;
use crate::model::account::AccountStatus;
use crate::principal::{KeyAnswer, Principal, PrincipalKind};
use strongroom_access::SecretAccessKey;
use strongroom_access::evaluation::{Resource, evaluate};
use strongroom_access::policy::{Conditions, Request};

const ROOT: AccountId = AccountId::ROOT;

async fn active(house: &House, id: &str) -> Arc<Principal> {
    match house.identities.by_access_key(id).await.unwrap() {
        KeyAnswer::Active(key) => Arc::clone(key.principal()),
        _ => panic!("the key is not active"),
    }
}

async fn answer(house: &House, id: &str) -> &'static str {
    match house.identities.by_access_key(id).await.unwrap() {
        KeyAnswer::Unknown => "unknown",
        KeyAnswer::Inactive => "inactive",
        KeyAnswer::Suspended => "suspended",
        KeyAnswer::Active(_) => "active",
    }
}

fn may(principal: &Principal, action: &str) -> bool {
    let caller = principal.as_policy_principal();
    let request = Request {
        principal: caller,
        action,
        resource: "arn:aws:s3:::b/k",
        conditions: &Conditions::of(&caller),
    };
    let resource = Resource {
        owner: principal.account.as_str(),
        policy: None,
        granted: false,
    };
    evaluate(&principal.policies(), &resource, &request).allowed
}

#[tokio::test]
async fn a_user_has_two_keys_at_most() {
    let house = House::new().await;
    let identities = &house.identities;
    let ann = named("ann");
    house.user(ROOT, "ann").await;
    let first = identities
        .create_access_key(ROOT, Owner::User(&ann))
        .await
        .unwrap();
    identities
        .create_access_key(ROOT, Owner::User(&ann))
        .await
        .unwrap();
    let third = identities.create_access_key(ROOT, Owner::User(&ann)).await;
    assert_eq!(
        refusal(third.map(drop)),
        "Cannot exceed quota for AccessKeysPerUser: 2"
    );
    identities.set_max_access_keys(ROOT, 3).await.unwrap();
    identities
        .create_access_key(ROOT, Owner::User(&ann))
        .await
        .unwrap();
    let keys = identities.access_keys(ROOT, Owner::User(&ann)).await.unwrap();
    assert_eq!((keys.len(), &keys[0]), (3, &first.key));
    house.user(ROOT, "bob").await;
    for owner in [Owner::Root, Owner::User(&named("bob"))] {
        let deleted = identities.delete_access_key(ROOT, owner, &first.key.id).await;
        assert_eq!(
            refusal(deleted),
            format!("The Access Key with id {} cannot be found.", first.key.id)
        );
        let set = identities
            .set_key_status(ROOT, owner, &first.key.id, KeyStatus::Inactive)
            .await;
        assert!(is_missing(&set));
    }
    let found = identities.owner_of_key(&first.key.id).await.unwrap();
    assert_eq!(found, Some((ROOT, Some(ann.clone()))));
    identities
        .delete_access_key(ROOT, Owner::User(&ann), &first.key.id)
        .await
        .unwrap();
    assert_eq!(identities.owner_of_key(&first.key.id).await.unwrap(), None);
}

#[tokio::test]
async fn changes_take_effect_at_once() {
    let house = House::new().await;
    let identities = &house.identities;
    let (ann, group) = (named("ann"), named("g"));
    let account = house.account("a").await;
    let id = account.id;
    house.user(id, "ann").await;
    house.group(id, "g").await;
    let new = identities.create_access_key(id, Owner::User(&ann)).await.unwrap();
    let key = new.key.id.as_str();
    let first = active(&house, key).await;
    assert!(
        Arc::ptr_eq(&first, &active(&house, key).await),
        "a warm answer is the same"
    );
    assert!(!may(&first, "s3:GetObject"));
    assert_eq!((first.account, first.canonical_id), (id, account.canonical_id));

    identities.add_member(id, &group, &ann).await.unwrap();
    identities.attach::<Group>(id, &group, READ_ONLY).await.unwrap();
    let principal = active(&house, key).await;
    assert!(may(&principal, "s3:GetObject") && !may(&principal, "s3:PutObject"));
    assert_eq!(principal.sources[0].group, Some(group.clone()));
    let deny = ALLOW.replace("Allow", "Deny");
    identities
        .put_inline::<User>(id, &ann, named("deny"), &deny)
        .await
        .unwrap();
    assert!(!may(&*active(&house, key).await, "s3:GetObject"));
    identities
        .delete_inline::<User>(id, &ann, &named("deny"))
        .await
        .unwrap();
    assert!(may(&*active(&house, key).await, "s3:GetObject"));
    identities
        .set_boundary::<User>(id, &ann, Some("arn:aws:iam::aws:policy/IAMFullAccess"))
        .await
        .unwrap();
    assert!(!may(&*active(&house, key).await, "s3:GetObject"));
    identities.set_boundary::<User>(id, &ann, None).await.unwrap();

    let arn = house.policy(id, "p").await.arn;
    identities.attach::<User>(id, &ann, &arn).await.unwrap();
    assert!(may(&*active(&house, key).await, "s3:PutObject"));
    identities
        .create_policy_version(id, &arn, &deny, true)
        .await
        .unwrap();
    assert!(!may(&*active(&house, key).await, "s3:GetObject"));
    identities.set_default_version(id, &arn, 1).await.unwrap();
    assert!(may(&*active(&house, key).await, "s3:PutObject"));
    identities
        .rename::<User>(id, &ann, Some(&named("eve")), None)
        .await
        .unwrap();
    match &active(&house, key).await.kind {
        PrincipalKind::User(user) => assert_eq!(user.path_and_name, "eve"),
        _ => panic!("not a user"),
    }
    let eve = named("eve");
    identities
        .set_key_status(id, Owner::User(&eve), key, KeyStatus::Inactive)
        .await
        .unwrap();
    assert_eq!(answer(&house, key).await, "inactive");
    identities
        .set_key_status(id, Owner::User(&eve), key, KeyStatus::Active)
        .await
        .unwrap();
    assert_eq!(answer(&house, key).await, "active");
    identities
        .set_account_status(id, AccountStatus::Suspended)
        .await
        .unwrap();
    assert_eq!(answer(&house, key).await, "suspended");
    identities
        .set_account_status(id, AccountStatus::Active)
        .await
        .unwrap();
    assert_eq!(answer(&house, key).await, "active");
    identities
        .delete_access_key(id, Owner::User(&eve), key)
        .await
        .unwrap();
    assert_eq!(answer(&house, key).await, "unknown");
}

#[tokio::test]
async fn a_change_elsewhere_keeps_the_answer() {
    let house = House::new().await;
    let new = house
        .identities
        .create_access_key(ROOT, Owner::Root)
        .await
        .unwrap();
    let first = active(&house, &new.key.id).await;
    let other = house.account("other").await;
    house.user(other.id, "bob").await;
    assert!(Arc::ptr_eq(&first, &active(&house, &new.key.id).await));
    house.user(ROOT, "ann").await;
    assert!(!Arc::ptr_eq(&first, &active(&house, &new.key.id).await));
    assert!(may(&first, "s3:GetObject"), "a root user may do everything");
}

#[tokio::test]
async fn unknown_ids_are_not_remembered() {
    let house = House::new().await;
    for id in [
        "",
        "x",
        "SRAAAAAAAAAAAAAAAAAA",
        &"A".repeat(5000),
        "SR/AAAAAAAAAAAAAAAAA",
    ] {
        assert_eq!(answer(&house, id).await, "unknown");
        assert!(house.identities.snapshots.get(id).is_none());
    }
}

#[tokio::test]
async fn root_credentials_outside_of_the_rows_have_a_principal() {
    let house = House::new().await;
    let secret = SecretAccessKey::new("secret".to_owned());
    let get = async |secret: &SecretAccessKey| match house
        .identities
        .by_root_credentials(ROOT, "SRROOT", secret)
        .await
        .unwrap()
    {
        KeyAnswer::Active(key) => key,
        _ => panic!("not active"),
    };
    let first = get(&secret).await;
    assert!(matches!(first.principal().kind, PrincipalKind::Root));
    assert!(Arc::ptr_eq(first.principal(), get(&secret).await.principal()));
    for id in ["SRROOT", "SRROOTSRROOTSRROOTSR", "root/SRROOT"] {
        house
            .identities
            .by_root_credentials(ROOT, id, &secret)
            .await
            .unwrap();
        assert_eq!(
            answer(&house, id).await,
            "unknown",
            "the file alone says that the key is valid"
        );
    }
    let other = get(&SecretAccessKey::new("other".to_owned())).await;
    assert_eq!(other.secret().expose(), "other");
    house
        .identities
        .set_account_status(ROOT, AccountStatus::Suspended)
        .await
        .unwrap();
    let answer = house
        .identities
        .by_root_credentials(ROOT, "SRROOT", &secret)
        .await
        .unwrap();
    assert!(matches!(answer, KeyAnswer::Suspended));
}

#[tokio::test]
async fn a_new_epoch_voids_keys_until_they_are_confirmed() {
    let house = House::new().await;
    let identities = &house.identities;
    let new = identities.create_access_key(ROOT, Owner::Root).await.unwrap();
    assert_eq!(answer(&house, &new.key.id).await, "active");
    let before = identities.epoch();
    identities.raise_epoch().await.unwrap();
    assert_ne!(identities.epoch(), before);
    assert_eq!(house.reopened().await.epoch(), identities.epoch());
    assert_eq!(answer(&house, &new.key.id).await, "inactive");
    assert!(identities.access_keys(ROOT, Owner::Root).await.unwrap()[0].is_unconfirmed);
    identities
        .set_key_status(ROOT, Owner::Root, &new.key.id, KeyStatus::Active)
        .await
        .unwrap();
    assert_eq!(answer(&house, &new.key.id).await, "active");
}
