use super::*;
use crate::room::Admission;

fn room(reserve: Option<u64>) -> (Arc<DiskRoom>, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let opened = Arc::new(Directory::open(directory.path()).unwrap());
    (Arc::new(DiskRoom::new(opened, reserve)), directory)
}

/// Gives the room this many bytes above its reserve, until the next look at the disk.
fn set_free(room: &DiskRoom, above_reserve: u64) {
    let mut state = room.state();
    state.looked = Some(Instant::now() + Duration::from_mins(10));
    state.reserve = 1000;
    state.free = 1000 + above_reserve;
}

#[test]
fn the_default_reserve_is_small_on_small_disks() {
    assert_eq!(default_reserve(100 << 20), 10 << 20);
    assert_eq!(default_reserve(20 << 30), 1 << 30);
    assert_eq!(default_reserve(1000 << 30), 20 << 30);
}

#[test]
fn room_is_kept_until_it_is_written() {
    let (room, _directory) = room(None);
    set_free(&room, 100);
    let admit = |bytes| Admission::to(Arc::clone(&room) as _, bytes);
    let mut first = admit(60).unwrap();
    assert!(matches!(admit(41), Err(StoreError::Full(_))));
    let second = admit(40).unwrap();
    drop(second);
    first.write(50).unwrap();
    assert_eq!(room.state().room(), 40);
    first.write(50).unwrap();
    assert_eq!(room.state().room(), 0);
    assert!(
        matches!(first.write(1), Err(StoreError::Full(_))),
        "more than was admitted"
    );
    drop(first);
    assert_eq!(room.state().kept, 0);
    assert_eq!(room.state().room(), 0);
}

#[test]
fn trouble_is_reported_when_it_begins_and_ends() {
    let (room, _directory) = room(None);
    let trouble = |bytes| {
        if room.keep(bytes).is_ok() {
            room.give_back(bytes, 0);
        }
        room.state().trouble == Trouble::None
    };
    set_free(&room, 5000);
    assert!(trouble(9000), "others have room");
    set_free(&room, 100);
    assert!(!trouble(500));
    assert!(
        !trouble(50),
        "there is room for some, but not for what was refused"
    );
    set_free(&room, 600);
    assert!(trouble(50));
    room.directory.writability.set(Some("a sync failed".to_owned()));
    assert!(matches!(room.keep(1), Err(StoreError::TakesNoWrites(_))));
    room.directory.writability.set(None);
    assert!(trouble(50));
}

#[test]
fn a_reserve_larger_than_the_disk_leaves_no_room() {
    let (room, _directory) = room(Some(u64::MAX));
    assert!(matches!(room.keep(1), Err(StoreError::Full(_))));
}
