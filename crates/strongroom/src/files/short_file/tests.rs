use super::*;

#[test]
fn a_file_is_read_up_to_a_mebibyte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, vec![b'x'; 1 << 20]).unwrap();
    assert_eq!(read_text(&path).unwrap().len(), 1 << 20);
    std::fs::write(&path, vec![b'x'; (1 << 20) + 1]).unwrap();
    assert_eq!(read(&path).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    std::fs::write(&path, b"\xff").unwrap();
    assert_eq!(read_text(&path).unwrap_err().kind(), io::ErrorKind::InvalidData);
}

#[test]
fn what_never_ends_is_refused() {
    let error = read(Path::new("/dev/zero")).unwrap_err();
    assert!(error.to_string().contains("longer than 1 MiB"), "{error}");
}
