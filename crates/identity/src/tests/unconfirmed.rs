use super::*;
use crate::access_keys::Owner;
use crate::login::PasswordAnswer;
use crate::model::access_key::KeyStatus;
use crate::principal::KeyAnswer;
use crate::unconfirmed::{Credential, Unconfirmed};
use strongroom_store::Timeline;
use zeroize::Zeroizing;

const ROOT: AccountId = AccountId::ROOT;
const PASSWORD: &str = "a long password";

async fn works(house: &House, id: &str) -> bool {
    matches!(
        house.identities.by_access_key(id).await.unwrap(),
        KeyAnswer::Active(_)
    )
}

async fn signs_in(house: &House, name: &Name) -> bool {
    let password = Zeroizing::new(PASSWORD.to_owned());
    let answer = house.identities.check_password(ROOT, name, password).await;
    answer.unwrap() != PasswordAnswer::Wrong
}

async fn listed(house: &House) -> Vec<Unconfirmed> {
    house.identities.unconfirmed(ROOT, ALL).await.unwrap().entries
}

#[tokio::test]
async fn keys_and_passwords_of_an_earlier_epoch_wait_for_confirmation() {
    let house = House::new().await;
    let identities = &house.identities;
    let ann = house.user(ROOT, "ann").await.name;
    let of_root = identities
        .create_access_key(ROOT, Owner::Root)
        .await
        .unwrap()
        .key
        .id;
    let of_ann = identities
        .create_access_key(ROOT, Owner::User(&ann))
        .await
        .unwrap();
    let idle = identities
        .create_access_key(ROOT, Owner::User(&ann))
        .await
        .unwrap();
    let (of_ann, idle) = (of_ann.key.id, idle.key.id);
    let set = identities.set_key_status(ROOT, Owner::User(&ann), &idle, KeyStatus::Inactive);
    set.await.unwrap();
    let created = identities.create_login(ROOT, &ann, Zeroizing::new(PASSWORD.to_owned()), false);
    created.await.unwrap();
    assert_eq!(listed(&house).await, []);
    assert!(works(&house, &of_ann).await && signs_in(&house, &ann).await);
    identities.raise_epoch().await.unwrap();
    assert!(!works(&house, &of_root).await && !works(&house, &of_ann).await);
    assert!(!signs_in(&house, &ann).await);
    let entries = listed(&house).await;
    let found: Vec<_> = entries
        .iter()
        .map(|entry| (entry.user.clone(), entry.credential.clone()))
        .collect();
    let key = |id: &String| Credential::AccessKey(id.clone());
    assert_eq!(
        found,
        [
            (None, key(&of_root)),
            (Some(ann.clone()), key(&of_ann)),
            (Some(ann.clone()), key(&idle)),
            (Some(ann.clone()), Credential::Password),
        ]
    );
    for entry in &entries[1..] {
        identities.confirm(entry).await.unwrap();
    }
    assert!(works(&house, &of_ann).await && signs_in(&house, &ann).await);
    assert!(!works(&house, &of_root).await);
    // What was inactive stays inactive.
    assert!(!works(&house, &idle).await);
    assert_eq!(listed(&house).await.len(), 1);
    identities
        .delete_access_key(ROOT, Owner::User(&ann), &of_ann)
        .await
        .unwrap();
    identities.delete_login(ROOT, &ann).await.unwrap();
    for entry in [&entries[1], &entries[3]] {
        assert!(is_missing(&identities.confirm(entry).await));
    }
    // Of another account it is none.
    let other = Unconfirmed {
        account: house.account("other").await.id,
        ..entries[0].clone()
    };
    assert!(is_missing(&identities.confirm(&other).await));
    assert!(!works(&house, &of_root).await);
}

#[tokio::test]
async fn a_new_password_needs_no_confirmation() {
    let house = House::new().await;
    let ann = house.user(ROOT, "ann").await.name;
    let password = || Zeroizing::new(PASSWORD.to_owned());
    let identities = &house.identities;
    identities
        .create_login(ROOT, &ann, password(), false)
        .await
        .unwrap();
    identities.raise_epoch().await.unwrap();
    // A flag alone confirms nothing.
    identities
        .update_login(ROOT, &ann, None, Some(true))
        .await
        .unwrap();
    assert!(!signs_in(&house, &ann).await);
    identities
        .update_login(ROOT, &ann, Some(password()), None)
        .await
        .unwrap();
    assert!(signs_in(&house, &ann).await);
}

#[tokio::test]
async fn a_store_on_another_timeline_begins_an_epoch() {
    let house = House::new().await;
    let id = house
        .identities
        .create_access_key(ROOT, Owner::Root)
        .await
        .unwrap()
        .key
        .id;
    let epoch = house.identities.epoch();
    let on = async |timeline| {
        let clock = Arc::clone(&house.time);
        let now: Now = Arc::new(move || clock.load(Ordering::Relaxed));
        let random = Arc::new(SystemRandom::default());
        Identities::open(&house.rows, timeline, now, random)
            .await
            .unwrap()
    };
    let (first, second) = (Some(Timeline([1; 16])), Some(Timeline([2; 16])));
    // The first timeline that is seen is noted.
    let opened = on(first).await;
    assert_eq!((opened.epoch(), opened.is_restored()), (epoch, false));
    let opened = on(first).await;
    assert_eq!((opened.epoch(), opened.is_restored()), (epoch, false));
    let restored = on(second).await;
    assert!(restored.epoch() != epoch && restored.is_restored());
    assert!(matches!(
        restored.by_access_key(&id).await.unwrap(),
        KeyAnswer::Inactive
    ));
    let again = on(second).await;
    assert_eq!((again.epoch(), again.is_restored()), (restored.epoch(), false));
    // Raised by hand, the timeline stays noted.
    again.raise_epoch().await.unwrap();
    let last = on(second).await;
    assert_eq!((last.epoch(), last.is_restored()), (again.epoch(), false));
}
