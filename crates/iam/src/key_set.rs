//! Public keys of an identity provider: a JWK Set. (RFC 7517; RFC 7518, "Cryptographic Algorithms for Keys".)

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

#[cfg(test)]
mod tests;

/// Maximum number of keys in a set: providers have two or three.
const MAX_KEYS: usize = 100;

const OF_RSA: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

/// Keys that verify signatures.
pub(crate) struct KeySet(Vec<PublicKey>);

struct PublicKey {
    id: Option<String>,
    /// Algorithms of signatures that the key verifies.
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

/// Reason why a set has no key for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// There is no key with this id; the provider may have added one since.
    Unknown,
    /// The key with this id is for other algorithms.
    OtherAlgorithm,
    /// The token names no key, and several fit.
    Ambiguous,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl KeySet {
    /// Parses a JWK Set. Keys that verify no signature are left out: symmetric ones, those for encryption, those of kinds
    /// that are not known here.
    ///
    /// # Errors
    /// The text is not a JWK Set, has too many keys, or none that can be used.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, String> {
        let document: Document =
            serde_json::from_slice(text).map_err(|error| format!("it is not a JWK Set: {error}"))?;
        if document.keys.len() > MAX_KEYS {
            return Err(format!("it has more than {MAX_KEYS} keys"));
        }
        let keys: Vec<PublicKey> = document.keys.into_iter().filter_map(public_key).collect();
        if keys.is_empty() {
            return Err("it has no key that verifies signatures".to_owned());
        }
        Ok(Self(keys))
    }

    /// Finds the key that a token names.
    pub(crate) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<&DecodingKey, NoKey> {
        let named = |key: &&PublicKey| id.is_none() || key.id.as_deref() == id;
        let mut named = self.0.iter().filter(named).peekable();
        if named.peek().is_none() {
            return Err(NoKey::Unknown);
        }
        let mut fitting = named.filter(|key| key.algorithms.contains(&algorithm));
        match (fitting.next(), fitting.next(), id) {
            (Some(_), Some(_), None) => Err(NoKey::Ambiguous),
            (Some(key), _, _) => Ok(&key.key),
            (None, _, Some(_)) => Err(NoKey::OtherAlgorithm),
            (None, _, None) => Err(NoKey::Unknown),
        }
    }
}

/// Returns a key with the algorithms that it is for. `None`: it verifies no signature.
fn public_key(value: Value) -> Option<PublicKey> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    let common = &jwk.common;
    let is_for_signatures = match (&common.public_key_use, &common.key_operations) {
        (Some(PublicKeyUse::Signature), _) | (None, None) => true,
        (Some(_), _) => false,
        (None, Some(operations)) => operations.contains(&KeyOperations::Verify),
    };
    if !is_for_signatures {
        return None;
    }
    let of_kind = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => OF_RSA,
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => &[Algorithm::ES256],
            EllipticCurve::P384 => &[Algorithm::ES384],
            _ => return None,
        },
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => &[Algorithm::EdDSA],
        _ => return None,
    };
    let named = common.key_algorithm;
    let is_named = |algorithm: &Algorithm| named.is_none_or(|named| named == KeyAlgorithm::from(*algorithm));
    let algorithms: Vec<Algorithm> = of_kind.iter().copied().filter(is_named).collect();
    if algorithms.is_empty() {
        return None;
    }
    Some(PublicKey {
        id: common.key_id.clone(),
        algorithms,
        key: DecodingKey::from_jwk(&jwk).ok()?,
    })
}
