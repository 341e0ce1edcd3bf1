//! Keys of identity providers, fetched from them and kept for a while.
//!
//! The URL of the issuer leads to its configuration, and this to its keys. (OpenID Connect Discovery 1.0, "Obtaining
//! OpenID Provider Configuration Information".)

use crate::error::{ApiError, Result};
use crate::key_set::{KeySet, NoKey};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use strongroom_identity::Now;

#[cfg(test)]
mod tests;

const SECOND: u64 = 1_000_000;
/// Time that keys are kept if the provider does not say how long, in microseconds.
const DEFAULT_LIFETIME: u64 = 300 * SECOND;
/// Bounds of the time that keys are kept, whatever the provider says. A key that it withdraws is accepted that long.
const LIFETIMES: (u64, u64) = (60 * SECOND, 3600 * SECOND);
/// Minimum time between two requests to a provider because of keys that it did not have.
const BETWEEN_FETCHES: u64 = 60 * SECOND;
/// Minimum time until a provider that failed is asked again.
const AFTER_FAILURE: u64 = 10 * SECOND;
/// Maximum number of issuers whose keys are kept.
const MAX_ISSUERS: usize = 256;

/// Source of the public documents of identity providers: an HTTP client.
pub trait Documents: Send + Sync {
    /// Fetches a document. The implementation limits its size and the time, follows no redirect, and decides which
    /// addresses may be asked.
    ///
    /// # Errors
    /// The reason, as it is shown to whoever presents a token.
    fn fetch<'a>(&'a self, url: &'a str) -> Fetching<'a>;
}

/// Future of a document.
pub type Fetching<'a> = Pin<Box<dyn Future<Output = Result<Document, String>> + Send + 'a>>;

/// A document of an identity provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Text of the document.
    pub body: Vec<u8>,
    /// Value of the header `Cache-Control`.
    pub cache_control: Option<String>,
}

/// Keys of identity providers by the URLs of their issuers.
pub(crate) struct IssuerKeys {
    documents: Arc<dyn Documents>,
    now: Now,
    issuers: Mutex<HashMap<String, Arc<Issuer>>>,
}

#[derive(Default)]
struct Issuer {
    known: Mutex<Known>,
    /// Held while the provider is asked: all others wait for the same answer.
    fetching: tokio::sync::Mutex<()>,
}

/// State of an issuer. Times are in microseconds since 1970.
#[derive(Clone, Default)]
struct Known {
    keys: Option<Arc<KeySet>>,
    /// Time at which the keys were fetched, and how long they are kept.
    fetched: u64,
    lifetime: u64,
    /// Time of the last request to the provider, and the reason why it failed.
    asked: u64,
    failure: Option<String>,
}

/// The part of a provider's configuration that is needed here.
#[derive(Deserialize)]
struct Configuration {
    issuer: String,
    jwks_uri: String,
}

impl IssuerKeys {
    pub(crate) fn new(documents: Arc<dyn Documents>, now: Now) -> Self {
        Self {
            documents,
            now,
            issuers: Mutex::default(),
        }
    }

