//! Tests with the transit engine of a real OpenBao, which is the same as HashiCorp Vault's.

use crate::program::{Running, free_port, run, secret, wanted};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use strongroom_keys::kms::{Context, KeyService, KeyState, Kms, KmsError, Vault, VaultLogin, VaultSettings};
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{OuterKey, SystemRandom};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

/// The policy that docs/kms.md recommends for the server's token.
const POLICY: &str = r#"
path "transit/keys/s3-*"    { capabilities = ["read"] }
path "transit/encrypt/s3-*" { capabilities = ["update"] }
path "transit/decrypt/s3-*" { capabilities = ["update"] }
"#;

/// A server in memory with a transit engine and the key `s3-one`.
struct Bao {
    program: PathBuf,
    folder: TempDir,
    address: String,
    running: Option<Running>,
}

impl Bao {
    fn start(tls: bool) -> Option<Self> {
        let program = wanted()?.join("bao");
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut command = Command::new(&program);
        command
            .args(["server", "-dev", "-dev-no-store-token", "-dev-root-token-id=root"])
            .arg(format!("-dev-listen-address=127.0.0.1:{port}"))
            .env("HOME", folder.path());
        if tls {
            command
                .arg("-dev-tls")
                .arg("-dev-tls-cert-dir")
                .arg(folder.path());
        }
        let running = Running::start(&mut command, folder.path(), port);
        let scheme = if tls { "https" } else { "http" };
        let bao = Self {
            program,
            folder,
            address: format!("{scheme}://127.0.0.1:{port}"),
            running: Some(running),
        };
        bao.run(&["secrets", "enable", "transit"]);
        bao.run(&["write", "-f", "transit/keys/s3-one"]);
        bao.run(&["policy", "write", "strongroom", bao.policy().to_str().unwrap()]);
        Some(bao)
    }

    fn policy(&self) -> PathBuf {
        secret(self.folder.path(), "strongroom.hcl", POLICY)
    }

    /// Returns the certificate of the server's own authority.
    fn ca_file(&self) -> PathBuf {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names = files.map(|file| file.unwrap().path());
        names
            .find(|path| path.to_str().unwrap().ends_with("-ca.pem"))
            .unwrap()
    }

    /// Runs one of its own commands as its administrator.
    fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(&self.program);
        command.args(arguments).env("HOME", self.folder.path());
        command.env("BAO_ADDR", &self.address).env("BAO_TOKEN", "root");
        if self.address.starts_with("https") {
            command.env("BAO_CACERT", self.ca_file());
        }
        run(&mut command)
    }

    /// Creates a file with a token that has the policy of docs/kms.md and this lifetime.
    fn token_file(&self, ttl: &str) -> PathBuf {
        let ttl = format!("-ttl={ttl}");
        let token = self.run(&["token", "create", "-policy=strongroom", &ttl, "-field=token"]);
        secret(self.folder.path(), "token", token.trim())
    }

    fn settings(&self, login: VaultLogin) -> VaultSettings {
        VaultSettings {
            address: self.address.clone(),
            mount: "transit".to_owned(),
            namespace: None,
            ca_file: None,
            login,
        }
    }

    fn vault(&self, login: VaultLogin) -> Vault {
        vault(&self.settings(login))
    }

    fn with_token(&self) -> Vault {
        self.vault(VaultLogin::TokenFile(self.token_file("1h")))
    }
}

fn vault(settings: &VaultSettings) -> Vault {
    Vault::new(settings, Arc::new(SystemRandom::default())).unwrap()
}

fn context() -> Context {
    Context::from([(
        "aws:s3:arn".to_owned(),
        "arn:aws:s3:::bucket/ä \"key\"".to_owned(),
    )])
}

fn refused() -> KmsError {
    KmsError::Refused("s3-one".to_owned())
}

