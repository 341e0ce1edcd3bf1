use super::*;
use crate::access_keys::Owner;
use crate::model::last_use::Service;
use crate::principal::KeyAnswer;

const ROOT: AccountId = AccountId::ROOT;

#[tokio::test]
async fn last_uses_are_written_later() {
    let house = House::new().await;
    let identities = &house.identities;
    let new = identities.create_access_key(ROOT, Owner::Root).await.unwrap();
    let id = new.key.id.as_str();
    let KeyAnswer::Active(key) = identities.by_access_key(id).await.unwrap() else {
        panic!("not active")
    };
    assert_eq!(identities.last_use(id).await.unwrap(), None);
    identities.note_use(&key, Service::S3);
    house.pass(1_000_000);
    identities.note_use(&key, Service::Iam);
    let last = identities.last_use(id).await.unwrap().unwrap();
    assert_eq!(
        (last.time, last.service),
        (1_000_000_000, Service::S3),
        "once a minute"
    );
    assert_eq!(house.reopened().await.last_use(id).await.unwrap(), None);
    identities.write_last_uses().await.unwrap();
    assert_eq!(house.reopened().await.last_use(id).await.unwrap(), Some(last));
    house.pass(60_000_000);
    identities.note_use(&key, Service::Iam);
    identities.delete_access_key(ROOT, Owner::Root, id).await.unwrap();
    identities.write_last_uses().await.unwrap();
    assert_eq!(
        identities.last_use(id).await.unwrap(),
        None,
        "a deleted key gets no row"
    );
}
