//! Random sequences of operations: the bucket always matches the model, and nothing is left after everything is deleted.

use crate::model::expected::Model;
use crate::model::run::{Run, SIZES};
use crate::support::copying::copying;
use crate::support::seeded_random::SeededRandom;
use crate::support::vault::{BUCKET, Vault, body, request};
use crate::support::versioning::{deletion, reading_version};
use strongroom_engine::model::checksum::ChecksumAlgorithm;
use strongroom_engine::model::settings::Versioning;
use strongroom_engine::model::tags::Tags;
use strongroom_engine::object::copy::CopyObject;

const KEYS: [&str; 5] = ["a", "a/b", "b\0", "b\u{1}", "c"];
const MAX_VERSIONS: usize = 5;

impl Run {
    async fn put(&mut self, key: &str) {
        let size = self.random.one_of(&SIZES);
        let content = self.content(size);
        let mut put = request(key, content.bytes.len(), content.protection);
        put.object.metadata.insert("m".into(), content.metadata.clone());
        put.object.tags = content.tags.clone();
        let body = body(content.bytes.clone());
        let outcome = self.vault.engine.put_object(put, body).await;
        self.model.put(key, &outcome.unwrap().committed, content);
    }

    async fn copy(&mut self, key: &str, onto_itself: bool) {
        let Some((source, name, of_source, is_latest)) = self.any_object() else {
            return;
        };
        let target = if onto_itself {
            source.clone()
        } else {
            key.to_owned()
        };
        let mut content = self.content(0);
        content.bytes = of_source.bytes.clone();
        let mut copy = copying(&source, &target, content.protection);
        if !is_latest || self.random.happens() {
            copy.source = reading_version(&source, name);
        }
        copy.object.metadata.insert("m".into(), content.metadata.clone());
        copy.object.tags = content.tags.clone();
        copy.keep_metadata = self.random.happens();
        copy.keep_tags = self.random.happens();
        if copy.keep_metadata {
            content.metadata = of_source.metadata;
        }
        if copy.keep_tags {
            content.tags = of_source.tags;
        }
        let copy = CopyObject {
            may_change_nothing: true,
            checksum: (self.random.below(4) == 0).then_some(ChecksumAlgorithm::Sha256),
            ..copy
        };
        let copied = self.vault.copy(copy, of_source.protection).await.unwrap();
        assert_eq!(copied.source, self.model.versioning.map(|_| name));
        self.model.put(&target, &copied.committed, content);
    }

    async fn delete(&mut self, key: &str) {
        self.model.delete(key, self.vault.delete(key).await.unwrap());
    }

    async fn delete_some_version(&mut self) {
        let versions = self.model.versions();
        let all: Vec<_> = versions
            .map(|(key, version, _)| (key.to_owned(), version.name))
            .collect();
        if all.is_empty() {
            return;
        }
        let (key, name) = all[self.random.below(all.len())].clone();
        let deleted = self.vault.delete_version(&key, name).await;
        self.model.delete_version(&key, name, deleted.unwrap());
    }

    async fn tag(&mut self) {
        let Some((key, name, content, _)) = self.any_object() else {
            return;
        };
        let tags = Tags::new([("t".to_owned(), content.metadata)], 10).unwrap();
        let returned = self
            .vault
            .engine
            .tag_object(BUCKET, &key, Some(name), &tags)
            .await;
        assert_eq!(returned.unwrap(), self.model.versioning.map(|_| name));
        let versions = self.model.keys.get_mut(&key).unwrap();
        let tagged = versions.iter_mut().find(|version| version.name == name);
        tagged.unwrap().content.as_mut().unwrap().tags = tags;
    }

    async fn set_versioning(&mut self) {
        let versioning = self.random.one_of(&[Versioning::Enabled, Versioning::Suspended]);
        self.vault.set_versioning(versioning).await;
        self.model.versioning = Some(versioning);
    }

    async fn restart(&mut self) {
        self.vault.engine = self.vault.restarted().await;
        assert_eq!(self.vault.engine.collect_orphans().await.unwrap(), 0);
    }

    async fn step(&mut self) {
        let key = self.random.one_of(&KEYS);
        if self.model.keys.values().any(|of_key| of_key.len() > MAX_VERSIONS) {
            return self.delete_some_version().await;
        }
        match self.random.below(40) {
            0..8 => self.put(key).await,
            8..12 => self.copy(key, false).await,
            12..19 => self.copy(key, true).await,
            19..22 => self.delete(key).await,
            22..25 => self.delete_some_version().await,
            25 => self.tag().await,
            26..28 => self.begin(key).await,
            28..34 => self.part().await,
            34..36 => self.end_upload().await,
            36 => self.set_versioning().await,
            37 => self.restart().await,
            _ => self.vault.engine.collect().await.unwrap(),
        }
    }

    async fn end(mut self) {
        while !self.uploads.is_empty() {
            self.end_upload().await;
        }
        self.model.matches(&self.vault).await;
        let versions = self.model.versions();
        let all: Vec<_> = versions
            .map(|(key, version, _)| deletion(key, version.name))
            .collect();
        for outcome in self.vault.engine.delete_objects(BUCKET, &all).await.unwrap() {
            outcome.unwrap();
        }
        self.vault.is_empty_once_collected().await;
        self.vault
            .engine
            .delete_bucket(BUCKET)
            .await
            .expect("the counter is 0");
        self.vault.engine.collect().await.unwrap();
        assert_eq!(self.vault.partitions.all().len(), 1);
    }
}

async fn run(vault: Vault, seed: u64, steps: usize) {
    let mut run = Run {
        vault,
        random: SeededRandom(seed),
        model: Model::default(),
        uploads: Vec::new(),
        seed: seed * 10_000,
    };
    for step in 0..steps {
        run.step().await;
        let recount = run.vault.engine.recount(BUCKET).await.unwrap();
        assert!(recount.is_exact(), "step {step}: {recount:?}");
        if step % 12 == 0 {
            run.model.matches(&run.vault).await;
        }
    }
    run.end().await;
}

#[tokio::test]
async fn random_operations_match_the_model_in_memory() {
    for seed in 0..12 {
        println!("seed {seed}");
        run(Vault::memory().await, seed, 150).await;
    }
}

#[tokio::test]
async fn random_operations_match_the_model_on_a_disk() {
    for seed in 100..104 {
        println!("seed {seed}");
        run(Vault::local().await, seed, 150).await;
    }
}
