//! Tests of logging in, and of keeping the token valid.

use super::*;

/// Knows tokens, and denies requests with others.
struct Door {
    good: Mutex<Vec<&'static str>>,
    /// Remaining lifetime reported for a token, and granted by a renewal.
    ttl: u64,
    renewed: u64,
}

impl Door {
    fn new(good: &[&'static str], ttl: u64, renewed: u64) -> Arc<Self> {
        Arc::new(Self {
            good: Mutex::new(good.to_vec()),
            ttl,
            renewed,
        })
    }

    fn answer(&self, seen: &Seen) -> (u16, String) {
        let denied = (403, json!({"errors": ["permission denied"]}).to_string());
        let lease = |token: &str, ttl: u64| {
            let auth = json!({"client_token": token, "lease_duration": ttl, "renewable": true});
            (200, json!({"data": null, "auth": auth}).to_string())
        };
        if seen.what == "POST /v1/auth/approle/login" {
            assert_eq!(seen.header("x-vault-token"), None);
            let good = seen.json() == json!({"role_id": "role", "secret_id": "secret"});
            let token = self.good.lock().unwrap().first().copied();
            return match token.filter(|_| good) {
                Some(token) => lease(token, self.ttl),
                None => (400, json!({"errors": ["invalid role or secret ID"]}).to_string()),
            };
        }
        let token = seen.header("x-vault-token").unwrap();
        if !self.good.lock().unwrap().contains(&token) {
            return denied;
        }
        match seen.what.as_str() {
            LOOKUP => lookup(self.ttl, true),
            "POST /v1/auth/token/renew-self" if self.renewed == 0 => {
                (400, json!({"errors": ["lease is not renewable"]}).to_string())
            }
            "POST /v1/auth/token/renew-self" => lease(token, self.renewed),
            KEY => key("aes256-gcm96"),
            _ => denied,
        }
    }
}

async fn at(door: &Arc<Door>) -> Canned {
    let door = Arc::clone(door);
    Canned::start(move |seen| door.answer(seen)).await
}

fn app_role(folder: &Path) -> VaultLogin {
    VaultLogin::AppRole {
        mount: "approle".to_owned(),
        role_id_file: secret(folder, "role-id", "role\n"),
        secret_id_file: secret(folder, "secret-id", "secret\n"),
    }
}

const RENEW: &str = "POST /v1/auth/token/renew-self";
const LOGIN: &str = "POST /v1/auth/approle/login";

/// Returns the requests after the first `before`.
fn since(canned: &Canned, before: usize) -> Vec<String> {
    canned.requests().split_off(before)
}

#[tokio::test]
async fn concurrent_requests_share_one_login() {
    let folder = tempfile::tempdir().unwrap();
    let canned = at(&Door::new(&["t"], 3600, 3600)).await;
    let vault = vault(&settings(&canned, app_role(folder.path())));
    sleep(Duration::from_millis(300)).await;
    assert_eq!(canned.requests(), [LOGIN], "no key was requested yet");
    for _ in 0..3 {
        vault.describe("k-1").await.unwrap();
    }
    assert_eq!(canned.requests(), [LOGIN, KEY, KEY, KEY]);
}

#[tokio::test]
async fn a_denied_request_with_a_valid_token_causes_no_login() {
    let folder = tempfile::tempdir().unwrap();
    let canned = at(&Door::new(&["t"], 3600, 3600)).await;
    let vault = vault(&settings(&canned, app_role(folder.path())));
    for _ in 0..2 {
        let denied = vault.describe("k-2").await.err();
        assert_eq!(denied, Some(KmsError::Denied("k-2".to_owned())));
    }
    assert_eq!(
        canned
            .requests()
            .iter()
            .filter(|request| *request == LOGIN)
            .count(),
        1
    );
}

#[tokio::test]
async fn a_token_that_was_revoked_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let door = Door::new(&["t"], 3600, 3600);
    let canned = at(&door).await;
    let vault = vault(&settings(&canned, app_role(folder.path())));
    vault.describe("k-1").await.unwrap();
    *door.good.lock().unwrap() = vec!["u"];
    let before = canned.requests().len();
    vault.describe("k-1").await.unwrap();
    assert_eq!(since(&canned, before), [KEY, LOOKUP, LOGIN, KEY]);
}