    /// Returns the key of an issuer that a token names by its id. `url`: the issuer.
    ///
    /// # Errors
    /// `IDPCommunicationError` if the provider cannot be asked or its documents cannot be used; `InvalidIdentityToken` if
    /// it has no such key.
    pub(crate) async fn find(
        &self,
        url: &str,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<DecodingKey> {
        let issuer = self.issuer(url);
        if let Some(answer) = issuer.known().answer((self.now)(), url, id, algorithm) {
            return answer;
        }
        let _turn = issuer.fetching.lock().await;
        // Another request may have asked the provider meanwhile.
        let known = issuer.known();
        if let Some(answer) = known.answer((self.now)(), url, id, algorithm) {
            return answer;
        }
        let fetched = self.fetch(url).await;
        let now = (self.now)();
        let known = match fetched {
            Ok((keys, lifetime)) => Known {
                keys: Some(Arc::new(keys)),
                fetched: now,
                lifetime,
                asked: now,
                failure: None,
            },
            // Keys that may still be used stay: otherwise a token with an unknown key could take them away.
            Err(why) => Known {
                asked: now,
                failure: Some(why),
                ..known
            },
        };
        issuer.set(known.clone());
        let answer = known.answer(now, url, id, algorithm);
        answer.unwrap_or_else(|| Err(no_key(url, id, NoKey::Unknown)))
    }

    /// Fetches the keys of an issuer, and how long to keep them.
    async fn fetch(&self, url: &str) -> Result<(KeySet, u64), String> {
        let address = [url.trim_end_matches('/'), "/.well-known/openid-configuration"].concat();
        let document = self.documents.fetch(&address).await?;
        let configuration: Configuration = serde_json::from_slice(&document.body)
            .map_err(|error| format!("{address} cannot be read: {error}"))?;
        if configuration.issuer != url {
            return Err(format!(
                "{address} is the configuration of the issuer {:?}",
                configuration.issuer
            ));
        }
        let address = configuration.jwks_uri;
        let is_plain = url.starts_with("http://") && address.starts_with("http://");
        if !is_plain && !address.starts_with("https://") {
            return Err(format!(
                "{address:?} is not an address of keys: it must begin with https://"
            ));
        }
        let document = self.documents.fetch(&address).await?;
        let keys = KeySet::parse(&document.body).map_err(|why| format!("{address} cannot be used: {why}"))?;
        Ok((keys, lifetime(document.cache_control.as_deref())))
    }

    fn issuer(&self, url: &str) -> Arc<Issuer> {
        let mut issuers = self.issuers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(issuer) = issuers.get(url) {
            return Arc::clone(issuer);
        }
        if issuers.len() >= MAX_ISSUERS {
            let oldest = issuers.iter().min_by_key(|(_, issuer)| issuer.known().asked);
            if let Some(oldest) = oldest.map(|(url, _)| url.clone()) {
                issuers.remove(&oldest);
            }
        }
        let issuer = Arc::<Issuer>::default();
        issuers.insert(url.to_owned(), Arc::clone(&issuer));
        issuer
    }
}

impl Issuer {
    fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, known: Known) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }
}

impl Known {
    /// Answers from what is known. `None`: the provider must be asked.
    fn answer(
        &self,
        now: u64,
        url: &str,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Option<Result<DecodingKey>> {
        let is_past = |time: u64, span: u64| now.abs_diff(time) >= span;
        let unreachable = |why: &String| Some(Err(unreachable(url, why)));
        let keys = self.keys.as_ref();
        let Some(keys) = keys.filter(|_| !is_past(self.fetched, self.lifetime)) else {
            let failure = self.failure.as_ref();
            return failure
                .filter(|_| !is_past(self.asked, AFTER_FAILURE))
                .and_then(unreachable);
        };
        match (keys.find(id, algorithm), &self.failure) {
            (Ok(key), _) => Some(Ok(key.clone())),
            (Err(NoKey::Unknown), _) if is_past(self.asked, BETWEEN_FETCHES) => None,
            (Err(NoKey::Unknown), Some(why)) => unreachable(why),
            (Err(why), _) => Some(Err(no_key(url, id, why))),
        }
    }
}

/// Returns how long keys are kept, in microseconds: the `max-age` of their document, within bounds. (RFC 9111,
/// "Cache-Control".)
fn lifetime(cache_control: Option<&str>) -> u64 {
    let (min, max) = LIFETIMES;
    let directives = cache_control.unwrap_or_default().split(',').map(str::trim);
    let mut lifetime = DEFAULT_LIFETIME;
    for directive in directives {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => return min,
            "max-age" => {
                let seconds = value.trim_matches('"').parse::<u64>().unwrap_or_default();
                lifetime = seconds.saturating_mul(SECOND).clamp(min, max);
            }
            _ => {}
        }
    }
    lifetime
}

fn unreachable(url: &str, why: &str) -> ApiError {
    let text = format!("The keys of the identity provider {url} cannot be fetched: {why}");
    ApiError::new(400, "IDPCommunicationError", text)
}

fn no_key(url: &str, id: Option<&str>, why: NoKey) -> ApiError {
    let text = match (why, id) {
        (NoKey::Unknown, Some(id)) => format!("The identity provider {url} has no key with the id {id:?}."),
        (NoKey::Unknown, None) => format!("The identity provider {url} has no key for the token."),
        (NoKey::OtherAlgorithm, id) => format!(
            "The key {:?} of the identity provider {url} is not for the algorithm of the token.",
            id.unwrap_or_default()
        ),
        (NoKey::Ambiguous, _) => {
            format!("The token names no key, and the identity provider {url} has several.")
        }
    };
    ApiError::invalid_identity_token(text)
}
