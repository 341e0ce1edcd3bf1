use super::*;

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
