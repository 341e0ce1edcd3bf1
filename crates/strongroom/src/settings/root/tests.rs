//! Root keys that something else unwraps. Files, credentials and passphrases: `settings/tests.rs`.

use super::super::tests::Place;
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
    let place = Place::empty();
    let token = TokenSettings {
        module: "/usr/lib/softhsm/libsofthsm2.so".into(),
        token: Some("strongroom".to_owned()),
        key: "root".to_owned(),
        pin_file: place.path().join("pin"),
    };
    assert_eq!(place.settings(&TOKEN).root, Root::Token(token));
    let without_label = [TOKEN[0], TOKEN[1], TOKEN[3], TOKEN[4]];
    assert_eq!(place.settings(&without_label).root.token().unwrap().token, None);
    assert_eq!(place.settings(&VAULT).root, Root::Kms("root-key".to_owned()));
    for variables in [TOKEN, VAULT] {
        let shown = report(&place.load(&variables, Layer::default()).unwrap());
        for (name, value) in variables {
            let line = shown.lines().find(|line| line.ends_with(&format!("({name})")));
            assert!(line.is_some_and(|line| line.contains(value)), "{name}: {shown}");
        }
    }
}

#[test]
fn what_is_missing_is_told() {
    let place = Place::empty();
    for (variables, expected) in [
        (&TOKEN[..1], "root.pkcs11_module is missing"),
        (&TOKEN[..2], "root.pkcs11_pin_file is missing"),
        (&[TOKEN[0], TOKEN[1], TOKEN[4]], "root.pkcs11_key is missing"),
        (
            &TOKEN[1..2],
            "root.pkcs11_module goes only with root.source = \"pkcs11\"",
        ),
        (&VAULT[..2], "needs kms.backend = \"vault\" or \"aws\""),
        (&VAULT[1..2], "root.kms_key goes only with root.source = \"kms\""),
        (
            &[VAULT[0], VAULT[2], VAULT[3], VAULT[4]],
            "root.kms_key is missing",
        ),
        (&[TOKEN[0], ("STRONGROOM_ROOT_PKCS11_MODULE", "")], "is empty"),
    ] {
        let refusal = place.refusal(variables);
        assert!(refusal.contains(expected), "{variables:?}: {refusal}");
    }
}
