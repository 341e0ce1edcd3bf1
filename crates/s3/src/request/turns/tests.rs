use super::*;
use std::time::Duration;
use tokio::time::timeout;

async fn take(turns: &Turns, bucket: &str) -> Option<Turn> {
    timeout(Duration::from_millis(20), turns.take(bucket, true))
        .await
        .ok()
}

#[tokio::test]
async fn a_bucket_waits_for_itself_alone() {
    let turns = Turns::default();
    let mut held = Vec::new();
    for _ in 0..AT_ONCE {
        held.push(take(&turns, "a").await.unwrap());
    }
    assert!(take(&turns, "a").await.is_none());
    assert!(take(&turns, "b").await.is_some());
    let stranger = timeout(Duration::from_millis(20), turns.take("a", false)).await;
    assert!(stranger.is_ok(), "strangers wait among themselves");
    held.pop();
    assert!(take(&turns, "a").await.is_some());
}

#[tokio::test]
async fn buckets_without_requests_are_forgotten() {
    let turns = Turns::default();
    let held = take(&turns, "held").await;
    for number in 0..=MANY {
        take(&turns, &number.to_string()).await;
    }
    let known = turns.0.lock().unwrap();
    assert!(known.len() < MANY && known.contains_key(&("held".to_owned(), true)));
    drop(held);
}
