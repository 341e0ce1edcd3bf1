use std::time::Duration;

use tokio::time::timeout;

use super::*;

fn places(max: usize, per_address: usize) -> Arc<Places> {
    Places::new(PlaceLimits {
        max,
        per_address,
        proxies: vec!["192.0.2.1".parse().unwrap()],
    })
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

async fn admit(places: &Arc<Places>, peer: &str) -> Option<Place> {
    let admitted = places.admit(address(peer));
    timeout(Duration::from_millis(50), admitted).await.ok().flatten()
}

async fn is_evicted(place: &Place) -> bool {
    timeout(Duration::from_millis(10), place.evicted()).await.is_ok()
}

#[tokio::test]
async fn the_oldest_connection_without_a_signature_goes_when_places_are_nearly_all_taken() {
    let places = places(32, 32);
    let mut held = Vec::new();
    for number in 0..30 {
        held.push(admit(&places, &format!("10.0.0.{number}")).await.unwrap());
    }
    held[0].standing.note_signed();
    assert!(!is_evicted(&held[1]).await);
    let last = admit(&places, "10.0.1.1").await.unwrap();
    assert!(is_evicted(&held[1]).await && !is_evicted(&held[0]).await && !is_evicted(&held[2]).await);
    // One is leaving already: there is room for the next one when it has left.
    held.remove(1);
    assert!(admit(&places, "10.0.1.2").await.is_some());
    drop(last);
}

#[tokio::test]
async fn signed_connections_are_never_closed_for_others() {
    let places = places(2, 2);
    let held = [
        admit(&places, "10.0.0.1").await.unwrap(),
        admit(&places, "10.0.0.2").await.unwrap(),
    ];
    for place in &held {
        place.standing.note_signed();
    }
    assert!(admit(&places, "10.0.0.3").await.is_none());
    drop(held);
    assert!(admit(&places, "10.0.0.3").await.is_some());
    places.all_free().await;
}

#[tokio::test]
async fn an_address_has_a_share() {
    let places = places(100, 2);
    let first = admit(&places, "2001:db8::1").await.unwrap();
    let second = admit(&places, "2001:db8::ffff:1").await.unwrap();
    first.standing.note_signed();
    // The same /64: its own oldest goes.
    let third = admit(&places, "2001:db8::2").await.unwrap();
    assert!(is_evicted(&second).await && !is_evicted(&first).await);
    assert!(admit(&places, "2001:db8:0:1::1").await.is_some());
    drop(second);
    third.standing.note_signed();
    assert!(admit(&places, "2001:db8::3").await.is_none());
    // A proxy stands for many.
    let held = [
        admit(&places, "192.0.2.1").await.unwrap(),
        admit(&places, "192.0.2.1").await.unwrap(),
        admit(&places, "192.0.2.1").await.unwrap(),
    ];
    assert!(!is_evicted(&held[0]).await);
}
