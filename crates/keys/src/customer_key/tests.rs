use super::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    name: String,
    /// Given bytes in hex.
    given: String,
    form: Option<String>,
    key: Option<String>,
    line_end: Option<bool>,
    fingerprint: Option<String>,
}

#[test]
fn keys_are_read_as_the_vectors_say() {
    let text = include_str!("../../../../vectors/customer-keys.json");
    let vectors: Vec<Vector> = serde_json::from_str(text).unwrap();
    assert!(vectors.len() > 15);
    for vector in vectors {
        let read = read(&hex::decode(&vector.given).unwrap());
        let name = &vector.name;
        let Some(form) = vector.form else {
            assert!(read.is_err(), "{name}");
            continue;
        };
        let read = read.map_err(|error| format!("{name}: {error}")).unwrap();
        let read_form = match read.form {
            Form::RawBytes => "raw",
            Form::Characters => "characters",
            Form::Base64 => "base64",
            Form::Hex => "hex",
        };
        assert_eq!(read_form, form, "{name}");
        assert_eq!(read.key.hex().as_str(), vector.key.unwrap(), "{name}");
        assert_eq!(Some(read.line_end), vector.line_end, "{name}");
        assert_eq!(Some(read.key.fingerprint()), vector.fingerprint, "{name}");
    }
}
