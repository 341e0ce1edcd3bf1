//! Tests of every rule of the cache, with a service that counts calls. The runtime's clock is paused and advanced.

use super::*;
use crate::kms::KeyDescription;
use crate::kms::error::Unavailable;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{SystemRandom, keys};
use tokio::task::JoinSet;
use tokio::time::{advance, sleep};

mod expiry;
mod single_flight;

/// Keys and their contexts, by their wrapped form.
type Wrapped = BTreeMap<Vec<u8>, ([u8; 32], Context)>;

/// A service in memory: one key `k-1` with the alias `mine`. Stores what it wraps.
#[derive(Default)]
struct Fake {
    wrapped: Mutex<Wrapped>,
    /// Error returned for all requests, if any.
    refuses: Mutex<Option<KmsError>>,
    disabled: Mutex<bool>,
    describes: AtomicUsize,
    generates: AtomicUsize,
    unwraps: AtomicUsize,
    /// Duration of each call.
    delay: Duration,
}

impl Fake {
    fn says(&self, error: impl Into<Option<KmsError>>) {
        *self.refuses.lock().unwrap() = error.into();
    }

    async fn answer(&self, key: &str, count: &AtomicUsize) -> Result<(), KmsError> {
        count.fetch_add(1, SeqCst);
        if !self.delay.is_zero() {
            sleep(self.delay).await;
        }
        if let Some(error) = self.refuses.lock().unwrap().clone() {
            return Err(error);
        }
        match key {
            "k-1" | "mine" => Ok(()),
            _ => Err(KmsError::NotFound(key.to_owned())),
        }
    }

    fn usable(&self) -> Result<(), KmsError> {
        if *self.disabled.lock().unwrap() {
            return Err(KmsError::Disabled("k-1".to_owned()));
        }
        Ok(())
    }

    /// Returns the number of calls of each kind: describe, generate, unwrap.
    fn calls(&self) -> [usize; 3] {
        [&self.describes, &self.generates, &self.unwraps].map(|count| count.load(SeqCst))
    }
}

#[async_trait]
impl Kms for Fake {
    async fn describe(&self, key: &str) -> Result<KeyDescription, KmsError> {
        self.answer(key, &self.describes).await?;
        Ok(KeyDescription {
            id: "k-1".to_owned(),
            state: if self.usable().is_ok() {
                KeyState::Enabled
            } else {
                KeyState::Disabled
            },
        })
    }

    async fn generate(&self, key: &str, context: &Context) -> Result<GeneratedKey, KmsError> {
        self.answer(key, &self.generates).await?;
        self.usable()?;
        let made = OuterKey::generate(&SystemRandom::default()).unwrap();
        let wrapped = format!("wrapped {}", self.generates.load(SeqCst)).into_bytes();
        let entry = (*made.expose(), context.clone());
        self.wrapped.lock().unwrap().insert(wrapped.clone(), entry);
        Ok(GeneratedKey { key: made, wrapped })
    }

    async fn wrap(&self, key: &str, _: &OuterKey, _: &Context) -> Result<Vec<u8>, KmsError> {
        Err(KmsError::NotFound(key.to_owned()))
    }

    async fn unwrap(&self, key: &str, wrapped: &[u8], context: &Context) -> Result<OuterKey, KmsError> {
        self.answer(key, &self.unwraps).await?;
        self.usable()?;
        let refused = || KmsError::Refused(key.to_owned());
        let (bytes, bound) = self
            .wrapped
            .lock()
            .unwrap()
            .get(wrapped)
            .cloned()
            .ok_or_else(refused)?;
        if bound != *context {
            return Err(refused());
        }
        Ok(keys::Wrapped::from_bytes(zeroize::Zeroizing::new(bytes)))
    }
}

fn service(fake: &Arc<Fake>) -> KeyService {
    KeyService::new(Arc::clone(fake) as Arc<dyn Kms>, Some("mine".to_owned()))
}

fn context() -> Context {
    Context::from([("aws:s3:arn".to_owned(), "arn:aws:s3:::bucket".to_owned())])
}

fn away() -> KmsError {
    KmsError::Unavailable(Unavailable("it does not answer".to_owned()))
}

async fn issue(service: &KeyService, shared: bool) -> Result<Issued, KmsError> {
    service.issue(Some("k-1"), &context(), shared).await
}

#[tokio::test]
async fn without_a_service_nothing_is_issued_or_opened() {
    let service = KeyService::default();
    assert_eq!(issue(&service, true).await.err(), Some(KmsError::NoService));
    let opened = service.open("k-1", b"wrapped", &context()).await;
    assert_eq!(opened.err(), Some(KmsError::NoService));
}

#[tokio::test]
async fn requests_without_a_key_use_the_default_one() {
    let fake = Arc::new(Fake::default());
    let issued = service(&fake).issue(None, &context(), false).await.unwrap();
    assert_eq!(issued.key_id, "k-1");

    let without = KeyService::new(fake as Arc<dyn Kms>, None);
    let refused = without.issue(None, &context(), false).await.err();
    assert_eq!(refused, Some(KmsError::NoDefaultKey));
}

#[test]
fn a_key_is_displayed_as_named_but_an_alias_as_its_id() {
    let arn = "arn:aws:kms:eu-west-1:123456789012:key/1234-abcd";
    for (requested, id, expected) in [
        ("k-1", "k-1", "k-1"),
        ("mine", "k-1", "k-1"),
        ("not-k-1", "k-1", "k-1"),
        (
            "arn:aws:kms:us-east-1:000000000000:key/k-1",
            "k-1",
            "arn:aws:kms:us-east-1:000000000000:key/k-1",
        ),
        ("arn:aws:kms:us-east-1:000000000000:alias/k-1", "k-1", "k-1"),
        ("1234-abcd", arn, "1234-abcd"),
        (arn, arn, arn),
        ("alias/1234-abcd", arn, arn),
        ("key/1234-abcd", arn, arn),
        ("", arn, arn),
    ] {
        assert_eq!(display_id(requested, id), expected, "{requested}");
    }
}

