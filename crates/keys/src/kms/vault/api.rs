//! What is response to the service, and what its answers mean.

use crate::kms::KeyState;
use crate::kms::error::Unavailable;
use crate::kms::http::{Address, Http};
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// No request is longer: a wrapped key and an encryption context, which S3 bounds to 8 KiB.
const MAX_REQUEST: usize = 32 * 1024;

/// Speaks to one server.
pub(super) struct Api {
    pub(super) http: Http,
    pub(super) address: Address,
    pub(super) namespace: Option<String>,
}

/// What an answer means.
pub(super) enum Response<T> {
    Success(T),
    /// There is no such thing.
    NotFound,
    /// The token is not valid, or not for this.
    Denied,
    /// It does not take the request: a key that is not there, or not for this, or what does not open.
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

/// What a token is, as it says of itself.
#[derive(Deserialize)]
pub(super) struct TokenInfo {
    /// Seconds; none: it does not expire.
    pub(super) ttl: u64,
    #[serde(default)]
    pub(super) renewable: bool,
}

/// What logging in and renewing bring.
#[derive(Deserialize)]
pub(super) struct Lease {
    pub(super) client_token: Zeroizing<String>,
    /// Seconds; none: it does not expire.
    #[serde(rename = "lease_duration")]
    pub(super) duration: u64,
    pub(super) renewable: bool,
}

/// A key, as far as it matters here.
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
    /// A key can wrap if it is as long as what it wraps, and binds associated data. One that derives wants a context of
    /// another kind.
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
    /// Makes a request and reads what is meant: the `data` of the answer, or the `auth` of one that has no data.
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
            // Its agents and proxies ask for it, as proof that no browser was tricked into the request.
            .header("x-vault-request", "true")
            .header(CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header("x-vault-token", token);
        }
        if let Some(namespace) = &self.namespace {
            request = request.header("x-vault-namespace", namespace);
        }
        let request = request.body(json);
        let request =
            request.map_err(|_| Unavailable("the token is none: it does not fit a header".to_owned()))?;
        let response = self.http.send(request).await?;

        if response.status.is_success() {
            let body: Option<Body<T>> = serde_json::from_slice(&response.body).ok();
            let meant = body.and_then(|body| body.data.or(body.auth));
            return meant
                .map(Response::Success)
                .ok_or_else(|| self.unavailable(response.status, "its answer is not understood"));
        }
        let errors: Errors = serde_json::from_slice(&response.body).unwrap_or_default();
        let why = errors.errors.join("; ");
        let why: String = why.chars().filter(|char| !char.is_control()).take(300).collect();
        match response.status {
            StatusCode::FORBIDDEN => Ok(Response::Denied),
            StatusCode::BAD_REQUEST => Ok(Response::Rejected(self.unavailable(response.status, &why))),
            // What is not there has no errors; a path that leads nowhere has.
            StatusCode::NOT_FOUND if errors.errors.is_empty() => Ok(Response::NotFound),
            status if status.is_redirection() => {
                let advice = "it points elsewhere; name the address of the active server";
                Err(self.unavailable(status, advice))
            }
            status => Err(self.unavailable(status, &why)),
        }
    }

    fn unavailable(&self, status: StatusCode, why: &str) -> Unavailable {
        Unavailable(format!("{} answers {status}: {why}", self.address.authority()))
    }
}
