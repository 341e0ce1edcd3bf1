use super::super::tests::Directory;
use super::super::{Layer, report};
use super::*;

const TOKEN: [(&str, &str); 5] = [
    ("STRONGROOM_ROOT_SOURCE", "pkcs11"),
    ("STRONGROOM_ROOT_PKCS11_MODULE", "/usr/lib/softhsm/libsofthsm2.so"),
    ("STRONGROOM_ROOT_PKCS11_TOKEN", "strongroom"),
    ("STRONGROOM_ROOT_PKCS11_KEY", "root"),
    ("STRONGROOM_ROOT_PKCS11_PIN_FILE", "pin"),
];
const VAULT: [(&str, &str); 5] = [
    ("STRONGROOM_ROOT_SOURCE", "kms"),
    ("STRONGROOM_ROOT_KMS_KEY", "root-key"),
    ("STRONGROOM_KMS_BACKEND", "vault"),
    ("STRONGROOM_KMS_VAULT_ADDRESS", "https://vault.example.com"),
    ("STRONGROOM_KMS_VAULT_TOKEN_FILE", "/run/token"),
];

#[test]
fn a_token_or_a_service_can_hold_the_key_of_the_root_key() {
    let directory = Directory::empty();
    let token = TokenSettings {
        module: "/usr/lib/softhsm/libsofthsm2.so".into(),
        token: Some("strongroom".to_owned()),
        key: "root".to_owned(),
        pin_file: directory.path().join("pin"),
    };
    assert_eq!(directory.settings(&TOKEN).root, Root::Token(token));
    let without_label = [TOKEN[0], TOKEN[1], TOKEN[3], TOKEN[4]];
    assert_eq!(
        directory.settings(&without_label).root.token().unwrap().token,
        None
    );
    assert_eq!(directory.settings(&VAULT).root, Root::Kms("root-key".to_owned()));
    for variables in [TOKEN, VAULT] {
        let shown = report(&directory.load(&variables, Layer::default()).unwrap(), false);
        for (name, value) in variables {
            let line = shown.lines().find(|line| line.ends_with(&format!("({name})")));
            assert!(line.is_some_and(|line| line.contains(value)), "{name}: {shown}");
        }
    }
}

#[test]
fn what_is_missing_is_told() {
    let directory = Directory::empty();
    for (variables, expected) in [
        (&TOKEN[..1], "root.pkcs11_module is missing"),
        (&TOKEN[..2], "root.pkcs11_pin_file is missing"),
        (&[TOKEN[0], TOKEN[1], TOKEN[4]], "root.pkcs11_key is missing"),
        (
            &TOKEN[1..2],
            "root.pkcs11_module requires root.source = \"pkcs11\"",
        ),
        (&VAULT[..2], "requires kms.backend = \"vault\" or \"aws\""),
        (&VAULT[1..2], "root.kms_key requires root.source = \"kms\""),
        (
            &[VAULT[0], VAULT[2], VAULT[3], VAULT[4]],
            "root.kms_key is missing",
        ),
        (&[TOKEN[0], ("STRONGROOM_ROOT_PKCS11_MODULE", "")], "is empty"),
    ] {
        let refusal = directory.refusal(variables);
        assert!(refusal.contains(expected), "{variables:?}: {refusal}");
    }
}

