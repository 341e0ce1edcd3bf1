//! Owners and access control lists of objects, and permissions that were decided by them.

use crate::support::protection::{ALICE, Protection};
use crate::support::vault::{BUCKET, Vault, body, reading, request};
use strongroom_access::arn::{AccountId, CanonicalId};
use strongroom_engine::model::acl::{Acl, Grant, Grantee, ObjectAccess, Permission};
use strongroom_engine::model::condition::WriteConditions;
use strongroom_engine::model::judged::{Judged, JudgedObject};
use strongroom_engine::model::settings::Ownership;
use strongroom_engine::model::tags::Tags;
use strongroom_engine::object::copy::CopyObject;
use strongroom_engine::object::list::{ListObjects, ListVersions};
use strongroom_engine::object::walk::Entry;
use strongroom_engine::{BucketOwner, Engine, Error};

const PLAIN: Protection = Protection::Unspecified;

fn other() -> BucketOwner {
    BucketOwner {
        account: AccountId::parse("111111111111").unwrap(),
        canonical_id: CanonicalId::from_random(&[7; 32]),
    }
}

fn public() -> Acl {
    Acl::new(vec![Grant::new(Grantee::AllUsers, Permission::Read)])
}

fn of_other() -> ObjectAccess {
    ObjectAccess {
        owner: Some(other()),
        acl: Some(public()),
    }
}

async fn own(engine: &Engine, ownership: Ownership) {
    let set = engine.change_bucket_settings(BUCKET, |settings| Ok(settings.set_ownership(ownership)?));
    set.await.unwrap();
}

async fn put(engine: &Engine, access: ObjectAccess, protection: Protection) {
    let mut put = request("a", 7, protection);
    put.object.access = access;
    engine.put_object(put, body("content")).await.unwrap();
}

async fn access(engine: &Engine) -> ObjectAccess {
    engine.object_access(BUCKET, "a", None).await.unwrap().0
}

/// Returns the owners that the listings of objects and of versions name.
async fn listed(engine: &Engine) -> [BucketOwner; 2] {
    let list = ListObjects {
        limit: 10,
        ..ListObjects::default()
    };
    let objects = engine.list_objects(BUCKET, &list).await.unwrap();
    let list = ListVersions {
        limit: 10,
        ..ListVersions::default()
    };
    let versions = engine.list_versions(BUCKET, &list).await.unwrap();
    let (Entry::Item(object), Entry::Item(version)) = (&objects.entries[0], &versions.entries[0]) else {
        panic!("prefixes are listed");
    };
    [object.owner, version.object.owner]
}

#[tokio::test]
async fn owner_and_list_have_an_effect_only_while_lists_are_enabled() {
    for vault in Vault::each().await {
        let engine = &vault.engine;
        put(engine, of_other(), PLAIN).await;
        assert_eq!(access(engine).await, ObjectAccess::default());
        assert_eq!(listed(engine).await, [BucketOwner::FIRST; 2]);
        for enabled in [
            Ownership::ObjectWriter,
            Ownership::BucketOwnerPreferred,
            Ownership::Removed,
        ] {
            own(engine, enabled).await;
            assert_eq!(access(engine).await, of_other());
            assert_eq!(listed(engine).await, [other(); 2]);
        }
        own(engine, Ownership::BucketOwnerEnforced).await;
        assert_eq!(access(engine).await, ObjectAccess::default());
        // Another process reads the same.
        own(engine, Ownership::ObjectWriter).await;
        assert_eq!(access(&vault.restarted().await).await, of_other());
    }
}

