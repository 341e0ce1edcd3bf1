use super::*;

#[test]
fn only_what_lies_elsewhere_is_named() {
    let data = Path::new("/srv/data");
    let flags = |keyring: &str, root: &str| flags_to(data, Path::new(keyring), &Root::File(root.into()));
    assert_eq!(
        flags("/srv/data/keyring.toml", "/srv/data/root.key"),
        "--data-dir /srv/data"
    );
    assert_eq!(
        flags("/srv/data/other.toml", "/srv/data/root.key"),
        "--data-dir /srv/data --keyring /srv/data/other.toml"
    );
    assert_eq!(
        flags("/my keys/keyring.toml", "/stick/root.key"),
        "--data-dir /srv/data --keyring '/my keys/keyring.toml' --root-file /stick/root.key"
    );
    assert_eq!(
        flags("/keys/k.toml", "/srv/data/root.key"),
        "--data-dir /srv/data --keyring /keys/k.toml --root-file /srv/data/root.key"
    );
}