#[test]
fn the_root_key_comes_from_one_source() {
    let directory = Directory::empty();
    let root = |variables: &[(&str, &str)]| directory.settings(variables).root;
    let data = directory.path().join("strongroom-data");
    assert_eq!(root(&[]), Root::File(data.join("root.key")));
    assert_eq!(
        root(&[("STRONGROOM_KEYRING", "/safe/keyring.toml")]),
        Root::File("/safe/root.key".into())
    );
    assert_eq!(
        root(&[("STRONGROOM_ROOT_FILE", "r")]),
        Root::File(directory.path().join("r"))
    );
    let credential = ("STRONGROOM_ROOT_SOURCE", "credential");
    let named = |name: &str| name.parse::<CredentialName>().unwrap();
    assert_eq!(root(&[credential]), Root::Credential(named("strongroom-root")));
    assert_eq!(
        root(&[credential, ("STRONGROOM_ROOT_CREDENTIAL", "r.1")]),
        Root::Credential(named("r.1"))
    );
    let words = ("STRONGROOM_ROOT_SOURCE", "passphrase");
    assert_eq!(root(&[words]), Root::Passphrase(PassphraseFrom::Terminal));
    assert_eq!(
        root(&[words, ("STRONGROOM_ROOT_PASSPHRASE_FILE", "/p")]),
        Root::Passphrase(PassphraseFrom::File("/p".into()))
    );
    assert_eq!(
        root(&[words, ("STRONGROOM_ROOT_PASSPHRASE_CREDENTIAL", "p")]),
        Root::Passphrase(PassphraseFrom::Credential(named("p")))
    );
}

/// Overriding the source for one command must not require changing the settings file.
#[test]
fn another_source_of_the_root_key_hides_what_goes_with_the_one_below() {
    let words = Directory::with_file("[root]\nsource = \"passphrase\"\npassphrase_file = \"w\"");
    let data = words.path().join("strongroom-data");
    assert_eq!(
        words.settings(&[("STRONGROOM_ROOT_SOURCE", "file")]).root,
        Root::File(data.join("root.key"))
    );
    assert_eq!(
        words.settings(&[("STRONGROOM_ROOT_SOURCE", "passphrase")]).root,
        Root::Passphrase(PassphraseFrom::File(words.path().join("w")))
    );
    let file = Directory::with_file("[root]\nfile = \"/r\"");
    let same = file.settings(&[("STRONGROOM_ROOT_SOURCE", "file")]).root;
    assert_eq!(same, Root::File("/r".into()));
}

/// A setting that would have no effect is an error.
#[test]
fn what_does_not_go_with_the_source_of_the_root_key_is_refused() {
    let directory = Directory::empty();
    let file = ("STRONGROOM_ROOT_FILE", "/r");
    let credential = ("STRONGROOM_ROOT_CREDENTIAL", "c");
    let words = ("STRONGROOM_ROOT_SOURCE", "passphrase");
    let words_file = ("STRONGROOM_ROOT_PASSPHRASE_FILE", "/p");
    for (variables, expected) in [
        (
            &[credential][..],
            "root.credential requires root.source = \"credential\"",
        ),
        (&[words, file], "root.source is \"passphrase\""),
        (&[words_file], "root.passphrase_file requires"),
        (
            &[words, words_file, ("STRONGROOM_ROOT_PASSPHRASE_CREDENTIAL", "p")],
            "both set",
        ),
        (
            &[("STRONGROOM_ROOT_SOURCE", "somewhere")],
            "file, credential, passphrase, pkcs11, kms",
        ),
        (
            &[("STRONGROOM_ROOT_CREDENTIAL", "../x")],
            "name of a systemd credential",
        ),
        (
            &[("STRONGROOM_ROOT_CREDENTIAL", ".")],
            "name of a systemd credential",
        ),
        (
            &[("STRONGROOM_ROOT_PASSPHRASE", "secret words")],
            "unknown environment variable",
        ),
    ] {
        let refusal = directory.refusal(variables);
        assert!(refusal.contains(expected), "{refusal}");
        assert!(!refusal.contains("secret words"), "a passphrase is shown");
    }
    let refusal = Directory::with_file("[root]\nfile = \"\"").refusal(&[]);
    assert!(refusal.contains("root.file is empty"), "{refusal}");
}

#[test]
fn credentials_lie_where_systemd_says() {
    let directory = Directory::empty();
    assert_eq!(directory.settings(&[]).credentials_directory, None);
    assert_eq!(
        directory
            .settings(&[("CREDENTIALS_DIRECTORY", "")])
            .credentials_directory,
        None
    );
    let settings = directory.settings(&[("CREDENTIALS_DIRECTORY", "/run/credentials/strongroom.service")]);
    assert_eq!(
        settings.credentials_directory.as_deref(),
        Some(Path::new("/run/credentials/strongroom.service"))
    );
}