#[tokio::test(start_paused = true)]
async fn fresh_keys_are_all_different_and_need_a_call_each() {
    let fake = Arc::new(Fake::default());
    let service = service(&fake);
    let one = issue(&service, false).await.unwrap();
    let two = issue(&service, false).await.unwrap();

    assert_ne!(one.key.expose(), two.key.expose());
    assert_ne!(one.wrapped, two.wrapped);
    assert_eq!(fake.calls(), [1, 2, 0], "the id is cached");
    assert_eq!(service.counts().held, 0, "fresh keys are not kept");
}

#[tokio::test(start_paused = true)]
async fn a_shared_key_is_shared_by_key_and_context() {
    let fake = Arc::new(Fake::default());
    let service = service(&fake);
    let one = issue(&service, true).await.unwrap();
    let two = issue(&service, true).await.unwrap();
    let alias = service.issue(Some("mine"), &context(), true).await.unwrap();
    let elsewhere = service.issue(Some("k-1"), &Context::new(), true).await.unwrap();
    let fresh = issue(&service, false).await.unwrap();

    assert_eq!(one.wrapped, two.wrapped);
    assert_eq!(one.key.expose(), two.key.expose());
    assert_eq!(one.wrapped, alias.wrapped);
    assert_ne!(one.wrapped, elsewhere.wrapped);
    assert_ne!(one.wrapped, fresh.wrapped);
    assert_eq!(fake.calls(), [2, 3, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_shared_key_unwraps_without_a_call() {
    let fake = Arc::new(Fake::default());
    let service = service(&fake);
    let issued = issue(&service, true).await.unwrap();
    let opened = service
        .open(&issued.key_id, &issued.wrapped, &context())
        .await
        .unwrap();

    assert_eq!(opened.expose(), issued.key.expose());
    assert_eq!(fake.calls(), [1, 1, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_shared_key_has_a_limited_number_of_uses() {
    let fake = Arc::new(Fake::default());
    let limits = Lifetimes {
        uses: 3,
        ..Lifetimes::default()
    };
    let service = service(&fake).with_lifetimes(limits);
    let mut wrapped = Vec::new();
    for _ in 0..7 {
        wrapped.push(issue(&service, true).await.unwrap().wrapped);
    }

    assert!(wrapped[0] == wrapped[1] && wrapped[1] == wrapped[2]);
    assert!(wrapped[3] == wrapped[4] && wrapped[4] == wrapped[5]);
    assert_ne!(wrapped[2], wrapped[3]);
    assert_ne!(wrapped[5], wrapped[6]);
    assert_eq!(fake.calls(), [1, 3, 0]);
}

#[tokio::test(start_paused = true)]
async fn an_opened_key_is_found_only_by_all_that_it_depends_on() {
    let fake = Arc::new(Fake::default());
    let service = service(&fake);
    let issued = issue(&service, false).await.unwrap();
    for _ in 0..3 {
        let opened = service.open("k-1", &issued.wrapped, &context()).await.unwrap();
        assert_eq!(opened.expose(), issued.key.expose());
    }
    assert_eq!(fake.calls(), [1, 1, 1]);

    let other_context = service.open("k-1", &issued.wrapped, &Context::new()).await;
    assert_eq!(other_context.err(), Some(KmsError::Refused("k-1".to_owned())));
    let other_key = service.open("k-2", &issued.wrapped, &context()).await;
    assert_eq!(other_key.err(), Some(KmsError::NotFound("k-2".to_owned())));
    let other_bytes = service.open("k-1", b"else", &context()).await;
    assert_eq!(other_bytes.err(), Some(KmsError::Refused("k-1".to_owned())));
    assert_eq!(fake.calls(), [1, 1, 4]);
}

#[test]
fn parts_of_a_cache_key_cannot_be_shifted() {
    let ask = |key: &str, wrapped: &[u8], context: &Context| {
        CacheQuestion::new(QuestionKind::Unwrap, key, wrapped, context).exactly
    };
    let pairs = |list: &[(&str, &str)]| -> Context {
        list.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    let all = [
        ask("ab", b"c", &Context::new()),
        ask("a", b"bc", &Context::new()),
        ask("ab", b"c", &pairs(&[("a", "b")])),
        ask("ab", b"c", &pairs(&[("ab", "")])),
        ask("ab", b"c", &pairs(&[("a", "b"), ("c", "d")])),
        ask("ab", b"c", &pairs(&[("a", "b\",\"c\":\"d")])),
    ];
    let different: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(different.len(), all.len());
}

#[tokio::test(start_paused = true)]
async fn requests_and_calls_are_counted() {
    let fake = Arc::new(Fake::default());
    let service = service(&fake);
    let issued = issue(&service, false).await.unwrap(); // two misses, two calls
    service.open("k-1", &issued.wrapped, &context()).await.unwrap(); // a miss, a call
    service.open("k-1", &issued.wrapped, &context()).await.unwrap(); // a hit
    service.open("k-1", b"else", &context()).await.err().unwrap(); // a miss, a call, a refusal
    fake.says(away());
    service.open("k-1", b"again", &context()).await.err().unwrap(); // a miss, a call, a failure
    service.open("k-1", b"again", &context()).await.err().unwrap(); // a hit: it is known to be away

    let counts = service.counts();
    assert_eq!(
        counts,
        KeyCounts {
            hits: 2,
            misses: 5,
            calls: 5,
            refusals: 1,
            failures: 1,
            held: 1,
        }
    );
}
