use super::*;
use crate::model::quota::AccountQuota;

#[tokio::test]
async fn a_quota_is_there_at_once_and_after_a_restart_until_the_account_is_deleted() {
    let house = House::new().await;
    let account = house.account("museum").await.id;
    let identities = &house.identities;
    assert!(identities.quota(account).is_none());
    let changed = identities.change_quota(account, |quota| quota.bytes = Some(10));
    assert_eq!(changed.await.unwrap().bytes, Some(10));
    let changed = identities.change_quota(account, |quota| quota.requests_per_second = Some(7));
    let expected = AccountQuota {
        bytes: Some(10),
        requests_per_second: Some(7),
        ..AccountQuota::default()
    };
    assert_eq!(changed.await.unwrap(), expected);
    assert_eq!(identities.quota(account), expected);
    assert!(identities.quota(AccountId::ROOT).is_none());
    assert_eq!(house.reopened().await.quota(account), expected);
    identities.delete_account(account).await.unwrap();
    assert!(identities.quota(account).is_none());
    assert!(house.reopened().await.quota(account).is_none());
    let changed = identities
        .change_quota(account, |quota| quota.bytes = Some(10))
        .await;
    assert!(is_missing(&changed));
}

#[tokio::test]
async fn a_cleared_quota_leaves_no_row() {
    let house = House::new().await;
    let account = house.account("museum").await.id;
    let identities = &house.identities;
    let set = identities.change_quota(account, |quota| quota.buckets = Some(0));
    assert_eq!(set.await.unwrap().buckets, Some(0));
    let cleared = identities.change_quota(account, |quota| *quota = AccountQuota::default());
    cleared.await.unwrap();
    assert!(identities.quota(account).is_none());
    assert!(house.reopened().await.quota(account).is_none());
    let row = identities
        .row::<AccountQuota>(&crate::key::quota(account))
        .await
        .unwrap();
    assert!(row.is_none());
}
