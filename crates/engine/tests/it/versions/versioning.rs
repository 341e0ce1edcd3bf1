//! Versions of a key while versioning is enabled, suspended and enabled again.

use crate::support::protection::{ALICE, MALLORY, Protection};
use crate::support::vault::{BUCKET, Vault, content};
use strongroom_engine::model::settings::Versioning;
use strongroom_engine::object::delete::Deleted;
use strongroom_engine::object::list::{ListObjects, ListedVersion};
use strongroom_engine::{Error, VersionName};

const PLAIN: Protection = Protection::Unspecified;

/// Returns name, whether it is the newest, and whether it is a marker, for each listed version.
fn summaries(versions: &[ListedVersion]) -> Vec<(VersionName, bool, bool)> {
    let summaries = |listed: &ListedVersion| (listed.version, listed.is_latest, listed.is_marker);
    versions.iter().map(summaries).collect()
}

async fn listed_objects(vault: &Vault) -> usize {
    let list = ListObjects {
        limit: 1000,
        ..ListObjects::default()
    };
    let page = vault.engine.list_objects(BUCKET, &list).await.unwrap();
    page.entries.len()
}

fn marker(made: Deleted) -> VersionName {
    assert!(made.is_marker && made.created, "{made:?}");
    made.version.unwrap()
}

#[tokio::test]
async fn a_bucket_without_versioning_reports_no_versions() {
    for vault in Vault::each().await {
        let put = vault.put("a", "x", ALICE).await.unwrap();
        assert_eq!(put.committed.version, None);
        assert_eq!(vault.head("a", ALICE).await.unwrap().version, None);
        // It can still be named, as on AWS.
        let named = vault.get_version("a", VersionName::Null, ALICE).await;
        assert_eq!(named.unwrap(), b"x");
        assert_eq!(
            summaries(&vault.versions().await),
            [(VersionName::Null, true, false)]
        );
        assert_eq!(vault.delete("a").await.unwrap(), Deleted::default());
        vault.is_empty_once_collected().await;
    }
}

#[tokio::test]
async fn each_put_adds_a_version_and_each_deletion_a_marker() {
    for vault in Vault::each().await {
        vault.keep_versions().await;
        let first = vault.put_version("a", content(1, 100_000), ALICE).await;
        let second = vault.put_version("a", "second", MALLORY).await;
        let deleted = marker(vault.delete("a").await.unwrap());
        let again = marker(vault.delete("a").await.unwrap());
        match vault.get("a", ALICE).await {
            Err(Error::Deleted(key, version)) => assert_eq!((key.as_str(), version), ("a", again)),
            other => panic!("{other:?}"),
        }
        assert_eq!(listed_objects(&vault).await, 0);
        let expected = [
            (again, true, true),
            (deleted, false, true),
            (second, false, false),
            (first, false, false),
        ];
        assert_eq!(summaries(&vault.versions().await), expected);
        assert!(vault.get_version("a", first, ALICE).await.unwrap() == content(1, 100_000));
        assert_eq!(vault.get_version("a", second, MALLORY).await.unwrap(), b"second");
        let read = vault.get_version("a", deleted, ALICE).await;
        assert!(
            matches!(read, Err(Error::IsDeleteMarker(version, _)) if version == deleted),
            "{read:?}"
        );
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.blobs().await.len(), 1, "there is no garbage");
        vault.emptied().await;
    }
}

