use super::*;
use crate::tests::issuer::Key;
use serde_json::json;

fn parse(keys: &[Value]) -> Result<KeySet, String> {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes())
}

/// Returns a key with other members; `null` removes one.
fn changed(key: &Key, changes: &Value) -> Value {
    let mut jwk = key.jwk.clone();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            jwk.as_object_mut().unwrap().remove(name);
        } else {
            jwk[name] = value.clone();
        }
    }
    jwk
}

#[test]
fn only_keys_that_verify_signatures_are_kept() {
    let (rsa, ec) = (Key::rsa("r"), Key::p256("e"));
    for jwk in [
        changed(&rsa, &json!({"use": "enc"})),
        changed(&rsa, &json!({"use": null, "key_ops": ["encrypt"]})),
        changed(&rsa, &json!({"alg": "RSA-OAEP"})),
        changed(&rsa, &json!({"alg": "HS256"})),
        changed(&rsa, &json!({"alg": "ES256"})),
        changed(&rsa, &json!({"n": "?"})),
        changed(&ec, &json!({"crv": "P-521"})),
        changed(&ec, &json!({"crv": "secp256k1"})),
        changed(&ec, &json!({"alg": "ES384"})),
        json!({"kty": "oct", "k": "c2VjcmV0", "kid": "s"}),
        json!({"kty": "oct", "k": "c2VjcmV0", "kid": "s", "alg": "HS256", "use": "sig"}),
        json!({"kty": "new", "kid": "s"}),
        json!({}),
        json!(7),
    ] {
        assert!(parse(std::slice::from_ref(&jwk)).is_err(), "{jwk}");
        // Beside a key that can be used it does not matter.
        let set = parse(&[jwk, rsa.jwk.clone()]).unwrap();
        assert!(set.find(Some("r"), Algorithm::RS256).is_ok());
    }
    for jwk in [
        changed(&rsa, &json!({"use": null})),
        changed(&rsa, &json!({"use": null, "key_ops": ["verify"]})),
        changed(&rsa, &json!({"alg": "RS256", "x5t": "a", "x5c": ["b"]})),
    ] {
        assert!(parse(&[jwk]).unwrap().find(Some("r"), Algorithm::RS256).is_ok());
    }
}

#[test]
fn a_key_is_found_by_its_id_and_algorithm() {
    let (rsa, ec) = (Key::rsa("r"), Key::p256("e"));
    let set = parse(&[rsa.jwk.clone(), ec.jwk.clone()]).unwrap();
    let refused = |id, algorithm| set.find(id, algorithm).map(drop).unwrap_err();
    assert!(set.find(Some("r"), Algorithm::PS512).is_ok());
    assert!(set.find(None, Algorithm::ES256).is_ok());
    assert_eq!(refused(Some("x"), Algorithm::RS256), NoKey::Unknown);
    assert_eq!(refused(Some("R"), Algorithm::RS256), NoKey::Unknown);
    assert_eq!(refused(Some("e"), Algorithm::RS256), NoKey::OtherAlgorithm);
    assert_eq!(refused(Some("e"), Algorithm::ES384), NoKey::OtherAlgorithm);
    assert_eq!(refused(None, Algorithm::EdDSA), NoKey::Unknown);
    let two = parse(&[rsa.jwk.clone(), Key::rsa("two").jwk]).unwrap();
    assert_eq!(
        two.find(None, Algorithm::RS256).map(drop).unwrap_err(),
        NoKey::Ambiguous
    );
    // A key that names its algorithm is for no other.
    let named = parse(&[changed(&rsa, &json!({"alg": "RS384"}))]).unwrap();
    assert!(named.find(Some("r"), Algorithm::RS384).is_ok());
    let other = named.find(Some("r"), Algorithm::RS256).map(drop);
    assert_eq!(other.unwrap_err(), NoKey::OtherAlgorithm);
}

#[test]
fn sets_that_cannot_be_used_are_refused() {
    for text in ["", "{}", "[]", r#"{"keys": {}}"#, r#"{"keys": []}"#] {
        assert!(KeySet::parse(text.as_bytes()).is_err(), "{text}");
    }
    let key = Key::p256("e").jwk;
    assert!(parse(&vec![key.clone(); MAX_KEYS]).is_ok());
    let refused = parse(&vec![key; MAX_KEYS + 1]).err().unwrap();
    assert!(refused.contains("more than 100"), "{refused}");
}
