//! Tests of requests to the engine, and of the handling of its responses. `tests/it/openbao.rs` tests that an engine
//! agrees.

use super::*;
use crate::kms::canned::{Canned, Seen};
use crate::kms::vault::settings::VaultLogin;
use serde_json::json;
use std::fs::{Permissions, set_permissions, write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;
use strongroom_seal::SystemRandom;
use tokio::time::sleep;

mod logins;

const LOOKUP: &str = "GET /v1/auth/token/lookup-self";
const KEY: &str = "GET /v1/transit/keys/k-1";
const ENCRYPT: &str = "POST /v1/transit/encrypt/k-1";
const DECRYPT: &str = "POST /v1/transit/decrypt/k-1";

fn secret(folder: &Path, name: &str, content: &str) -> PathBuf {
    let path = folder.join(name);
    write(&path, content).unwrap();
    set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    path
}

fn settings(canned: &Canned, login: VaultLogin) -> VaultSettings {
    VaultSettings {
        address: canned.address.clone(),
        mount: "transit".to_owned(),
        namespace: None,
        ca_file: None,
        login,
    }
}

fn vault(settings: &VaultSettings) -> Vault {
    Vault::new(settings, Arc::new(SystemRandom::default())).unwrap()
}

fn context() -> Context {
    Context::from([
        ("b".to_owned(), "2".to_owned()),
        ("a".to_owned(), "1 \"x\"".to_owned()),
    ])
}

/// Returns the response to a lookup of the token itself.
fn lookup(ttl: u64, renewable: bool) -> (u16, String) {
    let facts = json!({"data": {"ttl": ttl, "renewable": renewable, "policies": ["p"]}, "auth": null});
    (200, facts.to_string())
}

fn key(kind: &str) -> (u16, String) {
    let facts =
        json!({"data": {"type": kind, "name": "k-1", "derived": false, "keys": {"1": 1}}, "auth": null});
    (200, facts.to_string())
}

/// Starts a server that knows the token `t`, and responds to all other requests with `answer`.
async fn with_token(
    answer: impl Fn(&Seen) -> (u16, String) + Send + Sync + 'static,
) -> (tempfile::TempDir, Canned, Vault) {
    let canned = Canned::start(move |seen| {
        assert_eq!(seen.header("x-vault-token"), Some("t"));
        assert_eq!(seen.header("x-vault-request"), Some("true"));
        if seen.what == LOOKUP {
            lookup(0, false)
        } else {
            answer(seen)
        }
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let login = VaultLogin::TokenFile(secret(folder.path(), "token", "t\n"));
    let vault = vault(&settings(&canned, login));
    (folder, canned, vault)
}

#[tokio::test]
async fn a_key_is_generated_locally_and_wrapped_remotely_in_its_context() {
    let (_folder, canned, vault) = with_token(|seen| match seen.what.as_str() {
        KEY => key("aes256-gcm96"),
        _ => (
            200,
            json!({"data": {"ciphertext": "vault:v1:abc", "key_version": 1}}).to_string(),
        ),
    })
    .await;
    let made = vault.generate("k-1", &context()).await.unwrap();

    assert_eq!(made.wrapped, b"vault:v1:abc");
    assert_eq!(canned.requests(), [LOOKUP, KEY, ENCRYPT]);
    let request = canned.seen()[2].json();
    assert_eq!(request["plaintext"], BASE64_STANDARD.encode(made.key.expose()));
    let bound = BASE64_STANDARD
        .decode(request["associated_data"].as_str().unwrap())
        .unwrap();
    assert_eq!(str::from_utf8(&bound).unwrap(), r#"{"a":"1 \"x\"","b":"2"}"#);

    assert_eq!(vault.version_of(&made.wrapped).as_deref(), Some("v1"));
    assert_eq!(vault.version_of(b"else"), None);

    let other = vault.generate("k-1", &Context::new()).await.unwrap();
    assert_ne!(other.key.expose(), made.key.expose());
    assert_eq!(
        canned.seen()[4].json()["associated_data"],
        BASE64_STANDARD.encode("{}")
    );
}

#[tokio::test]
async fn a_key_is_opened_there() {
    let (_folder, canned, vault) = with_token(|_| {
        let plaintext = BASE64_STANDARD.encode([7; 32]);
        (200, json!({"data": {"plaintext": plaintext}}).to_string())
    })
    .await;
    let opened = vault.unwrap("k-1", b"vault:v1:abc", &context()).await.unwrap();

    assert_eq!(opened.expose(), &[7; 32]);
    assert_eq!(canned.requests(), [LOOKUP, DECRYPT]);
    assert_eq!(canned.seen()[1].json()["ciphertext"], "vault:v1:abc");
    let not_text = vault.unwrap("k-1", b"\xff", &context()).await;
    assert_eq!(not_text.err(), Some(KmsError::Refused("k-1".to_owned())));
}

#[tokio::test]
async fn an_unwrapped_value_must_be_a_key() {
    for plaintext in ["", "AAAA", &BASE64_STANDARD.encode([7; 33]), "not base64!"] {
        let answer = json!({"data": {"plaintext": plaintext}}).to_string();
        let (_folder, _canned, vault) = with_token(move |_| (200, answer.clone())).await;
        let opened = vault.unwrap("k-1", b"vault:v1:abc", &context()).await;
        assert_eq!(
            opened.err(),
            Some(KmsError::Refused("k-1".to_owned())),
            "{plaintext}"
        );
    }
}

#[tokio::test]
async fn only_keys_that_can_wrap_are_enabled() {
    for (kind, derived, soft_deleted, expected) in [
        ("aes256-gcm96", false, false, KeyState::Enabled),
        ("chacha20-poly1305", false, false, KeyState::Enabled),
        ("xchacha20-poly1305", false, false, KeyState::Enabled),
        ("aes128-gcm96", false, false, KeyState::Unusable),
        ("rsa-4096", false, false, KeyState::Unusable),
        ("aes256-gcm96", true, false, KeyState::Unusable),
        ("aes256-gcm96", false, true, KeyState::Unusable),
    ] {
        let facts = json!({"data": {"type": kind, "derived": derived, "soft_deleted": soft_deleted}});
        let (_folder, canned, vault) = with_token(move |_| (200, facts.to_string())).await;
        let description = vault.describe("k-1").await.unwrap();
        assert_eq!(description.id, "k-1");
        assert_eq!(description.state, expected, "{kind}");

        if expected == KeyState::Unusable {
            let wrapped = vault.generate("k-1", &context()).await;
            assert_eq!(wrapped.err(), Some(KmsError::InvalidState("k-1".to_owned())));
            assert!(!canned.requests().contains(&ENCRYPT.to_owned()));
        }
    }
}

#[tokio::test]
async fn names_that_form_other_paths_are_refused_without_a_request() {
    let (_folder, canned, vault) = with_token(|_| key("aes256-gcm96")).await;
    let long = "k".repeat(129);
    for name in [
        "",
        ".",
        "..",
        "../sys/seal",
        "a/b",
        "a?b",
        "a#b",
        "a%2fb",
        "-a",
        "a-",
        "a b",
        "ä",
        "a\nb",
        &long,
    ] {
        let not_found = KmsError::NotFound(name.to_owned());
        assert_eq!(vault.describe(name).await.err(), Some(not_found.clone()));
        assert_eq!(
            vault.generate(name, &context()).await.err(),
            Some(not_found.clone())
        );
        assert_eq!(vault.unwrap(name, b"x", &context()).await.err(), Some(not_found));
    }
    assert!(canned.requests().iter().all(|request| request == LOOKUP));
}

#[tokio::test]
async fn invalid_settings_are_refused() {
    let canned = Canned::start(|_| (500, String::new())).await;
    let login = VaultLogin::TokenFile("/nowhere".into());
    let good = settings(&canned, login);
    let error = |change: fn(&mut VaultSettings)| {
        let mut settings = good.clone();
        change(&mut settings);
        let vault = Vault::new(&settings, Arc::new(SystemRandom::default()));
        vault.err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert!(error(|its| its.address = "http://example.com".to_owned()).contains("in clear"));
    assert!(error(|its| its.mount = "transit/../sys".to_owned()).contains("transit engine"));
    assert!(error(|its| its.mount = String::new()).contains("transit engine"));
    assert!(error(|its| its.namespace = Some("a b".to_owned())).contains("namespace"));
    assert_eq!(error(|its| its.mount = "/teams/a/transit/".to_owned()), "");
}

#[tokio::test]
async fn mount_and_namespace_are_sent() {
    let canned = Canned::start(|seen| {
        assert_eq!(seen.header("x-vault-namespace"), Some("team/a"));
        if seen.what == LOOKUP {
            lookup(0, false)
        } else {
            key("aes256-gcm96")
        }
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let login = VaultLogin::TokenFile(secret(folder.path(), "token", "t"));
    let settings = VaultSettings {
        mount: "keys/of/us".to_owned(),
        namespace: Some("team/a".to_owned()),
        ..settings(&canned, login)
    };
    vault(&settings).describe("k-1").await.unwrap();
    assert_eq!(canned.requests(), [LOOKUP, "GET /v1/keys/of/us/keys/k-1"]);
}

/// Responses to each operation and their results. For a 400 to decrypt, the key exists.
#[tokio::test]
async fn every_failure_maps_to_its_error() {
    let key_1 = "k-1".to_owned();
    let nothing = r#"{"errors":[]}"#;
    let some = r#"{"errors":["something\n is wrong"]}"#;
    for (status, body, wrap, unwrap) in [
        (
            404,
            nothing,
            Some(KmsError::NotFound(key_1.clone())),
            Some(KmsError::NotFound(key_1.clone())),
        ),
        (
            403,
            some,
            Some(KmsError::Denied(key_1.clone())),
            Some(KmsError::Denied(key_1.clone())),
        ),
        (
            400,
            some,
            Some(KmsError::InvalidState(key_1.clone())),
            Some(KmsError::Refused(key_1.clone())),
        ),
        (404, some, None, None),
        (307, "", None, None),
        (405, some, None, None),
        (412, some, None, None),
        (429, some, None, None),
        (472, "", None, None),
        (500, some, None, None),
        (502, "<html>", None, None),
        (503, r#"{"errors":["Vault is sealed"]}"#, None, None),
        (200, "not json", None, None),
        (200, r#"{"data":{}}"#, None, None),
        (204, "", None, None),
    ] {
        let (_folder, _canned, vault) = with_token(move |seen| match seen.what.as_str() {
            KEY => key("aes256-gcm96"),
            _ => (status, body.to_owned()),
        })
        .await;
        let is = |error: Option<KmsError>, expected: Option<KmsError>| match (error, expected) {
            (Some(KmsError::Unavailable(why)), None) => {
                assert!(
                    why.0.contains(&status.to_string()) && !why.0.contains('\n'),
                    "{why}"
                );
            }
            (error, expected) => assert_eq!(error, expected, "{status} {body}"),
        };
        is(vault.generate("k-1", &context()).await.err(), wrap);
        is(vault.unwrap("k-1", b"vault:v1:x", &context()).await.err(), unwrap);
    }
}

#[tokio::test]
async fn a_deleted_key_is_told_from_a_wrong_ciphertext() {
    for (status, body, expected) in [
        (
            404,
            r#"{"errors":[]}"#.to_owned(),
            KmsError::NotFound("k-1".to_owned()),
        ),
        (200, key("rsa-2048").1, KmsError::InvalidState("k-1".to_owned())),
        (200, key("aes256-gcm96").1, KmsError::Refused("k-1".to_owned())),
        (
            403,
            r#"{"errors":["permission denied"]}"#.to_owned(),
            KmsError::Denied("k-1".to_owned()),
        ),
    ] {
        let (_folder, canned, vault) = with_token(move |seen| match seen.what.as_str() {
            KEY => (status, body.clone()),
            _ => (400, r#"{"errors":["encryption key not found"]}"#.to_owned()),
        })
        .await;
        let opened = vault.unwrap("k-1", b"vault:v1:x", &context()).await;
        assert_eq!(opened.err(), Some(expected));
        assert_eq!(canned.requests()[..3], [LOOKUP, DECRYPT, KEY]);
    }
}

#[tokio::test]
async fn wrapping_does_not_create_a_missing_key() {
    let (_folder, canned, vault) = with_token(|_| (404, r#"{"errors":[]}"#.to_owned())).await;
    let wrapped = vault.generate("k-1", &context()).await;
    assert_eq!(wrapped.err(), Some(KmsError::NotFound("k-1".to_owned())));
    assert_eq!(canned.requests(), [LOOKUP, KEY]);
}
