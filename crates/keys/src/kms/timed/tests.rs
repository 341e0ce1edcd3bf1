use super::*;

fn second(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn digest(n: u8) -> Digest {
    [n; 32]
}

#[test]
fn a_value_expires_on_time() {
    let start = Instant::now();
    let mut timed = Timed::new(second(10), 5);
    timed.insert(digest(1), "one", start);

    assert_eq!(timed.get(&digest(1), start + second(9)), Some(&"one"));
    assert_eq!(timed.get(&digest(1), start + second(10)), None);
    assert_eq!(timed.get_mut(&digest(1), start + second(10)), None);
    assert_eq!(timed.get(&digest(2), start), None);
}

#[test]
fn sweeping_drops_expired_values_and_returns_the_next_expiry() {
    let start = Instant::now();
    let mut timed = Timed::new(second(10), 5);
    timed.insert(digest(1), 1, start);
    timed.insert(digest(2), 2, start + second(4));

    assert_eq!(timed.sweep(start + second(9)), Some(start + second(10)));
    assert_eq!(timed.len(), 2);
    assert_eq!(timed.sweep(start + second(10)), Some(start + second(14)));
    assert_eq!(timed.len(), 1);
    assert_eq!(timed.sweep(start + second(14)), None);
    assert_eq!(timed.len(), 0);
}

#[test]
fn a_replaced_value_has_the_lifetime_of_the_new_one() {
    let start = Instant::now();
    let mut timed = Timed::new(second(10), 5);
    timed.insert(digest(1), "old", start);
    timed.insert(digest(1), "new", start + second(5));

    assert_eq!(timed.sweep(start + second(10)), Some(start + second(15)));
    assert_eq!(timed.get(&digest(1), start + second(10)), Some(&"new"));
    assert_eq!(timed.sweep(start + second(15)), None);
    assert_eq!(timed.len(), 0);
}

#[test]
fn beyond_the_capacity_the_oldest_value_is_dropped() {
    let start = Instant::now();
    let mut timed = Timed::new(second(10), 3);
    for n in 0..100 {
        timed.insert(digest(n), n, start);
        assert!(timed.len() <= 3);
    }

    let left: Vec<u8> = (0..100)
        .filter(|n| timed.get(&digest(*n), start).is_some())
        .collect();
    assert_eq!(left, [97, 98, 99]);
}

#[test]
fn replacing_one_value_again_and_again_takes_no_more_room() {
    let start = Instant::now();
    let mut timed = Timed::new(second(10), 3);
    for n in 0..100 {
        timed.insert(digest(1), n, start);
    }

    assert_eq!(timed.get(&digest(1), start), Some(&99));
    assert!(timed.order.len() <= 3);
}

#[test]
fn nothing_is_cached_without_lifetime_or_capacity() {
    let start = Instant::now();
    for (lifetime, capacity) in [(Duration::ZERO, 5), (second(10), 0)] {
        let mut timed = Timed::new(lifetime, capacity);
        timed.insert(digest(1), 1, start);
        assert_eq!(timed.len(), 0);
        assert_eq!(timed.get(&digest(1), start), None);
    }
}
