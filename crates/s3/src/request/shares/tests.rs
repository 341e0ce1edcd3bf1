use super::*;
use std::num::NonZeroU32;

const ACCOUNT: Sharer = Sharer::Account(AccountId::ROOT);
const PUBLIC: Sharer = Sharer::Public(AccountId::ROOT);

fn limits(per_second: u32, at_once: u32) -> RequestLimits {
    RequestLimits {
        per_second: NonZeroU32::new(per_second),
        at_once: NonZeroU32::new(at_once),
    }
}

#[test]
fn places_are_given_back() {
    let shares = Shares::new(RequestLimits::default());
    let two = Some((ACCOUNT, limits(0, 2)));
    let first = shares.admit(two).unwrap();
    let _second = shares.admit(two).unwrap();
    assert_eq!(shares.admit(two).err().unwrap().code, "SlowDown");
    // Requests without a signature have places of their own.
    let _public = shares.admit(Some((PUBLIC, limits(0, 2)))).unwrap();
    // A response that is being sent keeps the place.
    let response = first.keep(Response::new(Body::empty()));
    assert!(shares.admit(two).is_err());
    drop(response);
    let _third = shares.admit(two).unwrap();
    assert!(shares.admit(two).is_err());
    // Other limits apply at once, to the same requests in progress.
    assert!(shares.admit(Some((ACCOUNT, limits(0, 3)))).is_ok());
    assert!(shares.admit(Some((ACCOUNT, limits(0, 1)))).is_err());
}

#[test]
fn a_rate_is_a_burst_and_then_a_trickle() {
    let shares = Shares::new(RequestLimits::default());
    let slow = Some((ACCOUNT, limits(5, 0)));
    for _ in 0..5 {
        shares.admit(slow).unwrap();
    }
    assert!(shares.admit(slow).is_err());
    assert!(shares.admit(None).is_ok());
    std::thread::sleep(std::time::Duration::from_millis(250));
    assert!(shares.admit(slow).is_ok());
    assert!(shares.admit(slow).is_err());
}

#[test]
fn the_limit_of_all_counts_everybody() {
    let shares = Shares::new(limits(0, 2));
    let _one = shares.admit(Some((ACCOUNT, RequestLimits::default()))).unwrap();
    let two = shares.admit(None).unwrap();
    assert!(shares.admit(Some((PUBLIC, limits(0, 9)))).is_err());
    drop(two);
    assert!(shares.admit(Some((PUBLIC, limits(0, 9)))).is_ok());
}

/// A request that the limit of all refuses must not keep its place in the share of its account.
#[test]
fn a_refused_request_holds_nothing() {
    let shares = Shares::new(limits(0, 1));
    let held = shares.admit(None).unwrap();
    assert!(shares.admit(Some((ACCOUNT, limits(0, 1)))).is_err());
    drop(held);
    assert!(shares.admit(Some((ACCOUNT, limits(0, 1)))).is_ok());
}
