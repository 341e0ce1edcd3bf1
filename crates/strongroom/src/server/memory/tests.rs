use rustix::process::dumpable_behavior;

use super::*;

#[test]
fn core_dumps_are_forbidden() {
    forbid_core_dumps().unwrap();
    assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    let limit = getrlimit(Resource::Core);
    assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
}

#[test]
fn what_is_off_changes_nothing() {
    let before = getrlimit(Resource::Memlock);
    assert!(matches!(lock(MemoryLock::Off), Ok(Locked::Off)));
    let after = getrlimit(Resource::Memlock);
    assert_eq!((before.current, before.maximum), (after.current, after.maximum));
}