#[tokio::test]
async fn keys_are_wrapped_and_opened_in_their_context_only() {
    let Some(bao) = Bao::start(false) else { return };
    bao.run(&["write", "-f", "transit/keys/s3-two"]);
    let vault = bao.with_token();
    let description = vault.describe("s3-one").await.unwrap();
    assert_eq!(description.id, "s3-one");
    assert_eq!(description.state, KeyState::Enabled);

    let made = vault.generate("s3-one", &context()).await.unwrap();
    assert!(made.wrapped.starts_with(b"vault:v1:"));
    let opened = vault.unwrap("s3-one", &made.wrapped, &context()).await.unwrap();
    assert_eq!(opened.expose(), made.key.expose());
    let key = OuterKey::generate(&SystemRandom::default()).unwrap();
    let wrapped = vault.wrap("s3-one", &key, &Context::new()).await.unwrap();
    let opened = vault.unwrap("s3-one", &wrapped, &Context::new()).await.unwrap();
    assert_eq!(opened.expose(), key.expose());

    let other_context = vault.unwrap("s3-one", &made.wrapped, &Context::new()).await;
    assert_eq!(other_context.err(), Some(refused()));
    let other_key = vault.unwrap("s3-two", &made.wrapped, &context()).await;
    assert_eq!(other_key.err(), Some(KmsError::Refused("s3-two".to_owned())));
    let other_bytes = vault.unwrap("s3-one", b"vault:v1:AAAA", &context()).await;
    assert_eq!(other_bytes.err(), Some(refused()));
}

#[tokio::test]
async fn a_rotated_key_opens_what_it_wrapped_before() {
    let Some(bao) = Bao::start(false) else { return };
    let vault = bao.with_token();
    let old = vault.generate("s3-one", &context()).await.unwrap();
    bao.run(&["write", "-f", "transit/keys/s3-one/rotate"]);
    let new = vault.generate("s3-one", &context()).await.unwrap();
    assert!(new.wrapped.starts_with(b"vault:v2:"));
    for made in [&old, &new] {
        let opened = vault.unwrap("s3-one", &made.wrapped, &context()).await.unwrap();
        assert_eq!(opened.expose(), made.key.expose());
    }
    bao.run(&["write", "transit/keys/s3-one/config", "min_decryption_version=2"]);
    let opened = vault.unwrap("s3-one", &old.wrapped, &context()).await;
    assert_eq!(opened.err(), Some(refused()));
}

#[tokio::test]
async fn a_deleted_key_is_not_found_and_not_recreated() {
    let Some(bao) = Bao::start(false) else { return };
    // The administrator's token may create keys, and the engine creates missing keys when encrypting.
    let vault = bao.vault(VaultLogin::TokenFile(secret(bao.folder.path(), "root", "root")));
    let made = vault.generate("s3-one", &context()).await.unwrap();
    bao.run(&["write", "transit/keys/s3-one/config", "deletion_allowed=true"]);
    bao.run(&["delete", "transit/keys/s3-one"]);

    let not_found = Some(KmsError::NotFound("s3-one".to_owned()));
    assert_eq!(vault.generate("s3-one", &context()).await.err(), not_found);
    assert_eq!(
        vault.unwrap("s3-one", &made.wrapped, &context()).await.err(),
        not_found
    );
    assert_eq!(vault.describe("s3-one").await.err(), not_found);
    bao.run(&["write", "-f", "transit/keys/s3-one"]);
    assert_eq!(
        vault.unwrap("s3-one", &made.wrapped, &context()).await.err(),
        Some(refused()),
        "another one of the same name"
    );
}

#[tokio::test]
async fn keys_of_other_kinds_are_unusable() {
    let Some(bao) = Bao::start(false) else { return };
    bao.run(&["write", "transit/keys/s3-rsa", "type=rsa-2048"]);
    bao.run(&["write", "transit/keys/s3-derived", "derived=true"]);
    let vault = bao.with_token();
    for key in ["s3-rsa", "s3-derived"] {
        assert_eq!(vault.describe(key).await.unwrap().state, KeyState::Unusable);
        let wrapped = vault.generate(key, &context()).await;
        assert_eq!(wrapped.err(), Some(KmsError::InvalidState(key.to_owned())));
    }
}

#[tokio::test]
async fn the_policy_of_the_guide_is_enough_and_not_more() {
    let Some(bao) = Bao::start(false) else { return };
    bao.run(&["write", "-f", "transit/keys/other"]);
    let vault = bao.with_token();
    vault.generate("s3-one", &context()).await.unwrap();
    let denied = Some(KmsError::Denied("other".to_owned()));
    assert_eq!(vault.describe("other").await.err(), denied);
    assert_eq!(vault.generate("other", &context()).await.err(), denied);
    assert_eq!(
        vault.unwrap("other", b"vault:v1:AAAA", &context()).await.err(),
        denied
    );
    let not_found = Some(KmsError::NotFound("s3-none".to_owned()));
    assert_eq!(vault.generate("s3-none", &context()).await.err(), not_found);
}