#[tokio::test]
async fn changes_of_an_object_keep_owner_and_list_and_a_copy_has_its_own() {
    let vault = Vault::memory().await;
    let engine = &vault.engine;
    own(engine, Ownership::ObjectWriter).await;
    put(engine, of_other(), PLAIN).await;
    let tags = Tags::new([("k".to_owned(), "v".to_owned())], 10).unwrap();
    engine.tag_object(BUCKET, "a", None, &tags).await.unwrap();
    let rewrapped = engine.rewrap_object(BUCKET, "a", None, None, true).await;
    rewrapped.unwrap();
    assert_eq!(access(engine).await, of_other());
    assert_eq!(engine.object_tags(BUCKET, "a", None).await.unwrap().0, tags);

    let mut object = request("a", 0, PLAIN).object;
    object.access.acl = Some(Acl::private(other().canonical_id));
    let copied = object.access.clone();
    let copy = CopyObject {
        source: reading("a"),
        object,
        keep_metadata: false,
        keep_tags: true,
        checksum: None,
        may_change_nothing: false,
        conditions: WriteConditions::default(),
    };
    engine.copy_object(copy, Default::default).await.unwrap();
    assert_eq!(access(engine).await, copied);
    assert_eq!(listed(engine).await, [BucketOwner::FIRST; 2]);
}

#[tokio::test]
async fn a_list_is_changed_without_the_key_of_the_object() {
    let vault = Vault::memory().await;
    let engine = &vault.engine;
    own(engine, Ownership::ObjectWriter).await;
    put(engine, ObjectAccess::default(), ALICE).await;
    let acl = public();
    for acl in [Some(&acl), None] {
        engine.set_object_acl(BUCKET, "a", None, acl).await.unwrap();
        assert_eq!(access(engine).await.acl.as_ref(), acl);
    }
    let missing = engine.set_object_acl(BUCKET, "b", None, None).await;
    assert!(matches!(missing, Err(Error::NoSuchKey(_))));
}

#[tokio::test]
async fn a_permission_for_one_object_is_none_for_another_under_the_same_key() {
    let vault = Vault::memory().await;
    own(&vault.engine, Ownership::ObjectWriter).await;
    let public = ObjectAccess {
        owner: None,
        acl: Some(public()),
    };
    put(&vault.engine, public.clone(), PLAIN).await;
    let judged_by = |by| {
        vault.engine.clone().permitted_by(vec![JudgedObject {
            bucket: BUCKET.to_owned(),
            key: "a".to_owned(),
            version: None,
            by,
        }])
    };
    // Every way to the version, with the permission for a public object.
    let outcomes = async |engine: &Engine| {
        let key = || PLAIN.on_read();
        let mut target = request("copy", 0, PLAIN).object;
        target.access = ObjectAccess::default();
        let copy = CopyObject {
            source: reading("a"),
            object: target,
            keep_metadata: true,
            keep_tags: true,
            checksum: None,
            may_change_nothing: false,
            conditions: WriteConditions::default(),
        };
        [
            engine.get_object(&reading("a"), key).await.map(drop),
            engine.head_object(&reading("a"), key()).await.map(drop),
            engine.object_parts(&reading("a"), key()).await.map(drop),
            engine.object_tags(BUCKET, "a", None).await.map(drop),
            engine.object_access(BUCKET, "a", None).await.map(drop),
            engine
                .tag_object(BUCKET, "a", None, &Tags::default())
                .await
                .map(drop),
            engine
                .set_object_acl(
                    BUCKET,
                    "a",
                    None,
                    Some(&Acl::new(public.acl.as_ref().unwrap().grants().to_vec())),
                )
                .await
                .map(drop),
            engine.copy_object(copy, key).await.map(drop),
        ]
    };
    let engine = judged_by(Judged::Access(public.clone()));
    put(&vault.engine, public.clone(), PLAIN).await;
    assert!(outcomes(&engine).await.iter().all(Result::is_ok));
    for replaced in [ObjectAccess::default(), of_other()] {
        put(&vault.engine, replaced, PLAIN).await;
        for (at, outcome) in outcomes(&engine).await.iter().enumerate() {
            assert!(matches!(outcome, Err(Error::Contended)), "{at}: {outcome:?}");
        }
    }
    // Other objects are not concerned, and the owner's permission holds for any list.
    vault.put("b", "content", PLAIN).await.unwrap();
    assert!(engine.object_tags(BUCKET, "b", None).await.is_ok());
    let by_owner = judged_by(Judged::Owner(Some(other())));
    assert!(by_owner.object_tags(BUCKET, "a", None).await.is_ok());
    let before = judged_by(Judged::Missing);
    assert!(matches!(
        before.object_tags(BUCKET, "a", None).await,
        Err(Error::Contended)
    ));
}
