use super::*;
use crate::model::account::AccountStatus;
use strongroom_access::{ROOT_ACCOUNT, ROOT_CANONICAL_ID};

#[tokio::test]
async fn the_first_account_is_there_from_the_start() {
    let house = House::new().await;
    let first = house.identities.account(AccountId::ROOT).await.unwrap();
    assert_eq!(first.id.as_str(), ROOT_ACCOUNT);
    assert_eq!(first.canonical_id.as_str(), ROOT_CANONICAL_ID);
    let again = house.reopened().await;
    assert_eq!(again.account(AccountId::ROOT).await.unwrap(), first);
    assert_eq!(again.epoch(), house.identities.epoch());
    let refused = again.delete_account(AccountId::ROOT).await;
    assert_eq!(refusal(refused), "Cannot delete the first account.");
}

#[tokio::test]
async fn accounts_are_found_by_each_of_their_names() {
    let house = House::new().await;
    let identities = &house.identities;
    let account = identities
        .create_account("Müller AG", Some("m@example.com"))
        .await
        .unwrap();
    identities
        .set_account_alias(account.id, Some("mueller-ag"))
        .await
        .unwrap();
    let account = identities.account(account.id).await.unwrap();
    for found in [
        identities.account_by_name("MÜLLER ag").await,
        identities.account_by_canonical_id(account.canonical_id).await,
        identities.account_by_alias("mueller-ag").await,
    ] {
        assert_eq!(found.unwrap().unwrap(), account);
    }
    let taken = identities.create_account("müller ag", None).await;
    assert_eq!(refusal(taken), "Account müller ag already exists.");
    identities.set_account_alias(account.id, None).await.unwrap();
    assert!(identities.account_by_alias("mueller-ag").await.unwrap().is_none());
    identities.rename_account(account.id, "Müller SE").await.unwrap();
    assert!(identities.account_by_name("Müller AG").await.unwrap().is_none());
    assert!(identities.account_by_name("Müller SE").await.unwrap().is_some());
    let other = house.account("other").await;
    assert!(identities.rename_account(other.id, "müller se").await.is_err());
    assert!(identities.rename_account(other.id, "OTHER").await.is_ok());
}

#[tokio::test]
async fn invalid_values_are_refused() {
    let house = House::new().await;
    let identities = &house.identities;
    for name in ["", " a", "a ", "a\n", &"a".repeat(51)] {
        assert!(identities.create_account(name, None).await.is_err(), "{name:?}");
    }
    for email in ["", "a", "@", "a@", "a b@c"] {
        assert!(
            identities.create_account("a", Some(email)).await.is_err(),
            "{email:?}"
        );
    }
    for alias in ["", "ab", "-ab", "ab-", "a--b", "Abc", "123456789012"] {
        let set = identities.set_account_alias(AccountId::ROOT, Some(alias)).await;
        assert!(set.is_err(), "{alias:?}");
    }
    for max in [0, 101] {
        assert!(
            identities
                .set_max_access_keys(AccountId::ROOT, max)
                .await
                .is_err()
        );
    }
}

#[tokio::test]
async fn an_account_is_deleted_when_it_is_empty() {
    let house = House::new().await;
    let identities = &house.identities;
    let id = house.account("a").await.id;
    house.user(id, "ann").await;
    let refused = identities.delete_account(id).await;
    assert!(matches!(refused, Err(IdentityError::DeleteConflict(_))));
    identities.delete_user(id, &named("ann")).await.unwrap();
    let key = identities
        .create_access_key(id, crate::access_keys::Owner::Root)
        .await
        .unwrap();
    identities.delete_account(id).await.unwrap();
    assert!(is_missing(&identities.account(id).await));
    assert!(identities.account_by_name("a").await.unwrap().is_none());
    assert!(identities.owner_of_key(&key.key.id).await.unwrap().is_none());
    assert!(is_missing(
        &identities.set_account_status(id, AccountStatus::Active).await
    ));
    assert!(house.identities.create_account("a", None).await.is_ok());
}

#[tokio::test]
async fn accounts_are_listed_by_pages() {
    let house = House::new().await;
    for number in 0..7 {
        house.account(&number.to_string()).await;
    }
    let (mut after, mut ids) = (String::new(), Vec::new());
    loop {
        let page = house.identities.accounts(&after, 3).await.unwrap();
        ids.extend(page.entries.iter().map(|account| account.id));
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(ids.len(), 8);
    assert!(ids.is_sorted());
}

#[tokio::test]
async fn the_summary_counts() {
    let house = House::new().await;
    house.user(AccountId::ROOT, "ann").await;
    house.group(AccountId::ROOT, "g").await;
    house.role(AccountId::ROOT, "r").await.unwrap();
    house.policy(AccountId::ROOT, "p").await;
    let summary = house.identities.account_summary(AccountId::ROOT).await.unwrap();
    for name in ["Users", "Groups", "Roles", "Policies"] {
        assert!(summary.contains(&(name, 1)), "{name}");
    }
}
