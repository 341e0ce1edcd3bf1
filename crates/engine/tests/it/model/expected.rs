//! A model of a bucket that keeps the bytes of every version, and its comparison with the real bucket.

use crate::support::protection::{ALICE, MALLORY, Protection};
use crate::support::vault::{BUCKET, Vault};
use crate::support::versioning::reading_version;
use bytes::Bytes;
use std::collections::BTreeMap;
use strongroom_engine::model::settings::Versioning;
use strongroom_engine::model::tags::Tags;
use strongroom_engine::object::delete::Deleted;
use strongroom_engine::object::list::ListObjects;
use strongroom_engine::object::walk::Entry;
use strongroom_engine::version::commit::Committed;
use strongroom_engine::{Error, Mode, VersionName};

pub(crate) const PROTECTIONS: [Protection; 4] = [Protection::S3, Protection::Kms, ALICE, MALLORY];

/// Expected state of a version.
#[derive(Clone)]
pub(crate) struct Version {
    pub(crate) name: VersionName,
    /// `None`: a delete marker.
    pub(crate) content: Option<Content>,
}

#[derive(Clone)]
pub(crate) struct Content {
    pub(crate) bytes: Bytes,
    pub(crate) protection: Protection,
    pub(crate) metadata: String,
    pub(crate) tags: Tags,
    pub(crate) etag: String,
}

/// Expected content of a bucket.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) versioning: Option<Versioning>,
    /// Versions of each key, newest first.
    pub(crate) keys: BTreeMap<String, Vec<Version>>,
}

impl Model {
    /// Adds a version as the newest one.
    pub(crate) fn put(&mut self, key: &str, committed: &Committed, mut content: Content) {
        content.etag.clone_from(&committed.etag);
        let protection = content.protection;
        let mode = match protection {
            Protection::Unspecified | Protection::S3 => Mode::S3,
            Protection::Kms => Mode::Kms,
            Protection::Customer(_) => Mode::Customer,
        };
        assert_eq!(committed.encrypted.mode, mode);
        self.push(key, committed.version, Some(content));
    }

    fn push(&mut self, key: &str, returned: Option<VersionName>, content: Option<Content>) {
        assert_eq!(returned.is_some(), self.versioning.is_some());
        let name = returned.unwrap_or(VersionName::Null);
        let null = self.versioning != Some(Versioning::Enabled);
        assert_eq!(name == VersionName::Null, null);
        let versions = self.keys.entry(key.to_owned()).or_default();
        versions.retain(|version| version.name != VersionName::Null || !null);
        assert!(versions.iter().all(|version| version.name != name));
        versions.insert(0, Version { name, content });
    }

    /// Records that a key was deleted without naming a version.
    pub(crate) fn delete(&mut self, key: &str, deleted: Deleted) {
        if self.versioning.is_some() {
            assert!(deleted.is_marker && deleted.created);
            self.push(key, deleted.version, None);
        } else {
            assert_eq!(deleted, Deleted::default());
            self.keys.remove(key);
        }
    }

    /// Records that a version was deleted by its name.
    pub(crate) fn delete_version(&mut self, key: &str, name: VersionName, deleted: Deleted) {
        let versions = self.keys.entry(key.to_owned()).or_default();
        let gone = versions.iter().position(|version| version.name == name);
        let gone = gone.map(|at| versions.remove(at));
        let is_marker = gone.is_some_and(|version| version.content.is_none());
        let expected = Deleted {
            version: Some(name),
            is_marker,
            created: false,
        };
        assert_eq!(deleted, expected);
        self.keys.retain(|_, versions| !versions.is_empty());
    }

    /// Returns the newest version of a key; `None` if it is a delete marker or there is none.
    pub(crate) fn current(&self, key: &str) -> Option<&Content> {
        self.keys.get(key)?.first()?.content.as_ref()
    }

    pub(crate) fn versions(&self) -> impl Iterator<Item = (&str, &Version, bool)> {
        self.keys.iter().flat_map(|(key, versions)| {
            let versions = versions.iter().enumerate();
            versions.map(move |(at, version)| (key.as_str(), version, at == 0))
        })
    }

    /// Checks that the bucket holds exactly what the model holds.
    pub(crate) async fn matches(&self, vault: &Vault) {
        let listed = vault.versions().await;
        assert_eq!(listed.len(), self.versions().count());
        for (listed, (key, version, is_latest)) in listed.iter().zip(self.versions()) {
            assert_eq!(listed.object.key, key);
            assert_eq!(listed.version, version.name);
            assert_eq!(listed.is_latest, is_latest);
            assert_eq!(listed.is_marker, version.content.is_none());
            if let Some(content) = &version.content {
                assert_eq!(listed.object.etag, content.etag);
                assert_eq!(listed.object.length, content.bytes.len() as u64);
                content.is_version(vault, key, version.name).await;
            }
        }
        let list = ListObjects {
            limit: usize::MAX,
            ..ListObjects::default()
        };
        let page = vault.engine.list_objects(BUCKET, &list).await.unwrap();
        let names: Vec<_> = page.entries.iter().map(Entry::name).collect();
        let current = |key: &&String| self.current(key).is_some();
        let expected: Vec<_> = self.keys.keys().filter(current).collect();
        assert_eq!(names, expected);
        for (key, versions) in &self.keys {
            self.is_current(vault, key, &versions[0]).await;
        }
    }

    async fn is_current(&self, vault: &Vault, key: &str, newest: &Version) {
        if let Some(content) = &newest.content {
            let head = vault.head(key, content.protection).await.unwrap();
            assert_eq!(head.version, self.versioning.map(|_| newest.name));
            assert_eq!(head.etag, content.etag);
        } else {
            let deleted = vault.get(key, Protection::Unspecified).await;
            assert!(
                matches!(deleted, Err(Error::Deleted(_, name)) if name == newest.name),
                "{deleted:?}"
            );
        }
    }
}

/// Returns the customer key that a read must send.
fn whose(protection: Protection) -> Option<[u8; 32]> {
    match protection {
        Protection::Customer(key) => Some(key),
        Protection::Unspecified | Protection::S3 | Protection::Kms => None,
    }
}

impl Content {
    /// Checks that the version of this name has this content and can be decrypted with its own key only.
    async fn is_version(&self, vault: &Vault, key: &str, name: VersionName) {
        for protection in PROTECTIONS {
            // A read must not send the SSE header.
            let got = vault.get_version(key, name, protection).await;
            match got {
                Ok(bytes) => {
                    assert_eq!(
                        whose(protection),
                        whose(self.protection),
                        "{key:?} was decrypted with another key"
                    );
                    assert!(bytes == self.bytes, "{key:?} {name}: other bytes");
                }
                Err(Error::Encryption(_)) => assert_ne!(whose(protection), whose(self.protection)),
                Err(error) => panic!("{key:?} {name}: {error:?}"),
            }
        }
        let read = reading_version(key, name);
        let head = vault.engine.head_object(&read, self.protection.on_read());
        let (info, _) = head.await.unwrap();
        assert_eq!(info.metadata["m"], self.metadata);
        let (tags, _) = vault.engine.object_tags(BUCKET, key, Some(name)).await.unwrap();
        assert_eq!(tags, self.tags);
    }
}
