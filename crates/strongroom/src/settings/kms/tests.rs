use super::super::tests::Directory;
use super::*;
use crate::settings::layered::names;
use crate::settings::variables::variable;
use strongroom_keys::kms::{AwsSettings, VaultLogin, VaultSettings};

const VAULT: [(&str, &str); 3] = [
    ("STRONGROOM_KMS_BACKEND", "vault"),
    ("STRONGROOM_KMS_VAULT_ADDRESS", "https://vault.example.com:8200"),
    ("STRONGROOM_KMS_VAULT_TOKEN_FILE", "/run/token"),
];
const AWS: [(&str, &str); 3] = [
    ("STRONGROOM_KMS_BACKEND", "aws"),
    ("STRONGROOM_KMS_AWS_REGION", "eu-central-1"),
    ("STRONGROOM_KMS_AWS_CREDENTIALS_FILE", "credentials"),
];

/// Returns `variables` without the one named `without`, plus `with`.
fn but<'a>(
    variables: &[(&'a str, &'a str)],
    without: &str,
    with: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let kept = variables.iter().filter(|(name, _)| without != *name).copied();
    kept.chain(with.iter().copied()).collect()
}

#[test]
fn without_settings_the_keyring_is_the_service() {
    let kms = Directory::empty().settings(&[]).kms;
    assert_eq!(kms.service, KmsSource::BuiltIn);
    assert_eq!(kms.default_key.as_deref(), Some("default"));
    assert_eq!(kms.lifetimes, Lifetimes::default());
    assert_eq!(kms.lifetimes.positive, Duration::from_mins(5));
    assert_eq!(kms.lifetimes.negative, Duration::from_secs(10));
    assert_eq!(kms.lifetimes.transient, Duration::from_secs(2));
}

#[test]
fn the_whole_table_is_understood() {
    let directory = Directory::with_file(
        r#"
        [kms]
        backend = "vault"
        default_key = "s3"
        cache_seconds = 0
        negative_seconds = 1
        transient_seconds = 86400

        [kms.vault]
        address = "https://vault.example.com:8200"
        mount = "keys"
        namespace = "team"
        ca_file = "ca.pem"
        approle_mount = "machines"
        role_id_file = "role"
        secret_id_file = "/run/secret"
        "#,
    );
    let kms = directory.settings(&[]).kms;
    assert_eq!(kms.default_key.as_deref(), Some("s3"));
    assert_eq!(kms.lifetimes.positive, Duration::ZERO);
    assert_eq!(kms.lifetimes.negative, Duration::from_secs(1));
    assert_eq!(kms.lifetimes.transient, Duration::from_hours(24));
    let vault = VaultSettings {
        address: "https://vault.example.com:8200".to_owned(),
        mount: "keys".to_owned(),
        namespace: Some("team".to_owned()),
        ca_file: Some(directory.path().join("ca.pem")),
        login: VaultLogin::AppRole {
            mount: "machines".to_owned(),
            role_id_file: directory.path().join("role"),
            secret_id_file: "/run/secret".into(),
        },
    };
    assert_eq!(kms.service, KmsSource::Vault(vault));

    let directory = Directory::with_file(
        r#"
        [kms]
        backend = "aws"
        [kms.aws]
        region = "eu-central-1"
        endpoint = "http://127.0.0.1:5000"
        ca_file = "ca.pem"
        credentials_file = "credentials"
        profile = "work"
        "#,
    );
    let kms = directory.settings(&[]).kms;
    assert_eq!(kms.default_key, None);
    let aws = AwsSettings {
        region: "eu-central-1".to_owned(),
        endpoint: Some("http://127.0.0.1:5000".to_owned()),
        ca_file: Some(directory.path().join("ca.pem")),
        credentials_file: directory.path().join("credentials"),
        profile: "work".to_owned(),
    };
    assert_eq!(kms.service, KmsSource::Aws(aws));
}

#[test]
fn what_is_not_given_is_what_it_usually_is() {
    let directory = Directory::empty();
    let kms = directory.settings(&VAULT).kms;
    let vault = kms.service.vault().unwrap();
    assert_eq!(vault.mount, "transit");
    assert_eq!(vault.login, VaultLogin::TokenFile("/run/token".into()));
    assert_eq!(kms.default_key, None);
    let kms = directory.settings(&AWS).kms;
    let aws = kms.service.aws().unwrap();
    assert_eq!((aws.profile.as_str(), &aws.endpoint), ("default", &None));
    assert_eq!(aws.credentials_file, directory.path().join("credentials"));
    let off = directory.settings(&[("STRONGROOM_KMS_BACKEND", "off")]).kms;
    assert_eq!(off.service, KmsSource::Off);
}

