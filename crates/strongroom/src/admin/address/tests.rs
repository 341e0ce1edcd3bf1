use std::os::unix::net::{UnixListener, UnixStream};

use super::*;

#[test]
fn however_long_the_path_is_there_is_a_short_one() {
    let place = tempfile::tempdir().unwrap();
    for depth in [0, 3] {
        let mut data_dir = place.path().to_owned();
        for _ in 0..depth {
            data_dir.push("a-directory-with-quite-a-long-name-as-people-have-them");
        }
        std::fs::create_dir_all(&data_dir).unwrap();
        let address = Address::of(&data_dir).unwrap();
        assert_eq!(address.path, data_dir.join("admin.sock"));
        assert!(address.short.as_os_str().len() <= MAX_LENGTH);
        let _listener = UnixListener::bind(&address.short).unwrap();
        assert!(address.path.exists());
        UnixStream::connect(&Address::of(&data_dir).unwrap().short).unwrap();
    }
}

#[test]
fn without_the_directory_there_is_none() {
    let long = Path::new("/nowhere").join("x".repeat(120));
    assert_eq!(Address::of(&long).err().unwrap().kind(), io::ErrorKind::NotFound);
}
