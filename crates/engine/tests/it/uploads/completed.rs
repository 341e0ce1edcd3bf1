//! Completed multipart uploads: the object consists of the listed parts, in whatever order they were sent.

use crate::support::etag::md5_hex;
use crate::support::protection::{ALICE, Protection};
use crate::support::uploading::{PART, bulk, listing};
use crate::support::vault::{BUCKET, Vault, reading};
use bytes::Bytes;
use strongroom_engine::encryption::EncryptionHeaders;
use strongroom_engine::model::condition::ByteRange;
use strongroom_engine::object::get::{ReadObject, Select};
use strongroom_engine::object::walk::Entry;
use strongroom_engine::upload::{CompletedPart, ListUploads};
use strongroom_engine::{Error, Mode};

const PLAIN: Protection = Protection::Unspecified;

/// Returns the `ETag` of an object with these parts.
fn etag_of(parts: &[CompletedPart]) -> String {
    let etags: Vec<u8> = parts
        .iter()
        .flat_map(|part| hex::decode(&part.etag).unwrap())
        .collect();
    format!("{}-{}", md5_hex(&etags), parts.len())
}

async fn uploads(vault: &Vault) -> usize {
    let list = ListUploads {
        limit: 1000,
        ..ListUploads::default()
    };
    vault
        .engine
        .list_uploads(BUCKET, &list)
        .await
        .unwrap()
        .entries
        .len()
}

#[tokio::test]
async fn parts_are_sent_in_any_order_and_size_and_repeatedly() {
    for vault in Vault::each().await {
        for protection in [PLAIN, ALICE] {
            let upload = vault.begin("a", protection).await;
            let parts = [
                (2, bulk(1, PART)),
                (5, bulk(2, PART + 65_537)),
                (77, bulk(3, PART + 1)),
                (9_999, bulk(4, PART + 99_999)),
                (10_000, bulk(5, 12_345)),
            ];
            let mut listed = Vec::new();
            for at in [3, 0, 4, 2, 1] {
                let (number, bytes) = &parts[at];
                // A part replaces the previous one with its number, whether that is larger or smaller.
                upload.part(*number, bulk(9, 70_000 + at)).await.unwrap();
                let part = upload.part(*number, bytes.clone()).await.unwrap();
                if protection == PLAIN {
                    assert_eq!(part.etag, md5_hex(bytes));
                }
                listed.push(listing(*number, &part));
            }
            // This part is not listed in the completion.
            upload.part(3, bulk(8, 80_000)).await.unwrap();
            upload.part(78, "tiny").await.unwrap();
            listed.sort_by_key(|part| part.number);
            let completed = upload.complete(&listed).await.unwrap();
            assert_eq!(completed.committed.etag, etag_of(&listed));
            let whole = parts.map(|(_, bytes)| bytes).concat();
            assert!(vault.get("a", protection).await.unwrap() == whole);
            let head = vault.head("a", protection).await.unwrap();
            assert_eq!(head.length, whole.len() as u64);
            assert_eq!(head.parts, Some(5));
            assert_eq!(head.etag, completed.committed.etag);

            vault.engine.collect().await.unwrap();
            assert_eq!(
                vault.blobs().await.len(),
                5,
                "only the parts of the object are left"
            );
            assert_eq!(uploads(&vault).await, 0);
            let kinds = vault.kinds_of_rows().await;
            assert!(
                !kinds.iter().any(|kind| kind == "part" || kind == "spent"),
                "{kinds:?}"
            );
        }
        vault.emptied().await;
    }
}

#[tokio::test]
async fn a_single_part_of_any_size_is_an_object() {
    let vault = Vault::memory().await;
    for protection in [PLAIN, ALICE] {
        for size in [0, 1, 65_536, 200_000] {
            for number in [1, 7, 10_000] {
                let upload = vault.begin("a", protection).await;
                let part = upload.part(number, bulk(1, size)).await.unwrap();
                let listed = [listing(number, &part)];
                let completed = upload.complete(&listed).await.unwrap();
                assert_eq!(completed.committed.etag, etag_of(&listed));
                assert!(vault.get("a", protection).await.unwrap() == bulk(1, size));
                assert_eq!(vault.head("a", protection).await.unwrap().parts, Some(1));
                let by_number = ReadObject {
                    select: Select::Part(u32::try_from(number).unwrap()),
                    ..reading("a")
                };
                assert!(vault.read(&by_number, protection).await.unwrap() == bulk(1, size));
            }
        }
    }
    vault.emptied().await;
}

