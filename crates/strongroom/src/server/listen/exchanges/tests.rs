use std::convert::Infallible;

use futures::stream;
use http::HeaderMap;
use http_body_util::{BodyExt, Full, StreamBody};
use tokio::time::sleep;

use super::*;

const MIB: usize = 1 << 20;

fn watched<B>(rate: MinRate, body: B) -> (Arc<Exchanges>, Watched<B>) {
    let exchanges = Exchanges::new(rate);
    let watched = exchanges.begin().watch(body);
    (exchanges, watched)
}

fn rate(bytes_per_second: u64, window: Duration) -> MinRate {
    MinRate {
        bytes_per_second,
        window,
    }
}

#[tokio::test]
async fn frames_are_handed_over_in_small_pieces() {
    let content: Bytes = (0..=250).cycle().take(MIB + 5).collect();
    let (_, mut body) = watched(rate(1, Duration::from_mins(1)), Full::new(content.clone()));
    let mut received = Vec::new();
    while received.len() < content.len() {
        assert!(!body.is_end_stream());
        assert_eq!(
            body.size_hint().exact(),
            Some((content.len() - received.len()) as u64)
        );
        let piece = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert!(!piece.is_empty() && piece.len() <= MAX_PIECE);
        received.extend_from_slice(&piece);
    }
    assert!(received == content && body.is_end_stream());
    assert_eq!(body.size_hint().exact(), Some(0));
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn trailers_follow_the_rest_of_the_content() {
    let mut trailers = HeaderMap::new();
    trailers.insert("x", http::HeaderValue::from_static("y"));
    let frames = [
        Frame::data(Bytes::from(vec![7; 2 * MAX_PIECE + 1])),
        Frame::trailers(trailers.clone()),
    ];
    let frames = StreamBody::new(stream::iter(frames.map(Ok::<_, Infallible>)));
    let (_, mut body) = watched(rate(1, Duration::from_mins(1)), frames);
    for length in [MAX_PIECE, MAX_PIECE, 1] {
        let piece = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(piece.len(), length);
    }
    let last = body.frame().await.unwrap().unwrap();
    assert_eq!(last.into_trailers().unwrap(), trailers);
    assert!(body.frame().await.is_none());
}

/// Takes a piece each 50 ms, for at most 1.2 seconds; returns whether the client counted as too slow.
async fn is_cut_off(exchanges: &Exchanges, body: &mut Watched<Full<Bytes>>) -> bool {
    let never = Duration::from_mins(1);
    for _ in 0..24 {
        body.frame().await.unwrap().unwrap();
        sleep(Duration::from_millis(50)).await;
        if exchanges.should_end(never, never) {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn a_slow_client_is_not_cut_off_within_a_frame() {
    // It takes up to 320 KiB a second of one frame, and 32 are enough.
    let rate = rate(32 << 10, Duration::from_millis(400));
    let (exchanges, mut body) = watched(rate, Full::new(Bytes::from(vec![7; MIB])));
    assert!(!is_cut_off(&exchanges, &mut body).await);
}

#[tokio::test]
async fn a_client_that_takes_too_little_is_cut_off() {
    let rate = rate(4 << 20, Duration::from_millis(400));
    let (exchanges, mut body) = watched(rate, Full::new(Bytes::from(vec![7; MIB])));
    assert!(is_cut_off(&exchanges, &mut body).await);
}

#[tokio::test]
async fn a_piece_counts_when_it_was_taken() {
    // Handed over, one piece would be enough.
    let rate = rate(1024, Duration::from_millis(200));
    let (exchanges, mut body) = watched(rate, Full::new(Bytes::from(vec![7; MIB])));
    body.frame().await.unwrap().unwrap();
    sleep(Duration::from_millis(250)).await;
    let never = Duration::from_mins(1);
    assert!(exchanges.should_end(never, never));
}
