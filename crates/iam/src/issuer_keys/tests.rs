use super::*;
use crate::tests::issuer::{Key, Published, URL, publish};
use serde_json::json;
use std::sync::atomic::{AtomicU64, Ordering};

struct Room {
    keys: IssuerKeys,
    published: Arc<Published>,
    time: Arc<AtomicU64>,
}

fn room() -> Room {
    let published = Arc::new(Published::default());
    let time = Arc::new(AtomicU64::new(1000 * SECOND));
    let clock = Arc::clone(&time);
    let now: Now = Arc::new(move || clock.load(Ordering::Relaxed));
    let keys = IssuerKeys::new(Arc::clone(&published) as Arc<dyn Documents>, now);
    Room {
        keys,
        published,
        time,
    }
}

impl Room {
    async fn find(&self, id: &str) -> Result<(), String> {
        let found = self.keys.find(URL, Some(id), Algorithm::ES256).await;
        found.map(drop).map_err(|error| error.message)
    }

    fn pass(&self, seconds: u64) {
        self.time.fetch_add(seconds * SECOND, Ordering::Relaxed);
    }
}

#[test]
fn the_lifetime_of_keys_is_bounded() {
    for (header, seconds) in [
        (None, 300),
        (Some("public"), 300),
        (Some("max-age=600"), 600),
        (Some("public, Max-Age=\"600\", must-revalidate"), 600),
        (Some("max-age=1"), 60),
        (Some("max-age=86400"), 3600),
        (Some("max-age=99999999999999999999999"), 60),
        (Some("max-age=-1"), 60),
        (Some("no-cache"), 60),
        (Some("no-store, max-age=600"), 60),
    ] {
        assert_eq!(lifetime(header), seconds * SECOND, "{header:?}");
    }
}

#[tokio::test]
async fn keys_are_kept_as_long_as_the_provider_says() {
    let room = room();
    publish(&room.published, &[&Key::p256("a")], Some("max-age=600"));
    room.find("a").await.unwrap();
    room.pass(599);
    room.find("a").await.unwrap();
    assert_eq!(room.published.fetches(), 2);
    room.pass(1);
    room.find("a").await.unwrap();
    assert_eq!(room.published.fetches(), 4);
    // A clock that is set back does not make them live longer.
    room.time.fetch_sub(601 * SECOND, Ordering::Relaxed);
    room.find("a").await.unwrap();
    assert_eq!(room.published.fetches(), 6);
}

#[tokio::test]
async fn concurrent_requests_ask_the_provider_once() {
    let room = room();
    publish(&room.published, &[&Key::p256("a")], None);
    let found = tokio::join!(room.find("a"), room.find("a"), room.find("b"), room.find("a"));
    assert!(found.0.is_ok() && found.1.is_ok() && found.2.is_err() && found.3.is_ok());
    assert_eq!(room.published.fetches(), 2);
}

#[tokio::test]
async fn configurations_that_cannot_be_used_are_refused() {
    let address = format!("{URL}/.well-known/openid-configuration");
    for (configuration, why) in [
        (
            json!({"issuer": "https://evil.example.com", "jwks_uri": "https://a"}),
            "evil.example.com",
        ),
        (
            json!({"issuer": format!("{URL}/"), "jwks_uri": "https://a"}),
            "configuration of the issuer",
        ),
        (
            json!({"issuer": URL, "jwks_uri": "http://a"}),
            "must begin with https://",
        ),
        (
            json!({"issuer": URL, "jwks_uri": "file:///etc/passwd"}),
            "must begin with https://",
        ),
        (json!({"issuer": URL}), "jwks_uri"),
        (json!([]), "cannot be read"),
    ] {
        let room = room();
        room.published.put(&address, &configuration, None);
        let error = room.find("a").await.unwrap_err();
        assert!(error.contains(why), "{error}");
    }
    let room = room();
    publish(&room.published, &[], None);
    let error = room.find("a").await.unwrap_err();
    assert!(error.contains("no key that verifies"), "{error}");
}

#[tokio::test]
async fn the_number_of_issuers_is_bounded() {
    let room = room();
    for number in 0..MAX_ISSUERS + 10 {
        room.pass(1);
        let url = format!("https://{number}.example.com");
        let found = room.keys.find(&url, None, Algorithm::ES256).await;
        assert_eq!(found.map(drop).unwrap_err().code, "IDPCommunicationError");
    }
    let issuers = room.keys.issuers.lock().unwrap();
    assert_eq!(issuers.len(), MAX_ISSUERS);
    assert!(
        issuers.contains_key("https://265.example.com") && !issuers.contains_key("https://0.example.com")
    );
}
