use super::*;

#[test]
fn credentials_are_made_of_all_the_random_bytes_and_plain_letters() {
    let random = Zeroizing::new(std::array::from_fn(|i| u8::try_from(i).unwrap() * 4 + 3));
    let made = Credentials::from_random(&random);
    assert_eq!(made.access_key_id.len(), 20);
    assert!(made.access_key_id.starts_with("SR"));
    assert_eq!(made.secret.expose().len(), 40);
    assert!(made.secret.expose().bytes().all(|b| SECRET_LETTERS.contains(&b)));
    for at in 0..58 {
        let mut other = random.clone();
        other[at] ^= 1;
        let other = Credentials::from_random(&other);
        assert!(
            other.access_key_id != made.access_key_id || other.secret.expose() != made.secret.expose(),
            "byte {at} is not used"
        );
    }
}

#[test]
fn only_keys_in_force_have_a_secret() {
    let credentials = |id: &str| Credentials {
        access_key_id: id.into(),
        secret: SecretAccessKey::new("s".into()),
    };
    let keys = AccessKeys::new([credentials("SRA")]);
    assert_eq!(
        keys.secret("SRA").as_ref().map(SecretAccessKey::expose),
        Some("s")
    );
    assert!(keys.secret("SRB").is_none());
    keys.replace([credentials("SRB")]);
    assert!(keys.secret("SRA").is_none());
    assert!(keys.secret("SRB").is_some());
}
