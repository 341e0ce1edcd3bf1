use super::*;
use crate::DataKey;
use zeroize::Zeroizing;

fn key(byte: u8) -> OuterKey {
    OuterKey::from_bytes(Zeroizing::new([byte; 32]))
}

#[test]
fn a_fingerprint_belongs_to_one_key() {
    let one = Fingerprint::of(&key(1)).unwrap();
    assert_eq!(one, Fingerprint::of(&key(1)).unwrap());
    assert_ne!(one, Fingerprint::of(&key(2)).unwrap());
    assert_eq!(Fingerprint::from_bytes(*one.as_bytes()), one);
}

#[test]
fn a_fingerprint_has_sixteen_digits_and_is_no_prefix_of_another_derivation() {
    let shown = Fingerprint::of(&key(1)).unwrap().to_string();
    assert_eq!(shown.len(), 16);
    assert!(
        shown
            .bytes()
            .all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit))
    );
    let data_key = DataKey::from_bytes(Zeroizing::new([1; 32]));
    let other = crate::ManifestKey::of(&data_key).unwrap();
    assert_ne!(
        Fingerprint::of(&key(1)).unwrap().as_bytes()[..],
        other.expose()[..8]
    );
}

#[test]
fn the_check_is_over_every_bit_of_the_text_and_under_one_root() {
    let text = b"the text of a keyring".to_vec();
    let made = check(&key(1), &text).unwrap();
    assert_eq!(verify(&key(1), &text, &made), Ok(()));
    assert!(verify(&key(2), &text, &made).is_err());
    assert!(verify(&key(1), &text, &made[..31]).is_err());
    for bit in 0..text.len() * 8 {
        let mut changed = text.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(verify(&key(1), &changed, &made).is_err(), "bit {bit}");
    }
    for bit in 0..CHECK * 8 {
        let mut changed = made;
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(verify(&key(1), &text, &changed).is_err(), "bit {bit}");
    }
}