#[tokio::test]
async fn a_new_token_in_the_file_replaces_a_revoked_one() {
    let folder = tempfile::tempdir().unwrap();
    let door = Door::new(&["t"], 3600, 3600);
    let canned = at(&door).await;
    let path = secret(folder.path(), "token", "t");
    let vault = vault(&settings(&canned, VaultLogin::TokenFile(path)));
    vault.describe("k-1").await.unwrap();
    *door.good.lock().unwrap() = vec!["u"];
    let error = vault.describe("k-1").await.unwrap_err().to_string();
    assert!(
        error.contains("is not accepted") && error.contains("token"),
        "{error}"
    );
    secret(folder.path(), "token", "u");
    vault.describe("k-1").await.unwrap();
}

#[tokio::test]
async fn a_refused_login_is_reported_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let canned = at(&Door::new(&["t"], 3600, 3600)).await;
    let wrong = VaultLogin::AppRole {
        mount: "approle".to_owned(),
        role_id_file: secret(folder.path(), "role-id", "role"),
        secret_id_file: secret(folder.path(), "secret-id", "wrong"),
    };
    for (login, why) in [
        (wrong, "invalid role or secret ID"),
        (
            VaultLogin::TokenFile(secret(folder.path(), "bad", "bad")),
            "is not accepted",
        ),
        (
            VaultLogin::TokenFile(folder.path().join("none")),
            "none cannot be used",
        ),
        (
            VaultLogin::TokenFile(secret(folder.path(), "odd", "a\nb")),
            "is not valid in a header",
        ),
    ] {
        let error = vault(&settings(&canned, login))
            .describe("k-1")
            .await
            .unwrap_err();
        assert!(matches!(error, KmsError::Unavailable(_)));
        let error = error.to_string();
        assert!(
            error.contains(why) && !error.contains("wrong") && !error.contains("bad\""),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_token_is_renewed_after_two_thirds_of_its_lifetime() {
    let folder = tempfile::tempdir().unwrap();
    let canned = at(&Door::new(&["t"], 3, 3600)).await;
    let vault = vault(&settings(&canned, app_role(folder.path())));
    vault.describe("k-1").await.unwrap();
    let before = canned.requests().len();
    vault.session.maintain().await.unwrap();
    assert_eq!(since(&canned, before), [""; 0], "not yet");
    sleep(Duration::from_millis(2200)).await;
    vault.session.maintain().await.unwrap();
    assert_eq!(since(&canned, before), [RENEW]);
    sleep(Duration::from_secs(1)).await;
    vault.describe("k-1").await.unwrap();
    assert_eq!(since(&canned, before), [RENEW, KEY], "it has more time now");
}

#[tokio::test]
async fn a_token_that_cannot_be_extended_is_replaced_before_it_expires() {
    for renewed in [0, 1] {
        let folder = tempfile::tempdir().unwrap();
        let canned = at(&Door::new(&["t"], 2, renewed)).await;
        let vault = vault(&settings(&canned, app_role(folder.path())));
        vault.describe("k-1").await.unwrap();
        let before = canned.requests().len();
        sleep(Duration::from_millis(1500)).await;
        vault.session.maintain().await.unwrap();
        assert_eq!(since(&canned, before), [RENEW, LOGIN]);
    }
}

#[tokio::test]
async fn a_token_that_expired_is_replaced_at_the_next_request() {
    let folder = tempfile::tempdir().unwrap();
    let door = Door::new(&["t"], 1, 3600);
    let canned = at(&door).await;
    let vault = vault(&settings(&canned, app_role(folder.path())));
    vault.describe("k-1").await.unwrap();
    let before = canned.requests().len();
    *door.good.lock().unwrap() = vec!["u"];
    sleep(Duration::from_millis(1100)).await;
    vault.describe("k-1").await.unwrap();
    let request = since(&canned, before);
    // The maintenance task runs at the same time, and may try to renew the token first.
    let request = request.strip_prefix(&[RENEW.to_owned()]).unwrap_or(&request);
    assert_eq!(request, [LOGIN, KEY], "it is not tried first");
}