#[tokio::test]
async fn deleting_the_newest_version_reveals_the_next_older_one() {
    for vault in Vault::each().await {
        vault.keep_versions().await;
        let first = vault.put_version("a", content(1, 100_000), ALICE).await;
        let second = vault.put_version("a", "second", MALLORY).await;
        let deleted = marker(vault.delete("a").await.unwrap());
        let third = vault.put_version("a", "third", PLAIN).await;

        let gone = vault.delete_version("a", third).await.unwrap();
        assert_eq!(
            (gone.version, gone.is_marker, gone.created),
            (Some(third), false, false)
        );
        let read = vault.get("a", PLAIN).await;
        assert!(
            matches!(read, Err(Error::Deleted(_, version)) if version == deleted),
            "{read:?}"
        );
        assert_eq!(listed_objects(&vault).await, 0);

        let gone = vault.delete_version("a", deleted).await.unwrap();
        assert_eq!(
            (gone.version, gone.is_marker, gone.created),
            (Some(deleted), true, false)
        );
        assert_eq!(vault.get("a", MALLORY).await.unwrap(), b"second");
        assert_eq!(vault.head("a", MALLORY).await.unwrap().version, Some(second));
        assert_eq!(listed_objects(&vault).await, 1);

        vault.delete_version("a", second).await.unwrap();
        assert!(vault.get("a", ALICE).await.unwrap() == content(1, 100_000));
        vault.delete_version("a", first).await.unwrap();
        let read = vault.get("a", ALICE).await;
        assert!(matches!(read, Err(Error::NoSuchKey(_))), "{read:?}");
        vault.is_empty_once_collected().await;
    }
}

#[tokio::test]
async fn deleting_a_version_in_the_middle_keeps_the_others() {
    let vault = Vault::memory().await;
    vault.keep_versions().await;
    let mut versions = Vec::new();
    for number in 0..5 {
        let bytes = content(number, 70_000);
        versions.push(vault.put_version("a", bytes, ALICE).await);
    }
    for (number, version) in (0..).zip(&versions).skip(1).take(3) {
        vault.delete_version("a", *version).await.unwrap();
        let gone = vault.get_version("a", *version, ALICE).await;
        assert!(
            matches!(gone, Err(Error::NoSuchVersion(_, name)) if name == *version),
            "{gone:?}"
        );
        assert!(vault.get("a", ALICE).await.unwrap() == content(4, 70_000));
        let first = vault.get_version("a", versions[0], ALICE).await.unwrap();
        assert!(first == content(0, 70_000), "{number}");
    }
    vault.engine.collect().await.unwrap();
    assert_eq!(vault.blobs().await.len(), 2);
    vault.delete_version("a", versions[4]).await.unwrap();
    assert!(vault.get("a", ALICE).await.unwrap() == content(0, 70_000));
    vault.emptied().await;
}

#[tokio::test]
async fn deleting_a_missing_version_succeeds() {
    let vault = Vault::memory().await;
    vault.keep_versions().await;
    let kept = vault.put_version("a", "x", PLAIN).await;
    for version in [VersionName::Null, VersionName::Id([7; 16])] {
        for key in ["a", "nothing"] {
            let deleted = vault.delete_version(key, version).await.unwrap();
            assert_eq!(
                (deleted.version, deleted.is_marker, deleted.created),
                (Some(version), false, false)
            );
        }
    }
    assert_eq!(summaries(&vault.versions().await), [(kept, true, false)]);
}

#[tokio::test]
async fn an_object_from_before_versioning_becomes_the_null_version() {
    for vault in Vault::each().await {
        vault.put("a", content(1, 100_000), ALICE).await.unwrap();
        vault.keep_versions().await;
        assert_eq!(
            vault.head("a", ALICE).await.unwrap().version,
            Some(VersionName::Null)
        );
        let second = vault.put_version("a", "second", PLAIN).await;
        let listed = summaries(&vault.versions().await);
        assert_eq!(listed, [(second, true, false), (VersionName::Null, false, false)]);
        let null = vault.get_version("a", VersionName::Null, ALICE).await.unwrap();
        assert!(null == content(1, 100_000));

        // It becomes the newest version and is covered again.
        vault.delete_version("a", second).await.unwrap();
        assert!(vault.get("a", ALICE).await.unwrap() == content(1, 100_000));
        let third = vault.put_version("a", "third", PLAIN).await;
        assert_eq!(vault.get("a", PLAIN).await.unwrap(), b"third");
        let null = vault.get_version("a", VersionName::Null, ALICE).await.unwrap();
        assert!(null == content(1, 100_000));

        // It is deleted by its name while it is covered.
        let deleted = vault.delete_version("a", VersionName::Null).await.unwrap();
        assert_eq!(deleted.version, Some(VersionName::Null));
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.blobs().await, []);
        let gone = vault.get_version("a", VersionName::Null, ALICE).await;
        assert!(matches!(gone, Err(Error::NoSuchVersion(..))), "{gone:?}");
        assert_eq!(summaries(&vault.versions().await), [(third, true, false)]);
        vault.emptied().await;
    }
}