#[tokio::test]
async fn a_token_is_kept_alive_and_one_that_was_revoked_is_refused() {
    let Some(bao) = Bao::start(false) else { return };
    let token = bao.token_file("6s");
    let vault = bao.vault(VaultLogin::TokenFile(token.clone()));
    vault.generate("s3-one", &context()).await.unwrap();
    sleep(Duration::from_secs(9)).await;
    vault.generate("s3-one", &context()).await.unwrap();

    let secret = std::fs::read_to_string(token).unwrap();
    bao.run(&["token", "revoke", &secret]);
    let error = vault.generate("s3-one", &context()).await.err().unwrap();
    assert!(matches!(&error, KmsError::Unavailable(_)));
    assert!(error.to_string().contains("is not accepted") && !error.to_string().contains(&secret));
    bao.token_file("1h");
    vault.generate("s3-one", &context()).await.unwrap();
}

#[tokio::test]
async fn an_app_role_logs_in_again_when_its_token_is_revoked() {
    let Some(bao) = Bao::start(false) else { return };
    bao.run(&["auth", "enable", "approle"]);
    bao.run(&[
        "write",
        "auth/approle/role/strongroom",
        "token_policies=strongroom",
        "token_ttl=20m",
    ]);
    let role = bao.run(&["read", "-field=role_id", "auth/approle/role/strongroom/role-id"]);
    let secret_id = bao.run(&[
        "write",
        "-f",
        "-field=secret_id",
        "auth/approle/role/strongroom/secret-id",
    ]);
    let vault = bao.vault(VaultLogin::AppRole {
        mount: "approle".to_owned(),
        role_id_file: secret(bao.folder.path(), "role-id", role.trim()),
        secret_id_file: secret(bao.folder.path(), "secret-id", secret_id.trim()),
    });
    vault.generate("s3-one", &context()).await.unwrap();
    bao.run(&["lease", "revoke", "-prefix", "-sync", "auth/approle/"]);
    vault.generate("s3-one", &context()).await.unwrap();
}

#[tokio::test]
async fn tls_trusts_the_authority_in_the_file_and_no_other() {
    let Some(bao) = Bao::start(true) else { return };
    let login = VaultLogin::TokenFile(bao.token_file("1h"));
    let trusting = VaultSettings {
        ca_file: Some(bao.ca_file()),
        ..bao.settings(login.clone())
    };
    vault(&trusting).generate("s3-one", &context()).await.unwrap();

    let error = bao
        .vault(login)
        .generate("s3-one", &context())
        .await
        .err()
        .unwrap();
    assert!(matches!(&error, KmsError::Unavailable(_)));
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[tokio::test]
async fn an_unavailable_server_fails_at_once_and_cached_keys_work() {
    let Some(mut bao) = Bao::start(false) else { return };
    let keys = KeyService::new(Arc::new(bao.with_token()), Some("s3-one".to_owned()));
    let issued = keys.issue(None, &context(), false).await.unwrap();
    let opened = keys.open("s3-one", &issued.wrapped, &context()).await.unwrap();
    assert_eq!(opened.expose(), issued.key.expose());

    bao.run(&["operator", "seal"]);
    let error = keys.issue(None, &context(), false).await.err().unwrap();
    assert!(error.to_string().contains("503"), "{error}");
    keys.purge();
    bao.running = None;
    let error = keys.issue(None, &context(), false).await.err().unwrap();
    assert!(matches!(&error, KmsError::Unavailable(_)), "{error}");
    let started = Instant::now();
    assert_eq!(keys.issue(None, &context(), false).await.err(), Some(error));
    assert!(started.elapsed() < Duration::from_millis(100));
}

#[tokio::test]
async fn the_engines_own_tools_unwrap_our_keys() {
    let Some(bao) = Bao::start(false) else { return };
    let made = bao
        .with_token()
        .generate("s3-one", &Context::new())
        .await
        .unwrap();
    let ciphertext = format!("ciphertext={}", String::from_utf8(made.wrapped).unwrap());
    // The base64 of {}, the canonical form of an empty context.
    let arguments = [
        "write",
        "-field=plaintext",
        "transit/decrypt/s3-one",
        &ciphertext,
        "associated_data=e30=",
    ];
    let key = run_base64(&bao.run(&arguments), bao.folder.path());
    assert_eq!(key, made.key.expose());
}

fn run_base64(text: &str, folder: &Path) -> Vec<u8> {
    let file = secret(folder, "base64", text.trim());
    let output = Command::new("base64").arg("-d").arg(file).output().unwrap();
    output.stdout
}
