use strongroom_access::SecretAccessKey;

use super::*;

fn credentials() -> Credentials {
    Credentials {
        access_key_id: "SRROOT0123456789ABCD".to_owned(),
        secret: SecretAccessKey::new("secret-of-the-root/user".to_owned()),
    }
}

#[test]
fn the_page_has_lines_to_copy() {
    let page = page(&credentials(), &Region::built_in());
    for expected in [
        "Access key ID      SRROOT0123456789ABCD\n",
        "Secret access key  secret-of-the-root/user\n",
        "aws configure set aws_access_key_id SRROOT0123456789ABCD --profile strongroom\n",
        "aws configure set aws_secret_access_key secret-of-the-root/user --profile strongroom\n",
        "aws configure set region us-east-1 --profile strongroom\n",
    ] {
        assert!(
            page.contains(expected),
            "{expected} missing in\n{}",
            page.as_str()
        );
    }
}

#[test]
fn a_mistyped_directory_is_not_filled() {
    let place = tempfile::tempdir().unwrap();
    let error = must_exist(&place.path().join("mistyped"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("--data-dir"), "{error}");
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}
