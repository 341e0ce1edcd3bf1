//! Requests to the service, and the meaning of its responses.

use crate::kms::KeyState;
use crate::kms::error::Unavailable;
use crate::kms::http::{Address, Http};
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Maximum length of a request in bytes: a wrapped key and an encryption context, limited to 8 KiB by S3.
const MAX_REQUEST: usize = 32 * 1024;

/// Client of one server.
pub(super) struct Api {
    pub(super) http: Http,
    pub(super) address: Address,
    pub(super) namespace: Option<String>,
}

/// Meaning of a response.
pub(super) enum Response<T> {
    Success(T),
    /// The requested object does not exist.
    NotFound,
    /// The token is not valid, or not for this request.
    Denied,
    /// The request was rejected: the key does not exist or is not fit for it, or the ciphertext does not decrypt.
    Rejected(Unavailable),
}

#[derive(Serialize)]
pub(super) struct Seal<'a> {
    pub(super) plaintext: &'a str,
    pub(super) associated_data: &'a str,
}

#[derive(Serialize)]
pub(super) struct Unseal<'a> {
    pub(super) ciphertext: &'a str,
    pub(super) associated_data: &'a str,
}

#[derive(Serialize)]
pub(super) struct Login<'a> {
    pub(super) role_id: &'a str,
    pub(super) secret_id: &'a str,
}

#[derive(Deserialize)]
pub(super) struct Encrypted {
    pub(super) ciphertext: String,
}

#[derive(Deserialize)]
pub(super) struct Opened {
    pub(super) plaintext: Zeroizing<String>,
}

/// Description of a token.
#[derive(Deserialize)]
pub(super) struct TokenInfo {
    /// Remaining lifetime in seconds. 0: the token does not expire.
    pub(super) ttl: u64,
    #[serde(default)]
    pub(super) renewable: bool,
}

/// Result of a login or a renewal.
#[derive(Deserialize)]
pub(super) struct Lease {
    pub(super) client_token: Zeroizing<String>,
    /// Lifetime in seconds. 0: the token does not expire.
    #[serde(rename = "lease_duration")]
    pub(super) duration: u64,
    pub(super) renewable: bool,
}

/// Description of a key, as far as it is used here.
#[derive(Deserialize)]
pub(super) struct Key {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    derived: bool,
    #[serde(default)]
    soft_deleted: bool,
}

impl Key {
    /// Returns the state. A key can wrap if it is as long as the keys it wraps, and supports associated data. Derived
    /// keys need a context of another kind.
    pub(super) fn state(&self) -> KeyState {
        let wraps = matches!(
            self.kind.as_str(),
            "aes256-gcm96" | "chacha20-poly1305" | "xchacha20-poly1305"
        );
        if wraps && !self.derived && !self.soft_deleted {
            KeyState::Enabled
        } else {
            KeyState::Unusable
        }
    }
}

#[derive(Deserialize)]
struct Body<T> {
    data: Option<T>,
    auth: Option<T>,
}

#[derive(Default, Deserialize)]
struct Errors {
    errors: Vec<String>,
}

impl Api {
    /// Sends a request and parses the `data` of the response, or its `auth` if there is no data.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<Response<T>, Unavailable> {
        let mut json = Zeroizing::new(Vec::with_capacity(MAX_REQUEST));
        if let Some(body) = body {
            serde_json::to_writer(&mut *json, body).map_err(|error| Unavailable(error.to_string()))?;
        }
        let mut request = Request::builder()
            .method(method)
            .uri(self.address.at(path)?)
            // Its agents and proxies require this header as proof that no browser was tricked into the request.
            .header("x-vault-request", "true")
            .header(CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header("x-vault-token", token);
        }
        if let Some(namespace) = &self.namespace {
            request = request.header("x-vault-namespace", namespace);
        }
        let request = request.body(json);
        let request = request.map_err(|_| Unavailable("the token is not valid in a header".to_owned()))?;
        let response = self.http.send(request).await?;

        if response.status.is_success() {
            let body: Option<Body<T>> = serde_json::from_slice(&response.body).ok();
            let meant = body.and_then(|body| body.data.or(body.auth));
            return meant
                .map(Response::Success)
                .ok_or_else(|| self.unavailable(response.status, "the response cannot be parsed"));
        }
        let errors: Errors = serde_json::from_slice(&response.body).unwrap_or_default();
        let why = errors.errors.join("; ");
        let why: String = why.chars().filter(|char| !char.is_control()).take(300).collect();
        match response.status {
            StatusCode::FORBIDDEN => Ok(Response::Denied),
            StatusCode::BAD_REQUEST => Ok(Response::Rejected(self.unavailable(response.status, &why))),
            // A missing object has an empty list of errors; a wrong path does not.
            StatusCode::NOT_FOUND if errors.errors.is_empty() => Ok(Response::NotFound),
            status if status.is_redirection() => {
                let advice = "it redirects; use the address of the active server";
                Err(self.unavailable(status, advice))
            }
            status => Err(self.unavailable(status, &why)),
        }
    }

    fn unavailable(&self, status: StatusCode, why: &str) -> Unavailable {
        Unavailable(format!(
            "{} responds with {status}: {why}",
            self.address.authority()
        ))
    }
}
