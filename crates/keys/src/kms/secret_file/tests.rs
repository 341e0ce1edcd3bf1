use super::*;
use std::fs::{Permissions, set_permissions, write};

fn file(content: &[u8], mode: u32) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    write(&path, content).unwrap();
    set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    (folder, path)
}

#[test]
fn a_secret_is_read_without_its_line_break() {
    for (content, expected) in [
        ("s.token", "s.token"),
        ("s.token\n", "s.token"),
        ("s.token\r\n", "s.token"),
        ("a\nb\n", "a\nb"),
    ] {
        let (_folder, path) = file(content.as_bytes(), 0o640);
        assert_eq!(read(&path).unwrap().as_str(), expected);
    }
}

#[test]
fn refusals_do_not_quote_the_secret() {
    let long = vec![b'x'; 64 * 1024 + 1];
    for (content, mode, expected) in [
        (&b"s.token"[..], 0o644, "everybody can read it (mode 644)"),
        (b"s.token", 0o601, "everybody"),
        (b"\n", 0o600, "it is empty"),
        (b"\xffs.token", 0o600, "it is not text"),
        (&long, 0o600, "it is too long"),
    ] {
        let (_folder, path) = file(content, mode);
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains("s.token"), "{error}");
        assert!(error.contains(path.to_str().unwrap()), "{error}");
    }
    for (path, expected) in [("/tmp", "it is a directory"), ("/dev/zero", "it is not a file")] {
        let error = read(Path::new(path)).unwrap_err().to_string();
        assert!(error.ends_with(expected), "{error}");
    }
    let missing = read(Path::new("/nowhere/token")).unwrap_err().to_string();
    assert!(missing.starts_with("/nowhere/token cannot be used"), "{missing}");
}
