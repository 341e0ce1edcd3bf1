use super::*;
use crate::id::PartitionId;

const BUCKET: KeyOwner = KeyOwner::Partition(PartitionId([0xb0; 16]));

fn open(directory: &Path) -> KeyFiles {
    KeyFiles::open(&Arc::new(Directory::open(directory).unwrap())).unwrap()
}

async fn stored(keys: &KeyFiles) -> Result<Vec<Bytes>> {
    keys.envelopes(BUCKET).await
}

#[tokio::test]
async fn envelopes_are_found_after_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let keys = open(directory.path());
    keys.add(BUCKET, "bucket".into()).await.unwrap();
    keys.add(KeyOwner::Store, "store".into()).await.unwrap();
    drop(keys);
    let keys = open(directory.path());
    assert_eq!(stored(&keys).await.unwrap(), ["bucket"]);
    assert_eq!(keys.envelopes(KeyOwner::Store).await.unwrap(), ["store"]);
    assert!(keys.place(BUCKET).ends_with("keys/b0") && keys.place(KeyOwner::Store).ends_with("keys/store"));
}

#[tokio::test]
async fn a_removed_envelope_is_in_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let keys = open(directory.path());
    keys.add(BUCKET, "first envelope".into()).await.unwrap();
    keys.add(BUCKET, "second envelope".into()).await.unwrap();
    // A draft that a crash left.
    let draft = directory.path().join("keys").join("b0.new");
    fs::copy(directory.path().join("keys").join("b0"), &draft).unwrap();
    drop(keys);
    let keys = open(directory.path());
    keys.keep_only(BUCKET, KeyDigest::of(b"second envelope"))
        .await
        .unwrap();
    let all = || {
        let files = fs::read_dir(directory.path().join("keys")).unwrap();
        files
            .flat_map(|file| fs::read(file.unwrap().path()).unwrap())
            .collect::<Vec<_>>()
    };
    let contains = |text: &str| all().windows(text.len()).any(|bytes| bytes == text.as_bytes());
    assert!(!contains("first envelope") && contains("second envelope"));
    keys.remove(BUCKET).await.unwrap();
    assert!(!contains("envelope") && !draft.exists());
}

#[tokio::test]
async fn a_damaged_file_is_refused_by_name_and_not_changed() {
    let directory = tempfile::tempdir().unwrap();
    let keys = open(directory.path());
    keys.add(BUCKET, "bucket".into()).await.unwrap();
    keys.add(KeyOwner::Partition(PartitionId([0xb1; 16])), "other".into())
        .await
        .unwrap();
    let place = |name: &str| directory.path().join("keys").join(name);
    let whole = fs::read(place("b0")).unwrap();
    let mut trials: Vec<_> = (0..whole.len() * 8)
        .map(|bit| {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        })
        .collect();
    trials.extend((0..whole.len()).map(|length| whole[..length].to_vec()));
    trials.push(fs::read(place("b1")).unwrap());
    for bytes in trials {
        fs::write(place("b0"), &bytes).unwrap();
        let digest = KeyDigest::of(b"bucket");
        let answers = [
            stored(&keys).await.map(drop),
            keys.of_partitions(0xb0).await.map(drop),
            keys.add(BUCKET, "new".into()).await,
            keys.keep_only(BUCKET, digest).await,
            keys.remove(BUCKET).await,
        ];
        for answer in answers {
            match answer {
                Err(StoreError::Damaged { what, .. }) => assert!(what.ends_with("keys/b0"), "{what}"),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(fs::read(place("b0")).unwrap(), bytes);
    }
    // Files of other names are not touched by it.
    assert_eq!(keys.of_partitions(0xb1).await.unwrap().len(), 1);
    fs::write(place("b0"), whole).unwrap();
    assert_eq!(stored(&keys).await.unwrap(), ["bucket"]);
}

#[tokio::test]
async fn a_deleted_file_has_no_envelopes() {
    let directory = tempfile::tempdir().unwrap();
    let keys = open(directory.path());
    keys.add(BUCKET, "bucket".into()).await.unwrap();
    fs::remove_file(directory.path().join("keys").join("b0")).unwrap();
    assert!(stored(&keys).await.unwrap().is_empty());
}

#[tokio::test]
async fn read_only_files_are_not_changed() {
    let directory = tempfile::tempdir().unwrap();
    let keys = open(directory.path());
    keys.add(BUCKET, "bucket".into()).await.unwrap();
    let read_only = KeyFiles::read_only(directory.path().join("keys"), StoreId::UNKNOWN);
    assert_eq!(stored(&read_only).await.unwrap(), ["bucket"]);
    assert!(read_only.add(BUCKET, "new".into()).await.is_err());
    assert!(read_only.remove(BUCKET).await.is_err());
    assert_eq!(stored(&keys).await.unwrap(), ["bucket"]);
}

#[tokio::test]
async fn a_full_disk_leaves_the_file_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let keys = open(directory.path());
    keys.add(BUCKET, "bucket".into()).await.unwrap();
    // A folder in the way of the draft fails the write, as a full disk does.
    let draft = directory.path().join("keys").join("b0.new");
    fs::create_dir(&draft).unwrap();
    assert!(keys.add(BUCKET, "new".into()).await.is_err());
    assert!(keys.remove(BUCKET).await.is_err());
    assert_eq!(stored(&keys).await.unwrap(), ["bucket"]);
    fs::remove_dir(draft).unwrap();
    keys.add(BUCKET, "new".into()).await.unwrap();
    assert_eq!(stored(&keys).await.unwrap(), ["bucket", "new"]);
}