#[tokio::test]
async fn ranges_and_parts_are_read_across_every_part_boundary() {
    let vault = Vault::local().await;
    let sizes = [PART, PART + 70_001, PART + 65_536, 100];
    for protection in [PLAIN, ALICE] {
        let upload = vault.begin("a", protection).await;
        let mut listed = Vec::new();
        let mut whole = Vec::new();
        let mut edges = vec![0];
        for (number, size) in [3_i64, 4, 10, 11].into_iter().zip(sizes) {
            let bytes = bulk(number.unsigned_abs(), size);
            listed.push(listing(
                number,
                &upload.part(number, bytes.clone()).await.unwrap(),
            ));
            whole.extend_from_slice(&bytes);
            edges.push(whole.len());
        }
        upload.complete(&listed).await.unwrap();
        let mut points: Vec<_> = edges
            .iter()
            .flat_map(|edge| [edge.saturating_sub(1), *edge, edge + 1, edge + 65_536])
            .filter(|point| *point < whole.len())
            .collect();
        points.push(whole.len() - 1);
        for first in &points {
            for last in points.iter().filter(|last| *last >= first) {
                let range = ByteRange::From(*first as u64, Some(*last as u64));
                let got = vault.get_range("a", protection, range).await.unwrap();
                assert!(got == whole[*first..=*last], "{first} to {last}");
            }
        }
        for (number, at) in [(3, 0), (4, 1), (10, 2), (11, 3)] {
            let read = ReadObject {
                select: Select::Part(number),
                ..reading("a")
            };
            let (info, range) = vault
                .engine
                .head_object(&read, protection.on_read())
                .await
                .unwrap();
            assert_eq!(range, edges[at] as u64..edges[at + 1] as u64);
            assert_eq!((info.length, info.parts), (whole.len() as u64, Some(4)));
            assert!(vault.read(&read, protection).await.unwrap() == whole[edges[at]..edges[at + 1]]);
        }
        for number in [0, 1, 5, 12, 10_000] {
            let read = ReadObject {
                select: Select::Part(number),
                ..reading("a")
            };
            let missing = vault.read(&read, protection).await;
            assert!(
                matches!(missing, Err(Error::InvalidPartNumber { requested, parts: 4 }) if requested == number),
                "{missing:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_object_with_more_parts_than_fit_in_its_row_is_read_and_deleted() {
    let vault = Vault::memory().await;
    vault.keep_versions().await;
    for count in [16_u64, 17] {
        let mut parts: Vec<Bytes> = (1..count).map(|seed| bulk(seed, PART)).collect();
        parts.push(bulk(count, 10));
        vault.multipart("a", ALICE, &parts).await;
        let kinds = vault.kinds_of_rows().await;
        assert_eq!(kinds.iter().any(|kind| kind == "parts"), count > 16);
        assert!(vault.get("a", ALICE).await.unwrap() == parts.concat());
        let info = vault.engine.object_parts(&reading("a"), ALICE.on_read()).await;
        let (info, returned) = info.unwrap();
        assert_eq!(info.parts, Some(parts.len()));
        for ((number, part), returned) in (1..).zip(&parts).zip(returned) {
            assert_eq!((returned.number, returned.length), (number, part.len() as u64));
        }
    }
    assert_eq!(vault.versions().await.len(), 2);
    vault.emptied().await;
}

#[tokio::test]
async fn headers_metadata_and_tags_come_from_the_start_of_the_upload() {
    use crate::support::vault::new_object;
    use strongroom_engine::model::tags::Tags;
    use strongroom_engine::upload::BeginUpload;

    for protection in [PLAIN, ALICE] {
        let vault = Vault::memory().await;
        let mut object = new_object(BUCKET, "a", protection);
        object.headers.insert("content-type".into(), "text/plain".into());
        object.metadata.insert("colour".into(), "grün".into());
        object.tags = Tags::new([("k".to_owned(), "v".to_owned())], 10).unwrap();
        let (headers, metadata) = (object.headers.clone(), object.metadata.clone());
        let begin = BeginUpload {
            object,
            checksum: None,
            initiator: None,
        };
        let upload = crate::support::uploading::Upload::begin(&vault.engine, begin, protection)
            .await
            .unwrap();
        upload.all(&[bulk(1, 10)]).await;
        let head = vault.head("a", protection).await.unwrap();
        assert_eq!((head.headers, head.metadata, head.tags), (headers, metadata, 1));
        let (tags, _) = vault.engine.object_tags(BUCKET, "a", None).await.unwrap();
        assert_eq!(tags.get("k"), Some("v"));
        assert_eq!(head.encrypted.mode == Mode::Customer, protection == ALICE);
    }
}

#[tokio::test]
async fn uploads_and_parts_are_listed_page_by_page() {
    let vault = Vault::memory().await;
    let mut expected = Vec::new();
    for key in ["a", "b/1", "b/2", "c\0"] {
        for _ in 0..3 {
            let upload = vault.begin(key, ALICE).await;
            expected.push((key.to_owned(), upload.name.id));
        }
    }
    for limit in 1..6 {
        let mut list = ListUploads {
            limit,
            ..ListUploads::default()
        };
        let mut paged = Vec::new();
        loop {
            let page = vault.engine.list_uploads(BUCKET, &list).await.unwrap();
            for entry in page.entries {
                let Entry::Item(listed) = entry else {
                    panic!("{entry:?}")
                };
                paged.push((listed.key, listed.id));
            }
            if !page.truncated {
                break;
            }
            let (key, id) = paged.last().unwrap().clone();
            (list.after, list.after_upload) = (key, Some(id));
        }
        assert_eq!(paged, expected, "in the order in which they were begun");
    }
    let upload = vault.begin("parts", ALICE).await;
    let numbers = [1, 2, 9, 10, 11, 100, 9_999, 10_000];
    for number in numbers.iter().rev() {
        upload.part(*number, bulk(1, 10)).await.unwrap();
    }
    for limit in 1..9 {
        let (mut after, mut paged) = (0, Vec::new());
        loop {
            let page = vault
                .engine
                .list_parts(&upload.name, after, limit, EncryptionHeaders::default())
                .await
                .unwrap();
            assert_eq!(page.mode, Mode::Customer);
            assert!(page.parts.iter().all(|part| part.length == 10));
            paged.extend(page.parts.iter().map(|part| i64::from(part.number)));
            if !page.truncated {
                break;
            }
            after = page.parts.last().unwrap().number;
        }
        assert_eq!(paged, numbers);
    }
}
