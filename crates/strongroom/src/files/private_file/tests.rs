use super::*;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_new_file_is_private_and_never_overwrites() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("key");
    create(&path, b"first").unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(
        create(&path, b"second").unwrap_err().kind(),
        io::ErrorKind::AlreadyExists
    );
    assert_eq!(std::fs::read(&path).unwrap(), b"first");
}

#[test]
fn replacing_takes_the_place_of_the_old_file_and_of_a_leftover() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("file");
    std::fs::write(place.path().join("file.new"), b"half of so").unwrap();
    replace(&path, b"one", Readers::Everyone).unwrap();
    assert_eq!(mode(&path), 0o644);
    replace(&path, b"two", Readers::Owner).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(std::fs::read(&path).unwrap(), b"two");
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn a_directory_is_made_private_with_its_parents() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a/b");
    directory(&path).unwrap();
    directory(&path).unwrap();
    assert_eq!(mode(&path), 0o700);
}
