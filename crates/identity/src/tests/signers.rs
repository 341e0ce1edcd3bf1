use super::*;
use crate::access_keys::Owner;
use crate::model::access_key::KeyStatus;
use crate::model::account::AccountStatus;
use crate::principal::PrincipalKind;
use crate::sessions::{NewSession, SessionOwner};
use crate::signers::{SignerError, Signers};
use strongroom_access::{AccessKeys, Credentials, SecretAccessKey};

const ROOT: AccountId = AccountId::ROOT;
const OF_FILE: &str = "SRROOTROOTROOTROOTRO";
const HOUR: u64 = 3_600_000_000;

fn credentials(secret: &str) -> Credentials {
    Credentials {
        access_key_id: OF_FILE.to_owned(),
        secret: SecretAccessKey::new(secret.to_owned()),
    }
}

async fn found(signers: &Signers, id: &str, token: Option<&str>) -> &'static str {
    match signers.find(id, token).await {
        Ok(_) => "found",
        Err(SignerError::Unknown) => "unknown",
        Err(SignerError::Inactive) => "inactive",
        Err(SignerError::Suspended) => "suspended",
        Err(SignerError::Token) => "token",
        Err(SignerError::Expired) => "expired",
        Err(SignerError::Identity(_)) => "failed",
    }
}

#[tokio::test]
async fn a_permanent_key_has_no_token_and_a_temporary_one_needs_its_own() {
    let house = House::new().await;
    let keys = Arc::new(AccessKeys::new([credentials("s")]));
    let signers = Signers::new(house.identities.clone(), keys);
    house.user(ROOT, "ann").await;
    let ann = named("ann");
    let key = house
        .identities
        .create_access_key(ROOT, Owner::User(&ann))
        .await
        .unwrap();
    let session = || NewSession {
        account: ROOT,
        owner: SessionOwner::Root,
        name: String::new(),
        seconds: 3600,
        policy: None,
        managed: Vec::new(),
        tags: Tags::default(),
        transitive: Vec::new(),
        source_identity: None,
        provider: None,
        claims: Vec::new(),
        mfa: false,
    };
    let first = house.identities.issue_session(session()).await.unwrap();
    let second = house.identities.issue_session(session()).await.unwrap();
    for (id, token, expected) in [
        (OF_FILE, None, "found"),
        (OF_FILE, Some(first.token.as_str()), "token"),
        (&key.key.id, None, "found"),
        (&key.key.id, Some(first.token.as_str()), "token"),
        (&key.key.id, Some(""), "token"),
        (&first.access_key_id, None, "token"),
        (&first.access_key_id, Some(first.token.as_str()), "found"),
        (&first.access_key_id, Some(second.token.as_str()), "token"),
        ("SRAAAAAAAAAAAAAAAAAA", None, "unknown"),
    ] {
        assert_eq!(found(&signers, id, token).await, expected, "{id} {token:?}");
    }
    house.pass(HOUR);
    let late = found(&signers, &first.access_key_id, Some(&first.token)).await;
    assert_eq!(late, "expired");
}

#[tokio::test]
async fn keys_that_cannot_be_used_are_told_apart() {
    let house = House::new().await;
    let keys = Arc::new(AccessKeys::new([credentials("s")]));
    let signers = Signers::new(house.identities.clone(), keys);
    let account = house.account("museum").await.id;
    let identities = &house.identities;
    let key = identities
        .create_access_key(account, Owner::Root)
        .await
        .unwrap()
        .key
        .id;
    assert_eq!(found(&signers, &key, None).await, "found");
    for (status, expected) in [(KeyStatus::Inactive, "inactive"), (KeyStatus::Active, "found")] {
        let set = identities.set_key_status(account, Owner::Root, &key, status);
        set.await.unwrap();
        assert_eq!(found(&signers, &key, None).await, expected);
    }
    identities
        .set_account_status(account, AccountStatus::Suspended)
        .await
        .unwrap();
    assert_eq!(found(&signers, &key, None).await, "suspended");
    // The account of the root credentials is another one.
    assert_eq!(found(&signers, OF_FILE, None).await, "found");
}

#[tokio::test]
async fn replaced_root_credentials_end_at_once() {
    let house = House::new().await;
    let keys = Arc::new(AccessKeys::new([credentials("old")]));
    let signers = Signers::new(house.identities.clone(), Arc::clone(&keys));
    let old = signers.find(OF_FILE, None).await.unwrap();
    assert_eq!(old.secret().expose(), "old");
    assert!(matches!(old.principal().kind, PrincipalKind::Root));
    assert_eq!(old.principal().account, ROOT);
    keys.replace([credentials("new")]);
    let new = signers.find(OF_FILE, None).await.unwrap();
    assert_eq!(new.secret().expose(), "new");
    keys.replace([]);
    assert_eq!(found(&signers, OF_FILE, None).await, "unknown");
}
