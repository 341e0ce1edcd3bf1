use super::*;
use crate::request::buffers::Buffers;
use futures::stream;
use std::sync::Weak;
use strongroom_engine::Error;

const HOUR: Duration = Duration::from_hours(1);

/// Returns a download of these pieces, and a reference to what its content holds.
fn download(pieces: Vec<Result<Bytes, Error>>, longest: Duration) -> (Download, Weak<()>) {
    let pin = Arc::new(());
    let held = Arc::downgrade(&pin);
    let content = stream::iter(pieces).inspect(move |_| {
        let _ = &pin;
    });
    let reservation = Buffers::new(1 << 20).reservation();
    (Download::new(content.boxed(), reservation, longest), held)
}

const PIECE: Bytes = Bytes::from_static(b"piece");

async fn wait_until_dropped(held: &Weak<()>) {
    for _ in 0..100 {
        if held.upgrade().is_none() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the content is still held");
}

#[tokio::test]
async fn content_that_nobody_reads_is_given_back_after_the_time() {
    let (mut download, held) = download(vec![Ok(PIECE), Ok(PIECE)], Duration::from_millis(20));
    wait_until_dropped(&held).await;
    let error = download.next().await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "the download took too long");
}

#[tokio::test]
async fn content_is_given_back_at_its_end() {
    let (mut download, held) = download(vec![Ok(PIECE)], HOUR);
    assert_eq!(download.next().await.unwrap().unwrap(), "piece");
    assert!(held.upgrade().is_some());
    assert!(download.next().await.is_none());
    assert!(held.upgrade().is_none());
    assert!(download.next().await.is_none());
}

#[tokio::test]
async fn an_error_ends_the_content() {
    let damaged = Err(Error::Damaged("a chunk".into()));
    let (mut download, held) = download(vec![damaged, Ok(PIECE)], HOUR);
    assert!(download.next().await.unwrap().is_err());
    assert!(download.next().await.is_none());
    assert!(held.upgrade().is_none());
}

#[tokio::test]
async fn a_dropped_download_holds_nothing() {
    let (download, held) = download(vec![Ok(PIECE)], HOUR);
    let shared = Arc::downgrade(&download.content);
    drop(download);
    for _ in 0..100 {
        if shared.upgrade().is_none() && held.upgrade().is_none() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the timer holds the content");
}
