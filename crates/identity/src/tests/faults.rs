use super::*;
use crate::access_keys::Owner;
use crate::model::role::Role;
use std::collections::BTreeMap;
use strongroom_store::faulty::{Call, Effect, Faults};
use strongroom_store::{PartitionId, Scan};

const ROOT: AccountId = AccountId::ROOT;

/// All rows as they are stored.
async fn rows(house: &House) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let scan = Scan {
        prefix: bytes::Bytes::new(),
        from: bytes::Bytes::new(),
        limit: 100_000,
    };
    let rows = house
        .rows
        .index()
        .scan(PartitionId::IDENTITY, scan)
        .await
        .unwrap();
    rows.into_iter()
        .map(|row| (row.key.to_vec(), row.value.to_vec()))
        .collect()
}

/// Does one of the changes.
async fn change(identities: &Identities, step: usize) -> Result<()> {
    let (ann, group) = (named("ann"), named("g"));
    match step {
        0 => identities
            .create_user(ROOT, named("new"), Path::default(), Tags::default(), Some(FULL))
            .await
            .map(drop),
        1 => identities.create_role(ROOT, new_role("new")).await.map(drop),
        2 => identities.create_policy(ROOT, new_policy("new")).await.map(drop),
        3 => identities.add_member(ROOT, &group, &ann).await,
        4 => {
            identities
                .attach::<User>(ROOT, &ann, "arn:aws:iam::000000000000:policy/p")
                .await
        }
        5 => {
            identities
                .put_inline::<Role>(ROOT, &named("r"), named("i"), ALLOW)
                .await
        }
        6 => identities
            .rename::<User>(ROOT, &ann, Some(&named("eve")), None)
            .await
            .map(drop),
        7 => identities
            .create_access_key(ROOT, Owner::User(&ann))
            .await
            .map(drop),
        8 => identities.create_account("new", None).await.map(drop),
        9 => identities.delete_role(ROOT, &named("r")).await,
        10 => identities.set_account_alias(ROOT, Some("alias")).await,
        _ => identities.raise_epoch().await,
    }
}

const STEPS: usize = 12;

async fn prepared(faults: &Faults) -> House {
    let house = House::on(Store::memory().faulty(faults.clone()).index).await;
    house.user(ROOT, "ann").await;
    house.group(ROOT, "g").await;
    house.role(ROOT, "r").await.unwrap();
    house.policy(ROOT, "p").await;
    house
}

#[tokio::test]
async fn a_failed_commit_changes_nothing() {
    for step in 0..STEPS {
        let faults = Faults::none();
        let house = prepared(&faults).await;
        let before = rows(&house).await;
        faults.next(Call::Commit, Effect::Fail);
        let failed = change(&house.identities, step).await;
        assert!(matches!(failed, Err(IdentityError::Rows(_))), "step {step}");
        assert_eq!(rows(&house).await, before, "step {step}");
        change(&house.identities, step).await.unwrap();
        assert_ne!(rows(&house).await, before, "step {step}");
    }
}

#[tokio::test]
async fn a_commit_with_an_unknown_result_is_seen_by_the_next_request() {
    let faults = Faults::none();
    let house = prepared(&faults).await;
    let identities = &house.identities;
    let new = identities
        .create_access_key(ROOT, Owner::User(&named("ann")))
        .await
        .unwrap();
    identities.by_access_key(&new.key.id).await.unwrap();
    faults.next(Call::Commit, Effect::FailAfter);
    assert!(change(identities, 4).await.is_err());
    match identities.by_access_key(&new.key.id).await.unwrap() {
        crate::principal::KeyAnswer::Active(key) => assert_eq!(key.principal().identity.len(), 1),
        _ => panic!("not active"),
    }
}

#[tokio::test]
async fn a_failed_read_is_no_answer() {
    let faults = Faults::none();
    let house = prepared(&faults).await;
    let identities = &house.identities;
    let new = identities
        .create_access_key(ROOT, Owner::User(&named("ann")))
        .await
        .unwrap();
    for effect in [Effect::Fail, Effect::FlipBit] {
        for nth in 1..=5 {
            faults.add(strongroom_store::faulty::Fault {
                call: Call::Get,
                nth,
                effect,
            });
            assert!(
                identities.by_access_key(&new.key.id).await.is_err(),
                "{effect:?} {nth}"
            );
        }
    }
    assert!(identities.by_access_key(&new.key.id).await.is_ok());
}

#[tokio::test]
async fn a_cancelled_change_is_seen_by_the_next_request() {
    let house = prepared(&Faults::none()).await;
    let identities = &house.identities;
    let new = identities
        .create_access_key(ROOT, Owner::User(&named("ann")))
        .await
        .unwrap();
    for polls in 1..6 {
        identities.by_access_key(&new.key.id).await.unwrap();
        let attach = change(identities, 4);
        let mut attach = Box::pin(attach);
        let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
        for _ in 0..polls {
            if attach.as_mut().poll(context).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(attach);
        let crate::principal::KeyAnswer::Active(key) = identities.by_access_key(&new.key.id).await.unwrap()
        else {
            panic!("not active")
        };
        let user = identities.get::<User>(ROOT, &named("ann")).await.unwrap();
        assert_eq!(
            key.principal().identity.len(),
            user.policies.attached.len(),
            "{polls} polls"
        );
        if !user.policies.attached.is_empty() {
            identities
                .detach::<User>(ROOT, &named("ann"), "arn:aws:iam::000000000000:policy/p")
                .await
                .unwrap();
        }
    }
}
