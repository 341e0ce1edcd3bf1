use super::*;

#[test]
fn only_32_bytes_are_a_key() {
    let bytes: [u8; 64] = std::array::from_fn(|at| u8::try_from(at).unwrap());
    for length in [0, 16, 31, 32, 33, 48, 64] {
        let bytes = &bytes[..length];
        let text = BASE64_STANDARD.encode(bytes);
        for key in [key_of(bytes), key_of_base64(&text)] {
            assert_eq!(
                key.map(|key| key.expose().to_vec()).as_deref(),
                (length == 32).then_some(bytes)
            );
        }
    }
    for text in ["", "=", "not base64", &"A".repeat(1000)] {
        assert!(key_of_base64(text).is_none(), "{text}");
    }
}
