//! Random operations by several clients at once: after all of them, the counters are what a recount finds.

use crate::support::clock::DAY;
use crate::support::copying::copying;
use crate::support::kms_double::OTHER_KEY;
use crate::support::protection::{ALICE, Protection};
use crate::support::seeded_random::SeededRandom;
use crate::support::uploading::{bulk, listing};
use crate::support::vault::{BUCKET, Vault};
use crate::support::versioning::deletion;
use std::sync::Arc;
use strongroom_engine::encryption::kms::KmsWish;
use strongroom_engine::model::settings::Versioning;
use strongroom_engine::model::settings::lifecycle::{
    Expiration, LifecycleFilter, LifecycleRule, NoncurrentExpiration,
};
use strongroom_engine::operator::rewrap_bucket::{From, RewrapBucket};

const PLAIN: Protection = Protection::Unspecified;
const KMS: Protection = Protection::Kms;

const KEYS: [&str; 3] = ["a", "b", "c"];

/// Does one random operation. Others may meet it on the same key, so it may fail.
async fn step(vault: &Vault, random: &mut SeededRandom) {
    let (key, other) = (random.one_of(&KEYS), random.one_of(&KEYS));
    let protection = random.one_of(&[PLAIN, KMS, ALICE]);
    let size = random.one_of(&[0, 100, 70_000]);
    match random.below(14) {
        0..4 => drop(vault.put(key, bulk(1, size), protection).await),
        4 => drop(vault.copy(copying(key, other, protection), PLAIN).await),
        5 => drop(vault.copy(copying(key, key, protection), PLAIN).await),
        6 => drop(vault.delete(key).await),
        7 => {
            let all: Vec<_> = vault
                .versions()
                .await
                .into_iter()
                .map(|listed| deletion(&listed.object.key, listed.version))
                .take(3)
                .collect();
            drop(vault.engine.delete_objects(BUCKET, &all).await);
        }
        8..10 => {
            let upload = vault.begin(key, protection).await;
            // A lifecycle rule may have aborted it.
            let Ok(part) = upload.part(1, bulk(1, size)).await else {
                return;
            };
            drop(upload.part(2, bulk(2, 100)).await);
            match (random.happens(), random.happens()) {
                (true, _) => drop(upload.complete(&[listing(1, &part)]).await),
                (false, true) => drop(upload.abort().await),
                (false, false) => {}
            }
        }
        10 => {
            let rewrap = RewrapBucket {
                bucket: BUCKET.to_owned(),
                prefix: String::new(),
                from: From::S3,
                to: Some(KmsWish::of_key(OTHER_KEY.to_owned(), false)),
                rate: None,
            };
            drop(vault.engine.rewrap_bucket(&rewrap, |_| {}).await);
        }
        11 => {
            let versioning = random.one_of(&[Versioning::Enabled, Versioning::Suspended]);
            vault.set_versioning(versioning).await;
        }
        12 => {
            vault.clock.advance(DAY);
            drop(vault.engine.run_lifecycle().await);
        }
        _ => drop(vault.engine.collect().await),
    }
}

async fn set_rules(vault: &Vault) {
    let rule = LifecycleRule {
        id: "rule".to_owned(),
        enabled: true,
        filter: LifecycleFilter {
            prefix: Some("a".to_owned()),
            ..LifecycleFilter::default()
        },
        without_filter: false,
        expiration: Some(Expiration::Days(1)),
        noncurrent: Some(NoncurrentExpiration { days: 1, keep: None }),
        abort_uploads_after: Some(2),
    };
    let change = vault.engine.change_bucket_settings(BUCKET, move |settings| {
        settings.lifecycle = vec![rule.clone()];
        Ok(())
    });
    change.await.unwrap();
}

#[tokio::test]
async fn counters_are_exact_after_each_operation() {
    let vault = Vault::memory().await;
    set_rules(&vault).await;
    let mut random = SeededRandom(1);
    for n in 0..600 {
        step(&vault, &mut random).await;
        let recount = vault.engine.recount(BUCKET).await.unwrap();
        assert!(recount.is_exact(), "operation {n}: {recount:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counters_are_exact_while_many_write() {
    for vault in Vault::each().await {
        set_rules(&vault).await;
        let vault = Arc::new(vault);
        let clients = (0..6).map(|client| {
            let vault = Arc::clone(&vault);
            tokio::spawn(async move {
                let mut random = SeededRandom(100 + client);
                for _ in 0..60 {
                    step(&vault, &mut random).await;
                }
            })
        });
        let clients: Vec<_> = clients.collect();
        while clients.iter().any(|client| !client.is_finished()) {
            let recount = vault.engine.recount(BUCKET).await.unwrap();
            assert!(recount.is_exact(), "{recount:?}");
            tokio::task::yield_now().await;
        }
        for client in clients {
            client.await.unwrap();
        }
        let recount = vault.engine.recount(BUCKET).await.unwrap();
        assert!(
            recount.is_exact() && recount.rows.total().versions > 0,
            "{recount:?}"
        );
    }
}
