use super::*;

#[test]
fn the_memory_of_a_machine_is_read() {
    assert_eq!(total("MemFree: 1 kB\n"), None);
    assert_eq!(total("MemTotal:       16384 kB\nMemFree: 1 kB\n"), Some(16 << 20));
}

#[test]
fn the_least_limit_of_the_groups_counts() {
    let root = tempfile::tempdir().unwrap();
    let inner = root.path().join("outer/inner");
    fs::create_dir_all(&inner).unwrap();
    assert_eq!(least_limit(root.path(), "0::/outer/inner\n"), None);
    fs::write(inner.join("memory.max"), "max\n").unwrap();
    fs::write(root.path().join("outer/memory.max"), "1048576\n").unwrap();
    assert_eq!(least_limit(root.path(), "0::/outer/inner\n"), Some(1 << 20));
    fs::write(inner.join("memory.max"), "4096\n").unwrap();
    assert_eq!(least_limit(root.path(), "0::/outer/inner\n"), Some(4096));
}

#[test]
fn there_is_a_default() {
    assert!(default_buffers() > 0);
}
