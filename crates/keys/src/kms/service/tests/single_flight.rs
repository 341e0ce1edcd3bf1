//! Tests that concurrent equal requests share one call.

use super::*;
use tokio::time::Instant;

const DELAY: Duration = Duration::from_millis(100);

fn slow() -> Arc<Fake> {
    Arc::new(Fake {
        delay: DELAY,
        ..Fake::default()
    })
}

/// Runs 64 tasks at the same time and returns their results.
async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(make: impl Fn() -> F) -> Vec<T> {
    let mut all = JoinSet::new();
    for _ in 0..64 {
        all.spawn(make());
    }
    all.join_all().await
}

async fn open(service: Arc<KeyService>, wrapped: Vec<u8>) -> Result<Arc<OuterKey>, KmsError> {
    service.open("k-1", &wrapped, &context()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_call_opens_a_key_for_all() {
    let fake = slow();
    let service = Arc::new(service(&fake));
    let issued = issue(&service, false).await.unwrap();
    let opened = at_once(|| open(Arc::clone(&service), issued.wrapped.clone())).await;

    assert_eq!(opened.len(), 64);
    for key in opened {
        assert_eq!(key.unwrap().expose(), issued.key.expose());
    }
    assert_eq!(fake.calls(), [1, 1, 1]);
    let counts = service.counts();
    assert_eq!((counts.calls, counts.held), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn one_call_generates_a_shared_key_for_all_and_fresh_ones_are_concurrent() {
    let fake = slow();
    let service = Arc::new(service(&fake));
    let issue_at_once = |shared: bool| {
        let service = Arc::clone(&service);
        at_once(move || {
            let service = Arc::clone(&service);
            async move { issue(&service, shared).await.unwrap().wrapped }
        })
    };
    let shared = issue_at_once(true).await;
    assert!(shared.iter().all(|wrapped| *wrapped == shared[0]));
    assert_eq!(fake.calls(), [1, 1, 0]);

    let started = Instant::now();
    issue_at_once(false).await;
    assert_eq!(fake.calls(), [1, 65, 0]);
    assert!(started.elapsed() < DELAY * 2, "they do not wait for each other");
}

#[tokio::test(start_paused = true)]
async fn a_shared_key_with_few_uses_is_replaced_as_often_as_needed() {
    let fake = slow();
    let limits = Lifetimes {
        uses: 10,
        ..Lifetimes::default()
    };
    let service = Arc::new(service(&fake).with_lifetimes(limits));
    let mut wrapped = at_once(|| {
        let service = Arc::clone(&service);
        async move { issue(&service, true).await.unwrap().wrapped }
    })
    .await;
    wrapped.sort();
    let each = wrapped.chunk_by(|one, two| one == two).map(<[_]>::len);
    let mut each: Vec<usize> = each.collect();
    each.sort_unstable();
    assert_eq!(each, [4, 10, 10, 10, 10, 10, 10]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_shared_too() {
    let fake = slow();
    let service = Arc::new(service(&fake));
    fake.says(away());
    let opened = at_once(|| open(Arc::clone(&service), b"wrapped".to_vec())).await;
    assert!(opened.into_iter().all(|key| key.err() == Some(away())));
    assert_eq!(fake.calls(), [0, 0, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_response_is_shared_even_without_a_cache() {
    let fake = slow();
    let limits = Lifetimes {
        positive: Duration::ZERO,
        negative: Duration::ZERO,
        transient: Duration::ZERO,
        ..Lifetimes::default()
    };
    let service = Arc::new(service(&fake).with_lifetimes(limits));
    let issued = issue(&service, false).await.unwrap();
    let opened = at_once(|| open(Arc::clone(&service), issued.wrapped.clone())).await;
    assert!(opened.iter().all(Result::is_ok));
    assert_eq!(fake.calls(), [1, 1, 1]);

    service.open("k-1", &issued.wrapped, &context()).await.unwrap();
    assert_eq!(fake.calls(), [1, 1, 2], "it is not kept for who comes later");
}

#[tokio::test(start_paused = true)]
async fn a_waiter_takes_over_the_call_of_a_cancelled_one() {
    let fake = slow();
    let service = Arc::new(service(&fake));
    let issued = issue(&service, false).await.unwrap();
    let first = tokio::spawn(open(Arc::clone(&service), issued.wrapped.clone()));
    sleep(DELAY / 2).await;
    let second = tokio::spawn(open(Arc::clone(&service), issued.wrapped.clone()));
    sleep(DELAY / 4).await;
    first.abort();

    assert!(second.await.unwrap().is_ok());
    assert_eq!(fake.calls(), [1, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn cancelling_all_waiters_leaves_nothing_behind() {
    let fake = slow();
    let service = Arc::new(service(&fake));
    for _ in 0..2 {
        let given_up = open(Arc::clone(&service), b"wrapped".to_vec());
        assert!(tokio::time::timeout(DELAY / 2, given_up).await.is_err());
        assert!(service.cache.opening.is_empty());
    }
    let opened = service.open("k-1", b"wrapped", &context()).await;
    assert_eq!(opened.err(), Some(KmsError::Refused("k-1".to_owned())));
    assert!(service.cache.opening.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_call_from_before_a_purge_is_not_cached_after_it() {
    let fake = slow();
    let service = Arc::new(service(&fake));
    let issued = issue(&service, false).await.unwrap();
    let before = tokio::spawn(open(Arc::clone(&service), issued.wrapped.clone()));
    sleep(DELAY / 2).await;
    service.purge();
    let after = tokio::spawn(open(Arc::clone(&service), issued.wrapped.clone()));
    assert!(before.await.unwrap().is_ok());
    assert_eq!(service.counts().held, 0, "the call was made before the purge");
    assert!(after.await.unwrap().is_ok());
    assert_eq!(service.counts().held, 1);
    assert_eq!(fake.calls(), [1, 1, 2]);
}
