//! An identity provider in memory: its documents, and keys that sign tokens.

use super::house::House;
use crate::issuer_keys::{Document, Documents, Fetching};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

pub(crate) const URL: &str = "https://id.example.com/realm";
const CONFIGURATION: &str = "https://id.example.com/realm/.well-known/openid-configuration";
const KEYS: &str = "https://keys.example.com/keys";

/// Documents by their addresses, and the number of those that were fetched.
#[derive(Default)]
pub(crate) struct Published(Mutex<(HashMap<String, Document>, usize)>);

impl Published {
    pub(crate) fn put(&self, url: &str, body: &Value, cache_control: Option<&str>) {
        let document = Document {
            body: body.to_string().into_bytes(),
            cache_control: cache_control.map(str::to_owned),
        };
        self.0.lock().unwrap().0.insert(url.to_owned(), document);
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap().0.clear();
    }

    pub(crate) fn fetches(&self) -> usize {
        self.0.lock().unwrap().1
    }
}

impl Documents for Published {
    fn fetch<'a>(&'a self, url: &'a str) -> Fetching<'a> {
        Box::pin(async move {
            // Others get their turn, as with a network.
            tokio::task::yield_now().await;
            let (documents, fetches) = &mut *self.0.lock().unwrap();
            *fetches += 1;
            documents
                .get(url)
                .cloned()
                .ok_or_else(|| format!("nobody answers at {url}"))
        })
    }
}

/// The provider with this URL.
pub(super) struct Issuer {
    published: Arc<Published>,
    now: u64,
}

impl Issuer {
    pub(super) fn of(house: &House) -> Self {
        Self {
            published: Arc::clone(&house.documents),
            now: house.seconds(),
        }
    }

    pub(super) fn publishes(&self, keys: &[&Key]) {
        publish(&self.published, keys, None);
    }

    /// Publishes a key in place of all others.
    pub(super) fn rolls(&self, key: Key) -> Key {
        self.publishes(&[&key]);
        key
    }

    pub(super) fn fails(&self) {
        self.published.clear();
    }

    pub(super) fn fetches(&self) -> usize {
        self.published.fetches()
    }

    /// Returns claims with changes; `null` removes one.
    pub(super) fn claims(&self, changes: &[(&str, Value)]) -> Value {
        let mut claims = json!({
            "iss": URL, "sub": "ann", "aud": "app", "iat": self.now, "exp": self.now + 300, "nonce": "n",
        });
        for (name, value) in changes {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(*name);
            } else {
                claims[*name] = value.clone();
            }
        }
        claims
    }
}

/// Publishes the configuration of the provider, and its keys.
pub(crate) fn publish(published: &Published, keys: &[&Key], cache_control: Option<&str>) {
    published.put(
        CONFIGURATION,
        &json!({"issuer": URL, "jwks_uri": KEYS, "authorization_endpoint": "https://id.example.com/a"}),
        None,
    );
    let keys: Vec<Value> = keys.iter().map(|key| key.jwk.clone()).collect();
    published.put(KEYS, &json!({"keys": keys}), cache_control);
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
}

/// A key with its id.
pub(crate) struct Key {
    pair: Pair,
    pub(crate) jwk: Value,
    header: Value,
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Key {
    pub(crate) fn rsa(id: &str) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let public = pair.public_key();
        let jwk = json!({
            "kty": "RSA", "kid": id, "use": "sig",
            "n": encoded(public.modulus().big_endian_without_leading_zero()),
            "e": encoded(public.exponent().big_endian_without_leading_zero()),
        });
        Self {
            pair: Pair::Rsa(pair),
            jwk,
            header: json!({"alg": "RS256", "kid": id, "typ": "JWT"}),
        }
    }

    pub(crate) fn p256(id: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = pair.public_key().as_ref().to_vec();
        let jwk = json!({
            "kty": "EC", "crv": "P-256", "kid": id, "alg": "ES256",
            "x": encoded(&point[1..33]), "y": encoded(&point[33..]),
        });
        Self {
            pair: Pair::Ec(pair),
            jwk,
            header: json!({"alg": "ES256", "kid": id}),
        }
    }

    pub(crate) fn token(&self, claims: &Value) -> String {
        self.token_as(&self.header, claims)
    }

    /// Signs a token with another header.
    pub(crate) fn token_as(&self, header: &Value, claims: &Value) -> String {
        let text = [header, claims]
            .map(|part| encoded(part.to_string().as_bytes()))
            .join(".");
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
                    .unwrap();
                signature
            }
            Pair::Ec(pair) => pair.sign(&random, text.as_bytes()).unwrap().as_ref().to_vec(),
        };
        [text, encoded(&signature)].join(".")
    }
}
