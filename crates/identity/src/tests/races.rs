use super::*;
use crate::access_keys::Owner;
use crate::principal::KeyAnswer;

const ROOT: AccountId = AccountId::ROOT;

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_lose_no_change() {
    let house = House::new().await;
    house.group(ROOT, "g").await;
    let handles = [house.identities.clone(), house.reopened().await];
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..40 {
        let identities = handles[number % 2].clone();
        tasks.spawn(async move {
            let name = named(&format!("u{number}"));
            let created =
                identities.create_user(ROOT, name.clone(), Path::default(), Tags::default(), Some(FULL));
            created.await.unwrap();
            identities.add_member(ROOT, &named("g"), &name).await.unwrap();
            identities.attach::<User>(ROOT, &name, FULL).await.unwrap();
        });
    }
    tasks.join_all().await;
    let account = house.identities.account(ROOT).await.unwrap();
    let group = house.identities.get::<Group>(ROOT, &named("g")).await.unwrap();
    assert_eq!((account.usage.users, group.members), (40, 40));
    let policy = house.identities.policy(ROOT, FULL).await.unwrap().policy;
    assert_eq!((policy.attachments, policy.boundaries), (40, 40));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_name_is_given_once() {
    let house = House::new().await;
    let handles = [house.identities.clone(), house.reopened().await];
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..20 {
        let identities = handles[number % 2].clone();
        tasks.spawn(async move { identities.create_account("same", None).await.is_ok() });
    }
    let created = tasks.join_all().await;
    assert_eq!(created.iter().filter(|created| **created).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_after_a_change_sees_it_under_load() {
    let house = House::new().await;
    let identities = house.identities.clone();
    house.user(ROOT, "ann").await;
    let ann = named("ann");
    let new = identities
        .create_access_key(ROOT, Owner::User(&ann))
        .await
        .unwrap();
    let mut readers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (identities, id) = (identities.clone(), new.key.id.clone());
        readers.spawn(async move {
            loop {
                identities.by_access_key(&id).await.unwrap();
                tokio::task::yield_now().await;
            }
        });
    }
    for round in 0..200 {
        if round % 2 == 0 {
            identities.attach::<User>(ROOT, &ann, FULL).await.unwrap();
        } else {
            identities.detach::<User>(ROOT, &ann, FULL).await.unwrap();
        }
        let KeyAnswer::Active(key) = identities.by_access_key(&new.key.id).await.unwrap() else {
            panic!("not active")
        };
        assert_eq!(key.principal().identity.len(), 1 - round % 2, "round {round}");
    }
    readers.shutdown().await;
}