#[test]
fn what_cannot_work_is_refused_with_what_to_do() {
    let directory = Directory::empty();
    let (address, token) = ("STRONGROOM_KMS_VAULT_ADDRESS", "STRONGROOM_KMS_VAULT_TOKEN_FILE");
    let role = ("STRONGROOM_KMS_VAULT_ROLE_ID_FILE", "role");
    for (variables, expected) in [
        (but(&VAULT, address, &[]), "kms.vault.address is missing"),
        (but(&VAULT, token, &[]), "set either kms.vault.token_file, or"),
        (but(&VAULT, "", &[role]), "set either kms.vault.token_file, or"),
        (but(&VAULT, token, &[role]), "set either kms.vault.token_file, or"),
        (
            but(&VAULT, "", &[("STRONGROOM_KMS_VAULT_APPROLE_MOUNT", "x")]),
            "set either kms.vault.token_file, or",
        ),
        (
            but(&VAULT, address, &[(address, "http://vault.example.com")]),
            "keys would cross the network in clear",
        ),
        (
            but(&VAULT, "", &[("STRONGROOM_KMS_VAULT_MOUNT", "../sys")]),
            "\"../sys\" is not a valid mount path",
        ),
        (
            but(&VAULT, "STRONGROOM_KMS_BACKEND", &[]),
            "kms.vault requires kms.backend = \"vault\", but kms.backend is \"built-in\"",
        ),
        (
            but(&AWS, "STRONGROOM_KMS_AWS_REGION", &[]),
            "kms.aws.region is missing",
        ),
        (
            but(&AWS, "STRONGROOM_KMS_AWS_CREDENTIALS_FILE", &[]),
            "kms.aws.credentials_file is missing",
        ),
        (
            but(
                &AWS,
                "STRONGROOM_KMS_AWS_REGION",
                &[("STRONGROOM_KMS_AWS_REGION", "Mars!")],
            ),
            "\"Mars!\" is not a valid region",
        ),
        (
            but(
                &AWS,
                "STRONGROOM_KMS_BACKEND",
                &[("STRONGROOM_KMS_BACKEND", "off")],
            ),
            "kms.aws requires kms.backend = \"aws\", but kms.backend is \"off\"",
        ),
        (
            vec![("STRONGROOM_KMS_BACKEND", "hsm")],
            "built-in, vault, aws, off",
        ),
        (vec![("STRONGROOM_KMS_CACHE_SECONDS", "86401")], "from 0 to 86400"),
        (vec![("STRONGROOM_KMS_CACHE_SECONDS", "5m")], "from 0 to 86400"),
    ] {
        let refusal = directory.refusal(&variables);
        assert!(refusal.contains(expected), "{variables:?}: {refusal}");
    }
}

#[test]
fn unknown_keys_are_refused() {
    for text in [
        "[kms]\nbackned = \"off\"",
        "[kms.vault]\ntoken = \"s.x\"",
        "[kms.aws]\nsecret = 1",
    ] {
        assert!(
            Directory::with_file(text).refusal(&[]).contains("unknown field"),
            "{text}"
        );
    }
}

#[test]
fn every_setting_has_a_variable_and_is_shown() {
    let directory = Directory::empty();
    let approle = [
        ("STRONGROOM_KMS_DEFAULT_KEY", "shown-1"),
        ("STRONGROOM_KMS_CACHE_SECONDS", "77701"),
        ("STRONGROOM_KMS_NEGATIVE_SECONDS", "77702"),
        ("STRONGROOM_KMS_TRANSIENT_SECONDS", "77703"),
        ("STRONGROOM_KMS_VAULT_MOUNT", "shown-2"),
        ("STRONGROOM_KMS_VAULT_NAMESPACE", "shown-3"),
        ("STRONGROOM_KMS_VAULT_CA_FILE", "shown-4"),
        ("STRONGROOM_KMS_VAULT_APPROLE_MOUNT", "shown-5"),
        ("STRONGROOM_KMS_VAULT_ROLE_ID_FILE", "shown-6"),
        ("STRONGROOM_KMS_VAULT_SECRET_ID_FILE", "shown-7"),
    ];
    let aws = [
        ("STRONGROOM_KMS_AWS_ENDPOINT", "https://shown-1.example"),
        ("STRONGROOM_KMS_AWS_CA_FILE", "shown-2"),
        ("STRONGROOM_KMS_AWS_PROFILE", "shown-3"),
    ];
    let cases = [
        but(&VAULT, "STRONGROOM_KMS_VAULT_TOKEN_FILE", &approle),
        VAULT.to_vec(),
        but(&AWS, "", &aws),
    ];
    let mut shown = std::collections::BTreeSet::new();
    for variables in cases {
        let loaded = directory
            .load(&variables, super::super::Layer::default())
            .unwrap();
        let report = super::super::report(&loaded, false);
        for (name, value) in &variables {
            let line = report.lines().find(|line| line.ends_with(&format!("({name})")));
            assert!(line.is_some_and(|line| line.contains(value)), "{name}: {report}");
            shown.insert((*name).to_owned());
        }
    }
    let all = names::<crate::settings::Layer>();
    let all = all.iter().map(|name| variable(name));
    let all: std::collections::BTreeSet<_> = all.filter(|name| name.starts_with("STRONGROOM_KMS_")).collect();
    assert_eq!(shown, all);
}
