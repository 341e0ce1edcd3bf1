use super::*;
use crate::SystemRandom;

fn new() -> Box<StoreAuthenticator> {
    StoreAuthenticator::new(&StoreKey::generate(&SystemRandom::default()).unwrap()).unwrap()
}

#[test]
fn a_mac_depends_on_store_purpose_and_bytes() {
    let (one, other) = (new(), new());
    let mac = one.mac(Purpose::Log, &[b"a", b"bc"]);
    assert_eq!(mac, one.mac(Purpose::Log, &[b"ab", b"", b"c"]));
    assert_ne!(mac, one.mac(Purpose::Log, &[b"abd"]));
    assert_ne!(mac, other.mac(Purpose::Log, &[b"abc"]));
    for purpose in [Purpose::Mark, Purpose::Tables, Purpose::Tag] {
        assert_ne!(mac, one.mac(purpose, &[b"abc"]), "{purpose:?}");
    }
}

#[test]
fn sealed_bytes_open_only_whole_and_in_their_context() {
    let random = SystemRandom::default();
    let (one, other) = (new(), new());
    let sealed = one.seal(b"context", b"plain", &random).unwrap();
    assert_eq!(one.open(b"context", &sealed).unwrap(), b"plain");
    assert!(one.open(b"contexu", &sealed).is_err());
    assert!(other.open(b"context", &sealed).is_err());
    for bit in 0..sealed.len() * 8 {
        let mut bytes = sealed.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(one.open(b"context", &bytes).is_err(), "bit {bit}");
    }
    for length in 0..sealed.len() {
        assert!(one.open(b"context", &sealed[..length]).is_err(), "{length} bytes");
    }
    assert_ne!(sealed, one.seal(b"context", b"plain", &random).unwrap());
}
