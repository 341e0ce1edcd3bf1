//! Daily samples of usage.

use crate::support::clock::DAY;
use crate::support::protection::Protection;
use crate::support::uploading::bulk;
use crate::support::vault::{BUCKET, Vault};
use strongroom_access::arn::AccountId;
use strongroom_engine::background::samples::Sample;

async fn samples(vault: &Vault, days: u32) -> Vec<Sample> {
    let mut all = Vec::new();
    let read = vault
        .engine
        .usage_samples(days, Some(AccountId::ROOT), |sample| all.push(sample));
    read.await.unwrap();
    all
}

#[tokio::test]
async fn each_day_has_one_sample_of_each_bucket_for_as_long_as_they_are_kept() {
    let vault = Vault::memory().await;
    vault.clock.stop();
    vault.clock.set(20_000 * DAY);
    vault
        .put("a", bulk(1, 10), Protection::Unspecified)
        .await
        .unwrap();
    assert_eq!(vault.engine.sample_usage(3).await.unwrap(), 1);
    vault.put("b", bulk(1, 5), Protection::Kms).await.unwrap();
    assert_eq!(vault.engine.sample_usage(3).await.unwrap(), 0, "sampled today");
    vault.clock.advance(DAY - 1);
    assert_eq!(vault.engine.sample_usage(3).await.unwrap(), 0, "still today");
    vault.clock.advance(1);
    assert_eq!(vault.restarted().await.sample_usage(3).await.unwrap(), 1);
    let both = samples(&vault, 2).await;
    let days: Vec<_> = both.iter().map(|sample| sample.day).collect();
    assert_eq!(days, [20_000, 20_001]);
    assert!(both.iter().all(|sample| sample.bucket == BUCKET));
    assert_eq!((both[0].usage.s3.bytes, both[0].usage.kms.bytes), (10, 0));
    assert_eq!((both[1].usage.s3.bytes, both[1].usage.kms.bytes), (10, 5));
    assert_eq!(samples(&vault, 1).await, both[1..]);
    let mut others = Vec::new();
    let other = AccountId::parse("123456789012").unwrap();
    let read = vault
        .engine
        .usage_samples(9, Some(other), |sample| others.push(sample));
    read.await.unwrap();
    assert_eq!(others, []);
    // A deleted bucket keeps its samples; those that are too old go.
    vault.engine.shred_bucket(BUCKET, false).await.unwrap();
    vault.clock.advance(2 * DAY);
    assert_eq!(vault.engine.sample_usage(3).await.unwrap(), 0);
    assert_eq!(samples(&vault, 9).await, both);
    vault.clock.advance(DAY);
    vault.engine.sample_usage(3).await.unwrap();
    assert_eq!(samples(&vault, 9).await, both[1..]);
}