#[tokio::test]
async fn writes_with_versioning_suspended_replace_only_the_null_version() {
    for vault in Vault::each().await {
        vault.keep_versions().await;
        let kept = vault.put_version("a", content(1, 100_000), ALICE).await;
        vault.suspend().await;
        for number in 2..5 {
            let bytes = content(number, 80_000);
            assert_eq!(vault.put_version("a", bytes, MALLORY).await, VersionName::Null);
            let listed = summaries(&vault.versions().await);
            assert_eq!(listed, [(VersionName::Null, true, false), (kept, false, false)]);
        }
        vault.engine.collect().await.unwrap();
        assert_eq!(
            vault.blobs().await.len(),
            2,
            "the previous null versions were deleted"
        );

        // A deletion replaces it by a marker that is the null version.
        assert_eq!(marker(vault.delete("a").await.unwrap()), VersionName::Null);
        assert_eq!(marker(vault.delete("a").await.unwrap()), VersionName::Null);
        let listed = summaries(&vault.versions().await);
        assert_eq!(listed, [(VersionName::Null, true, true), (kept, false, false)]);
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.blobs().await.len(), 1);

        // Versioning is enabled again: the marker stays below until the null version is written again.
        vault.keep_versions().await;
        let newer = vault.put_version("a", "newer", PLAIN).await;
        let expected = [
            (newer, true, false),
            (VersionName::Null, false, true),
            (kept, false, false),
        ];
        assert_eq!(summaries(&vault.versions().await), expected);
        vault.suspend().await;
        vault.put_version("a", "null again", PLAIN).await;
        let expected = [
            (VersionName::Null, true, false),
            (newer, false, false),
            (kept, false, false),
        ];
        assert_eq!(
            summaries(&vault.versions().await),
            expected,
            "there is at most one null version"
        );

        // It is deleted by its name while it is the newest.
        vault.delete_version("a", VersionName::Null).await.unwrap();
        assert_eq!(vault.get("a", PLAIN).await.unwrap(), b"newer");
        assert!(vault.get_version("a", kept, ALICE).await.unwrap() == content(1, 100_000));
        vault.emptied().await;
    }
}

#[tokio::test]
async fn a_marker_is_created_even_for_a_missing_key() {
    for versioning in [Versioning::Enabled, Versioning::Suspended] {
        let vault = Vault::memory().await;
        vault.set_versioning(versioning).await;
        let made = marker(vault.delete("nothing").await.unwrap());
        assert_eq!(made == VersionName::Null, versioning == Versioning::Suspended);
        assert_eq!(summaries(&vault.versions().await), [(made, true, true)]);
        assert_eq!(listed_objects(&vault).await, 0);
        let refused = vault.engine.delete_bucket(BUCKET).await;
        assert!(matches!(refused, Err(Error::BucketNotEmpty(_))), "{refused:?}");
        vault.emptied().await;
        vault.engine.delete_bucket(BUCKET).await.unwrap();
    }
}

#[tokio::test]
async fn a_bucket_with_old_versions_or_markers_is_not_deleted() {
    for vault in Vault::each().await {
        vault.keep_versions().await;
        vault.put("a", content(1, 70_000), ALICE).await.unwrap();
        vault.put("a", "second", ALICE).await.unwrap();
        vault.delete("a").await.unwrap();
        for listed in vault.versions().await {
            let refused = vault.engine.delete_bucket(BUCKET).await;
            assert!(matches!(refused, Err(Error::BucketNotEmpty(_))), "{refused:?}");
            let deleted = vault.delete_version("a", listed.version).await.unwrap();
            assert_eq!(deleted.is_marker, listed.is_marker);
        }
        vault.engine.delete_bucket(BUCKET).await.unwrap();
        vault.engine.collect().await.unwrap();
        assert_eq!(vault.blobs().await, []);
        assert_eq!(vault.partitions.all().len(), 1, "only the root is left");
    }
}
