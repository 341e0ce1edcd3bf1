use std::future::poll_fn;

use tokio::time::{sleep, timeout};

use super::*;

const RATE: MinRate = MinRate {
    bytes_per_second: 1000,
    window: Duration::from_millis(300),
};

async fn is_slow_within(pace: &mut Pace, millis: u64) -> bool {
    let slow = poll_fn(|cx| pace.poll_too_slow(cx));
    timeout(Duration::from_millis(millis), slow).await.is_ok()
}

#[tokio::test]
async fn silence_is_too_slow_after_one_window() {
    let mut pace = Pace::new(RATE);
    assert!(!is_slow_within(&mut pace, 100).await);
    assert!(is_slow_within(&mut pace, 2000).await);
}

#[tokio::test]
async fn drips_are_too_slow() {
    let mut pace = Pace::new(RATE);
    for _ in 0..20 {
        if is_slow_within(&mut pace, 100).await {
            return;
        }
        pace.moved(1);
    }
    panic!("a byte each 100 ms is never too slow");
}

#[tokio::test]
async fn enough_is_never_too_slow() {
    let mut pace = Pace::new(RATE);
    for step in 0..20 {
        assert!(!is_slow_within(&mut pace, 50).await, "{step}");
        pace.moved(100_000);
    }
}

#[tokio::test]
async fn time_of_the_server_does_not_count() {
    let mut pace = Pace::new(RATE);
    assert!(!is_slow_within(&mut pace, 10).await);
    pace.moved(1);
    sleep(Duration::from_millis(600)).await;
    assert!(!is_slow_within(&mut pace, 100).await);
}

#[tokio::test]
async fn a_rate_of_zero_is_no_limit() {
    let rate = MinRate {
        bytes_per_second: 0,
        window: Duration::from_millis(1),
    };
    assert!(!is_slow_within(&mut Pace::new(rate), 50).await);
}
