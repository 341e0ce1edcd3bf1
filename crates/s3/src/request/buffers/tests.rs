use super::*;
use bytes::Bytes;
use http_body::Body as _;

const KIB: u64 = 1024;

#[test]
fn a_reservation_grows_and_is_given_back_as_a_whole() {
    // 28 MiB, and 2 MiB each for small requests and forms.
    let buffers = Buffers::new(32 << 20);
    let one = buffers.reservation();
    one.hold(20 << 20).unwrap();
    one.hold(8 << 20).unwrap();
    let other = buffers.reservation();
    let refused = other.hold(65 * KIB).unwrap_err();
    assert_eq!((refused.status.as_u16(), refused.code), (503, "SlowDown"));
    assert!(refused.headers.iter().any(|(name, _)| name == "retry-after"));
    let clone = one.clone();
    drop(one);
    assert!(other.hold(65 * KIB).is_err());
    drop(clone);
    assert!(other.hold(28 << 20).is_ok());
}

#[test]
fn large_transfers_do_not_shut_out_small_requests() {
    let buffers = Buffers::new(32 << 20);
    let large = buffers.reservation();
    large.hold(28 << 20).unwrap();
    let small: Vec<_> = (0..32).map(|_| buffers.reservation()).collect();
    for request in &small {
        request.hold(64 * KIB).unwrap();
    }
    assert!(buffers.reservation().hold(1).is_err());
    drop(small);
    assert!(buffers.reservation().hold(1).is_ok());
}

#[test]
fn forms_have_a_part_of_their_own() {
    let buffers = Buffers::new(32 << 20);
    let request = buffers.reservation();
    let form = request.hold_form(2 << 20).unwrap();
    assert!(request.hold_form(1).is_err());
    request.hold(28 << 20).unwrap();
    drop(form);
    assert!(request.hold_form(1).is_ok());
}

#[test]
fn a_large_document_in_small_pieces_does_not_take_the_part_for_small_requests() {
    let buffers = Buffers::new(32 << 20);
    let large = buffers.reservation();
    large.hold(28 << 20).unwrap();
    let document = buffers.reservation();
    for _ in 0..4 {
        document.hold(16 * KIB).unwrap();
    }
    assert_eq!(document.hold(16 * KIB).unwrap_err().code, "SlowDown");
    // 2 MiB without the 64 KiB of the document.
    let small: Vec<_> = (0..31).map(|_| buffers.reservation()).collect();
    for request in &small {
        request.hold(64 * KIB).unwrap();
    }
    drop(document);
    buffers.reservation().hold(64 * KIB).unwrap();
    // The refused piece was not counted.
    assert!(large.hold(0).is_ok());
}

#[test]
fn pieces_are_rounded_up_together() {
    let buffers = Buffers::new(32 << 20);
    let pieces = buffers.reservation();
    for _ in 0..28 << 10 {
        pieces.hold(1).unwrap();
    }
    // They took 28 KiB.
    let rest = buffers.reservation();
    rest.hold((28 << 20) - 28 * KIB).unwrap();
    assert!(buffers.reservation().hold(65 * KIB).is_err());
    drop(pieces);
    assert!(rest.hold(28 * KIB).is_ok());
}

#[tokio::test]
async fn a_large_document_of_a_response_is_reserved_and_keeps_its_length() {
    let buffers = Buffers::new(32 << 20);
    let length = 28 << 20;
    let document = Body::from(Bytes::from(vec![b'x'; length]));
    let response = keep(Response::new(document), buffers.reservation()).unwrap();
    assert_eq!(response.body().size_hint().exact(), Some(length as u64));
    assert!(!response.body().is_end_stream());
    assert!(buffers.reservation().hold(65 * KIB).is_err());
    let sent = http_body_util::BodyExt::collect(response.into_body())
        .await
        .unwrap();
    assert_eq!(sent.to_bytes().len(), length);
    assert!(buffers.reservation().hold(65 * KIB).is_ok());
}

#[test]
fn a_reservation_is_raised_to_a_size_once() {
    let buffers = Buffers::new(32 << 20);
    let one = buffers.reservation();
    one.hold(1 << 20).unwrap();
    for _ in 0..3 {
        one.hold_at_least(2 << 20).unwrap();
    }
    assert!(buffers.reservation().hold(27 << 20).is_err());
    buffers.reservation().hold(26 << 20).unwrap();
}
