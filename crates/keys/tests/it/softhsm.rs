//! Tests with a root key in a PKCS#11 token: Debian's `SoftHSM`.

use crate::program::{run, secret, wanted};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use strongroom_keys::kms::KmsError;
use strongroom_keys::{RootKind, RootWrapper as _, Token, TokenSettings, WrappedRoot};
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{OuterKey, SystemRandom};

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const CONFIGURATION: &str = "SOFTHSM2_CONF";

/// Runs the test in a process of its own. `SoftHSM` finds its tokens by an environment variable, which cannot be set
/// while tests run in parallel, so each test starts itself again with the variable set. `true`: this is that process.
fn in_own_process(test: &str) -> bool {
    if std::env::var_os(CONFIGURATION).is_some() {
        return true;
    }
    if wanted().is_none() {
        return false;
    }
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let directories = format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display());
    let configuration = secret(folder.path(), "softhsm2.conf", &directories);
    let me = std::env::current_exe().unwrap();
    let mut command = Command::new(me);
    command
        .arg(format!("softhsm::{test}"))
        .args(["--exact", "--nocapture"]);
    let said = run(command.env(CONFIGURATION, configuration));
    assert!(said.contains("1 passed"), "{said}");
    false
}

/// Creates a token with a label and the PIN 1234.
fn make_token(label: &str) {
    let arguments = [
        "--init-token",
        "--free",
        "--so-pin",
        "5678",
        "--pin",
        "1234",
        "--label",
    ];
    run(Command::new("softhsm2-util").args(arguments).arg(label));
}

/// Creates a key of a kind of `pkcs11-tool`, such as `AES:32`, in the token.
fn make_key(token: &str, kind: &str, label: &str) {
    let arguments = [
        "--module",
        MODULE,
        "--login",
        "--pin",
        "1234",
        "--token-label",
        token,
    ];
    let made = if kind.starts_with("AES") {
        "--keygen"
    } else {
        "--keypairgen"
    };
    let mut command = Command::new("pkcs11-tool");
    command
        .args(arguments)
        .arg(made)
        .args(["--key-type", kind, "--label", label]);
    run(&mut command);
}

fn token(folder: &Path, label: Option<&str>, key: &str, pin: &str) -> Token {
    let settings = TokenSettings {
        module: MODULE.into(),
        token: label.map(str::to_owned),
        key: key.to_owned(),
        pin_file: secret(folder, "pin", pin),
    };
    Token::new(settings, Arc::new(SystemRandom::default()))
}

fn root() -> OuterKey {
    OuterKey::generate(&SystemRandom::default()).unwrap()
}

fn away(error: Option<KmsError>) -> String {
    match error {
        Some(KmsError::Unavailable(why)) => why.0,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_root_key_is_wrapped_by_an_aes_key_and_by_an_rsa_pair() {
    if !in_own_process("a_root_key_is_wrapped_by_an_aes_key_and_by_an_rsa_pair") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    make_token("one");
    make_key("one", "AES:32", "aes");
    make_key("one", "rsa:3072", "rsa");
    for key in ["aes", "rsa"] {
        let token = token(folder.path(), None, key, "1234");
        assert_eq!(token.kind(), RootKind::Pkcs11);
        let root = root();
        let wrapped = token.wrap(&root).await.unwrap();
        assert_eq!(wrapped.key, key);
        assert!(!wrapped.bytes.windows(32).any(|part| part == root.expose()));
        let again = token.wrap(&root).await.unwrap();
        assert_ne!(wrapped.bytes, again.bytes);
        for wrapped in [&wrapped, &again] {
            assert_eq!(token.unwrap(wrapped).await.unwrap().expose(), root.expose());
        }

        for at in [0, 1, 20, wrapped.bytes.len() - 1] {
            let mut broken = wrapped.clone();
            broken.bytes[at] ^= 4;
            let refused = Some(KmsError::Refused(key.to_owned()));
            assert_eq!(token.unwrap(&broken).await.err(), refused, "{key}, byte {at}");
        }
        for length in [0, 1, 8, wrapped.bytes.len() - 1] {
            let mut short = wrapped.clone();
            short.bytes.truncate(length);
            let refused = Some(KmsError::Refused(key.to_owned()));
            assert_eq!(token.unwrap(&short).await.err(), refused, "{key}, {length} bytes");
        }
    }
}

#[tokio::test]
async fn missing_parts_are_reported() {
    if !in_own_process("missing_parts_are_reported") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let wrap = async |label: Option<&str>, key: &str, pin: &str| {
        let token = token(folder.path(), label, key, pin);
        token.wrap(&root()).await.err()
    };
    assert!(away(wrap(None, "aes", "1234").await).contains("there is no PKCS#11 token"));
    make_token("one");
    make_key("one", "AES:32", "aes");
    assert_eq!(wrap(None, "aes", "1234").await, None);
    assert_eq!(
        wrap(None, "none", "1234").await,
        Some(KmsError::NotFound("none".to_owned()))
    );
    assert!(away(wrap(Some("two"), "aes", "1234").await).contains("no PKCS#11 token \"two\""));
    let wrong = away(wrap(None, "aes", "0000").await);
    assert!(
        wrong.contains("rejects the PIN") && !wrong.contains("0000"),
        "{wrong}"
    );
    make_token("two");
    assert!(away(wrap(None, "aes", "1234").await).contains("name one"));
    assert_eq!(wrap(Some("one"), "aes", "1234").await, None);
    make_key("one", "AES:32", "aes");
    assert!(away(wrap(Some("one"), "aes", "1234").await).contains("several keys"));
    let gone = WrappedRoot {
        key: "gone".to_owned(),
        bytes: vec![1; 61],
    };
    let token = token(folder.path(), Some("one"), "aes", "1234");
    assert_eq!(
        token.unwrap(&gone).await.err(),
        Some(KmsError::NotFound("gone".to_owned()))
    );
}

#[tokio::test]
async fn an_invalid_module_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    for module in ["/nowhere/module.so", "/etc/passwd"] {
        let settings = TokenSettings {
            module: module.into(),
            token: None,
            key: "aes".to_owned(),
            pin_file: secret(folder.path(), "pin", "1234"),
        };
        let token = Token::new(settings, Arc::new(SystemRandom::default()));
        let why = away(token.wrap(&root()).await.err());
        let expected = format!("the PKCS#11 module {module} cannot be used: ");
        assert!(why.starts_with(&expected), "{why}");
    }
}

#[tokio::test]
async fn concurrent_operations_wait_for_each_other() {
    if !in_own_process("concurrent_operations_wait_for_each_other") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    make_token("one");
    make_key("one", "AES:32", "aes");
    let token = Arc::new(token(folder.path(), None, "aes", "1234"));
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let token = Arc::clone(&token);
        all.spawn(async move {
            let root = root();
            let wrapped = token.wrap(&root).await.unwrap();
            assert_eq!(token.unwrap(&wrapped).await.unwrap().expose(), root.expose());
        });
    }
    assert_eq!(all.join_all().await.len(), 16);
}
