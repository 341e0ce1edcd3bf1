//! Tests of the lifetimes of cached values.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn an_opened_key_expires_whether_used_or_not() {
    let fake = Arc::new(Fake::default());
    let service = service(&fake);
    let issued = issue(&service, false).await.unwrap();
    for _ in 0..30 {
        service.open("k-1", &issued.wrapped, &context()).await.unwrap();
        advance(Duration::from_millis(9_999)).await;
    }
    assert_eq!(fake.calls()[2], 1);

    advance(SECOND).await;
    service.open("k-1", &issued.wrapped, &context()).await.unwrap();
    assert_eq!(fake.calls()[2], 2);
}

#[tokio::test(start_paused = true)]
async fn keys_expire_on_time_without_requests() {
    let fake = Arc::new(Fake::default());
    let service = service(&fake);
    let issued = issue(&service, false).await.unwrap();
    let opened = Arc::downgrade(&service.open("k-1", &issued.wrapped, &context()).await.unwrap());
    sleep(SECOND * 100).await;
    let shared = Arc::downgrade(&issue(&service, true).await.unwrap().key);

    sleep(SECOND * 199).await;
    assert!(opened.upgrade().is_some() && shared.upgrade().is_some());
    assert_eq!(service.counts().held, 3);
    sleep(SECOND * 2).await;
    assert!(opened.upgrade().is_none() && shared.upgrade().is_some());
    assert_eq!(service.counts().held, 2);
    sleep(SECOND * 100).await;
    assert!(shared.upgrade().is_none());
    assert_eq!(service.counts().held, 0);

    // The sweeper starts again with the next key.
    let opened = Arc::downgrade(&service.open("k-1", &issued.wrapped, &context()).await.unwrap());
    sleep(SECOND * 301).await;
    assert!(opened.upgrade().is_none());
}

/// The sweeper sleeps until the refusal expires.
#[tokio::test(start_paused = true)]
async fn keys_expire_on_time_beside_a_longer_lived_refusal() {
    for (positive, negative) in [(10, 1000), (1000, 10)] {
        let fake = Arc::new(Fake::default());
        let limits = Lifetimes {
            positive: SECOND * positive,
            negative: SECOND * negative,
            ..Lifetimes::default()
        };
        let service = service(&fake).with_lifetimes(limits);
        let refused = service.issue(Some("nobody"), &context(), false).await;
        assert!(refused.is_err());
        sleep(SECOND * 3).await;
        let issued = issue(&service, false).await.unwrap();
        let opened = Arc::downgrade(&service.open("k-1", &issued.wrapped, &context()).await.unwrap());
        sleep(SECOND * (positive - 1)).await;
        assert!(opened.upgrade().is_some());
        sleep(SECOND * 2).await;
        assert!(opened.upgrade().is_none(), "{positive} {negative}");
    }
}

#[tokio::test(start_paused = true)]
async fn keys_are_dropped_with_their_service() {
    let fake = Arc::new(Fake::default());
    let service = service(&fake);
    let issued = Arc::downgrade(&issue(&service, true).await.unwrap().key);
    tokio::task::yield_now().await;
    assert!(issued.upgrade().is_some());
    drop(service);
    assert!(issued.upgrade().is_none());
}

#[tokio::test(start_paused = true)]
async fn the_number_of_cached_keys_is_bounded() {
    let fake = Arc::new(Fake::default());
    let limits = Lifetimes {
        entries: 8,
        ..Lifetimes::default()
    };
    let service = service(&fake).with_lifetimes(limits);
    for n in 0..50 {
        let context = Context::from([("n".to_owned(), n.to_string())]);
        let issued = service.issue(Some("k-1"), &context, false).await.unwrap();
        service.open("k-1", &issued.wrapped, &context).await.unwrap();
        assert!(service.counts().held <= 8);
    }
    assert_eq!(service.counts().held, 8);
}

#[tokio::test(start_paused = true)]
async fn without_a_lifetime_every_key_needs_a_call_and_none_is_cached() {
    let fake = Arc::new(Fake::default());
    let limits = Lifetimes {
        positive: Duration::ZERO,
        ..Lifetimes::default()
    };
    let service = service(&fake).with_lifetimes(limits);
    let one = issue(&service, true).await.unwrap();
    let two = issue(&service, true).await.unwrap();
    service.open("k-1", &one.wrapped, &context()).await.unwrap();
    service.open("k-1", &one.wrapped, &context()).await.unwrap();

    assert_ne!(one.wrapped, two.wrapped);
    assert_eq!(fake.calls(), [2, 2, 2]);
    assert_eq!(service.counts().held, 0);
}

#[tokio::test(start_paused = true)]
async fn a_disabled_key_wraps_nothing_fresh_and_nothing_shared_from_then_on() {
    let fake = Arc::new(Fake::default());
    let service = service(&fake);
    issue(&service, true).await.unwrap();
    *fake.disabled.lock().unwrap() = true;
    assert!(issue(&service, true).await.is_ok(), "not heard of it yet");

    let disabled = Some(KmsError::Disabled("k-1".to_owned()));
    assert_eq!(issue(&service, false).await.err(), disabled);
    assert_eq!(issue(&service, true).await.err(), disabled, "now it has");
}

