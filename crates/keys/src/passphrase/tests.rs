use super::*;
use std::os::unix::fs::PermissionsExt as _;
use strongroom_seal::SystemRandom;

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(Zeroizing::new(text.to_owned())).unwrap()
}

fn refused(text: &str) -> PassphraseError {
    Passphrase::new(Zeroizing::new(text.to_owned())).err().unwrap()
}

/// Returns cheap parameters, so that the tests are quick.
fn derivation(salt: u8) -> Derivation {
    Derivation {
        memory: 64,
        passes: 2,
        lanes: 1,
        salt: [salt; 16],
    }
}

/// Expected values computed with OpenSSL, through Python's `cryptography`.
#[test]
fn the_derivation_is_argon2id() {
    let key = passphrase("correct horse battery staple")
        .key(&derivation(b'0'))
        .unwrap();
    assert_eq!(hex::encode(key.expose()), KNOWN);
}
const KNOWN: &str = "9543986afaad698aabd697d7f487c92a91b64df77aa2c5eb442f6c72f4f47919";

#[test]
fn another_passphrase_salt_or_parameter_gives_another_key() {
    let key = |text: &str, derivation: &Derivation| *passphrase(text).key(derivation).unwrap().expose();
    let one = key("a passphrase", &derivation(1));
    assert_eq!(one, key("a passphrase", &derivation(1)));
    assert_ne!(one, key("a passphrase ", &derivation(1)));
    assert_ne!(one, key("a passphrase", &derivation(2)));
    for other in [
        Derivation {
            memory: 65,
            ..derivation(1)
        },
        Derivation {
            passes: 3,
            ..derivation(1)
        },
        Derivation {
            lanes: 2,
            ..derivation(1)
        },
    ] {
        assert_ne!(one, key("a passphrase", &other), "{other:?}");
    }
}

#[test]
fn parameters_that_would_stop_the_machine_are_refused() {
    for other in [
        Derivation {
            memory: u32::MAX,
            ..derivation(1)
        },
        Derivation {
            memory: 7,
            ..derivation(1)
        },
        Derivation {
            passes: 1_000_000,
            ..derivation(1)
        },
        Derivation {
            passes: 0,
            ..derivation(1)
        },
        Derivation {
            lanes: 65,
            ..derivation(1)
        },
        Derivation {
            lanes: 0,
            ..derivation(1)
        },
    ] {
        assert!(
            matches!(passphrase("x").key(&other), Err(PassphraseError::Parameters)),
            "{other:?}"
        );
    }
}

#[test]
fn new_derivations_use_the_parameters_of_the_rfc_and_a_fresh_salt() {
    let random = SystemRandom::default();
    let (one, two) = (
        Derivation::new(&random).unwrap(),
        Derivation::new(&random).unwrap(),
    );
    assert_eq!((one.memory, one.passes, one.lanes), (65_536, 3, 4));
    assert_ne!(one.salt, two.salt);
}

#[test]
fn anything_but_one_line_of_text_is_refused() {
    assert!(matches!(refused(""), PassphraseError::Empty));
    assert!(matches!(refused("two\nlines"), PassphraseError::NotText));
    assert!(matches!(refused(&"x".repeat(1025)), PassphraseError::NotText));
    assert!(matches!(
        passphrase("eleven char").must_be_long(),
        Err(PassphraseError::Short)
    ));
    passphrase("twelve chars").must_be_long().unwrap();
}

#[test]
fn a_file_has_one_line_and_belongs_to_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("passphrase");
    assert!(matches!(
        Passphrase::read(&path),
        Err(PassphraseError::Missing(_))
    ));
    for text in ["a passphrase", "a passphrase\n", "a passphrase\r\n"] {
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(
            Passphrase::read(&path)
                .unwrap()
                .is_same_as(&passphrase("a passphrase"))
        );
    }
    for wrong in [&b"\n"[..], b"two\nlines\n", b"\xff\xfe", &[b'x'; 2000]] {
        std::fs::write(&path, wrong).unwrap();
        assert!(Passphrase::read(&path).is_err());
    }
    std::fs::write(&path, "a passphrase").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = Passphrase::read(&path).err().unwrap();
    assert!(error.to_string().contains("chmod 600"), "{error}");
    Passphrase::read_credential(&path).unwrap();
}
