use super::*;

#[test]
fn a_file_is_created_for_its_owner_only_and_never_overwrites() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sub/file");
    create(&path, b"one").unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let around = std::fs::metadata(path.parent().unwrap()).unwrap();
    assert_eq!(around.permissions().mode() & 0o777, 0o700);
    assert_eq!(
        create(&path, b"two").unwrap_err().kind(),
        io::ErrorKind::AlreadyExists
    );
    assert_eq!(*read(&path, 10).unwrap(), b"one");
    assert_eq!(
        std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
        1,
        "something was left beside it"
    );
}

#[test]
fn a_replaced_file_is_the_new_one_despite_leftovers_of_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    create(&path, b"one").unwrap();
    std::fs::write(folder.path().join("file.new"), b"half").unwrap();
    replace(&path, b"two").unwrap();
    assert_eq!(*read(&path, 10).unwrap(), b"two");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn files_readable_by_others_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    assert!(matches!(read(&path, 10), Err(ReadError::Missing)));
    create(&path, b"one").unwrap();
    for mode in [0o640, 0o604, 0o660, 0o610] {
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        assert!(matches!(read(&path, 10), Err(ReadError::Exposed(seen)) if seen == mode));
        assert_eq!(*read_any_mode(&path, 10).unwrap(), b"one");
    }
}

/// Directories and devices are refused as such, without advice to change their mode.
#[test]
fn directories_and_devices_are_refused_whatever_their_mode() {
    let folder = tempfile::tempdir().unwrap();
    for (path, expected) in [
        (folder.path(), "it is a directory"),
        (Path::new("/dev/zero"), "it is not a file"),
    ] {
        for read in [read(path, 10), read_any_mode(path, 10)] {
            assert!(
                matches!(&read, Err(ReadError::Io(error)) if error.to_string() == expected),
                "{read:?}"
            );
        }
    }
    let (file, link) = (folder.path().join("file"), folder.path().join("link"));
    create(&file, b"one").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    assert_eq!(*read(&link, 10).unwrap(), b"one");
}

/// A pipe as a shell passes it: `--passphrase-file <(pass show backup)`.
#[test]
fn a_pipe_is_read_as_a_file() {
    let (reader, mut writer) = io::pipe().unwrap();
    writer.write_all(b"from a pipe").unwrap();
    drop(writer);
    let path = format!("/dev/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader));
    assert_eq!(*read(Path::new(&path), 100).unwrap(), b"from a pipe");
}

#[test]
fn no_more_than_one_byte_too_many_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    create(&path, &[7; 1000]).unwrap();
    assert_eq!(read(&path, 32).unwrap().len(), 33);
    assert_eq!(read(&path, 1000).unwrap().len(), 1000);
}

#[test]
fn two_do_not_hold_the_lock_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let counter = folder.path().join("counter");
    std::fs::write(&counter, "0").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let _lock = Lock::on(&path).unwrap();
                    let count: u32 = std::fs::read_to_string(&counter).unwrap().parse().unwrap();
                    std::fs::write(&counter, (count + 1).to_string()).unwrap();
                }
            });
        }
    });
    assert_eq!(std::fs::read_to_string(&counter).unwrap(), "20");
}