#[tokio::test(start_paused = true)]
async fn a_shared_key_is_not_used_longer_than_its_lifetime_after_its_kms_key_was_disabled() {
    let fake = Arc::new(Fake::default());
    let service = service(&fake);
    issue(&service, true).await.unwrap();
    *fake.disabled.lock().unwrap() = true;
    advance(SECOND * 299).await;
    assert!(issue(&service, true).await.is_ok());
    advance(SECOND).await;
    let refused = issue(&service, true).await.err();
    assert_eq!(refused, Some(KmsError::Disabled("k-1".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_cached_for_a_while() {
    for refusal in [
        KmsError::NotFound("k-1".to_owned()),
        KmsError::Disabled("k-1".to_owned()),
        KmsError::InvalidState("k-1".to_owned()),
        KmsError::Denied("k-1".to_owned()),
        KmsError::Refused("k-1".to_owned()),
    ] {
        let fake = Arc::new(Fake::default());
        let service = service(&fake);
        let issued = issue(&service, false).await.unwrap();
        fake.says(refusal.clone());
        for _ in 0..10 {
            assert_eq!(issue(&service, false).await.err(), Some(refusal.clone()));
            let opened = service.open("k-1", &issued.wrapped, &context()).await;
            assert_eq!(opened.err(), Some(refusal.clone()));
            advance(Duration::from_millis(999)).await;
        }
        assert_eq!(fake.calls(), [1, 2, 1], "{refusal}");

        fake.says(None);
        advance(SECOND).await;
        assert!(issue(&service, false).await.is_ok());
        assert!(service.open("k-1", &issued.wrapped, &context()).await.is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_of_a_key_hold_for_all_requests_but_denials_for_one() {
    let other = Context::from([("other".to_owned(), "context".to_owned())]);
    for (refusal, calls) in [
        (KmsError::Disabled("k-1".to_owned()), 1),
        (KmsError::Denied("k-1".to_owned()), 3),
        (KmsError::Refused("k-1".to_owned()), 3),
    ] {
        let fake = Arc::new(Fake::default());
        let service = service(&fake);
        fake.says(refusal);
        service.open("k-1", b"one", &context()).await.err().unwrap();
        service.open("k-1", b"two", &context()).await.err().unwrap();
        service.open("k-1", b"one", &other).await.err().unwrap();
        assert_eq!(fake.calls()[2], calls);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_name_is_looked_up_again_after_a_while() {
    let fake = Arc::new(Fake::default());
    let service = service(&fake);
    for _ in 0..2 {
        let refused = service.issue(Some("none"), &context(), true).await.err();
        assert_eq!(refused, Some(KmsError::NotFound("none".to_owned())));
    }
    assert_eq!(fake.calls(), [1, 0, 0]);
    advance(SECOND * 10).await;
    service.issue(Some("none"), &context(), true).await.err().unwrap();
    assert_eq!(fake.calls(), [2, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn an_unavailable_service_is_not_called_for_a_while_and_cached_keys_work() {
    let fake = Arc::new(Fake::default());
    let service = service(&fake);
    let old = issue(&service, false).await.unwrap();
    let shared = issue(&service, true).await.unwrap();
    service.open("k-1", &old.wrapped, &context()).await.unwrap();
    fake.says(away());
    assert_eq!(issue(&service, false).await.err(), Some(away()));
    let before = fake.calls();

    for _ in 0..20 {
        assert_eq!(issue(&service, false).await.err(), Some(away()));
        let unknown = service.open("k-1", b"unknown", &context()).await;
        assert_eq!(unknown.err(), Some(away()));
        assert!(service.open("k-1", &old.wrapped, &context()).await.is_ok());
        assert_eq!(issue(&service, true).await.unwrap().wrapped, shared.wrapped);
        advance(Duration::from_millis(99)).await;
    }
    assert_eq!(fake.calls(), before);

    advance(Duration::from_millis(20)).await;
    let result = issue(&service, false).await.err();
    assert_eq!(result, Some(away()), "called, and still unavailable");
    assert_eq!(fake.calls()[1], before[1] + 1);
    fake.says(None);
    assert_eq!(issue(&service, false).await.err(), Some(away()), "not called yet");
    advance(SECOND * 2).await;
    assert!(issue(&service, false).await.is_ok(), "back");
    assert!(issue(&service, false).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn purging_drops_everything() {
    let fake = Arc::new(Fake::default());
    let service = service(&fake);
    let issued = issue(&service, true).await.unwrap();
    let key = Arc::downgrade(&issued.key);
    let unknown = service.issue(Some("none"), &context(), true).await;
    assert!(unknown.is_err());
    let wrapped = issued.wrapped.clone();
    drop(issued);

    service.purge();
    assert!(key.upgrade().is_none());
    assert_eq!(service.counts().held, 0);
    assert_ne!(issue(&service, true).await.unwrap().wrapped, wrapped);
    service.open("k-1", &wrapped, &context()).await.unwrap();
    let unknown = service.issue(Some("none"), &context(), true).await;
    assert!(unknown.is_err());
    assert_eq!(fake.calls(), [4, 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn purging_retries_an_unavailable_service() {
    let fake = Arc::new(Fake::default());
    let service = service(&fake);
    fake.says(away());
    issue(&service, false).await.err().unwrap();
    fake.says(None);
    assert_eq!(issue(&service, false).await.err(), Some(away()));
    service.purge();
    assert!(issue(&service, false).await.is_ok());
}
