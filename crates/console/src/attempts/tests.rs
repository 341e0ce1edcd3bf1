use super::*;

const SECOND: u64 = 1_000_000;
const MINUTE: u64 = 60 * SECOND;

fn address(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

#[test]
fn an_address_has_ten_attempts_in_a_minute() {
    let attempts = Attempts::default();
    for number in 0..10 {
        assert_eq!(
            attempts.begin(address(1), &format!("name {number}"), SECOND),
            Ok(())
        );
    }
    let refused = attempts.begin(address(1), "another name", 11 * SECOND);
    assert_eq!(refused, Err(Duration::from_secs(50)));
    assert_eq!(attempts.begin(address(2), "another name", 11 * SECOND), Ok(()));
    assert_eq!(
        attempts.begin(address(1), "another name", SECOND + MINUTE),
        Ok(())
    );
}

#[test]
fn a_name_waits_longer_with_each_failure() {
    let attempts = Attempts::default();
    let mut now = SECOND;
    let mut waits = Vec::new();
    for number in 0..14 {
        if let Err(wait) = attempts.begin(address(number), "ann", now) {
            waits.push(wait.as_secs());
            now += u64::try_from(wait.as_micros()).unwrap();
            assert_eq!(attempts.begin(address(number), "ann", now), Ok(()));
        }
        attempts.failed("ann", now);
    }
    assert_eq!(waits, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
    // Other names are not affected, and success or a quarter of an hour ends it.
    assert_eq!(attempts.begin(address(100), "bob", now), Ok(()));
    attempts.failed("ann", now + 16 * MINUTE);
    assert_eq!(attempts.begin(address(101), "ann", now + 16 * MINUTE), Ok(()));
    attempts.succeeded("ann");
    assert_eq!(attempts.begin(address(102), "ann", now + 16 * MINUTE), Ok(()));
}

#[test]
fn the_addresses_of_one_network_are_counted_together() {
    let attempts = Attempts::default();
    for number in 0..10_u16 {
        let address = IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, number]);
        assert_eq!(attempts.begin(address, "x", SECOND), Ok(()));
    }
    let other = IpAddr::from([0x2001, 0xdb8, 0, 1, 9, 9, 9, 9]);
    assert!(attempts.begin(other, "x", SECOND).is_err());
}

#[test]
fn a_flood_of_names_takes_little_memory() {
    let attempts = Attempts::default();
    for number in 0..3 * MAX_KNOWN as u64 {
        attempts.failed(&format!("name {number}"), number);
    }
    assert!(attempts.names.lock().unwrap().len() <= MAX_KNOWN);
}
