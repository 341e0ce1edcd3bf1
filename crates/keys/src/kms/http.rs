//! HTTP client for key management services: small requests and responses, a few seconds for each.

use self::resolver::Resolver;
use crate::kms::error::Unavailable;
use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

mod reason;
mod resolver;
#[cfg(test)]
mod tests;

pub(crate) use self::resolver::Allows;

/// Maximum time from the first byte of a request to the last of its response, including the connection.
const TIMEOUT: Duration = Duration::from_secs(5);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Maximum idle time of a connection: shorter than that of proxies and load balancers.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Maximum length of a response in bytes. No response about one key is longer, certificates and policies included.
const MAX_RESPONSE: usize = 1024 * 1024;

/// Reason why a client cannot be created from the settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The address is not usable.
    #[error("{address:?} is not a valid address of a key management service: {why}")]
    Address {
        /// The address.
        address: String,
        /// Description of the fault.
        why: &'static str,
    },
    /// A setting has a value that the service cannot accept.
    #[error("{value:?} is not a valid {what}")]
    Name {
        /// Kind of name that was expected.
        what: &'static str,
        /// The value.
        value: String,
    },
    /// The certificates to trust are not usable.
    #[error("the certificates in {} cannot be used: {why}", path.display())]
    Certificates {
        /// Path of the file of certificates.
        path: PathBuf,
        /// Description of the fault.
        why: String,
    },
    /// The system has no certificates to trust.
    #[error(
        "this system has no certificate authorities to trust: install ca-certificates, or name a file of them"
    )]
    NoAuthorities,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

/// Address of a service: scheme, host and port, and the prefix of all paths, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    scheme: Scheme,
    authority: Authority,
    path: String,
}

impl Address {
    /// Parses `https://host[:port][/path]`. Plain HTTP would send keys over the network in clear, so it is allowed for
    /// this machine only.
    pub(super) fn read(text: &str) -> Result<Self, SetupError> {
        let wrong = |why| SetupError::Address {
            address: text.to_owned(),
            why,
        };
        let parts = text
            .parse::<Uri>()
            .map_err(|_| wrong("it is not a URL"))?
            .into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(wrong("it must be https://HOST[:PORT]"));
        };
        if authority.as_str().contains('@') {
            return Err(wrong("it must hold no user or password"));
        }
        let path = parts.path_and_query;
        if path.as_ref().is_some_and(|path| path.query().is_some()) {
            return Err(wrong("it must have no query"));
        }
        if scheme == Scheme::HTTP && !is_this_machine(authority.host()) {
            return Err(wrong(
                "keys would cross the network in clear; plain http is for this machine only, use https",
            ));
        }
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err(wrong("it must begin with https://"));
        }
        let path = path.map(|path| path.path().trim_end_matches('/').to_owned());
        Ok(Self {
            scheme,
            authority,
            path: path.unwrap_or_default(),
        })
    }

    /// Returns the URL of a path. `path` must begin with a slash and be encoded.
    pub(super) fn at(&self, path: &str) -> Result<Uri, Unavailable> {
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(format!("{}{path}", self.path))
            .build()
            .map_err(|error| Unavailable(error.to_string()))
    }

    /// Returns host and port, as in a `Host` header.
    pub(super) fn authority(&self) -> &str {
        self.authority.as_str()
    }

    pub(super) fn is_secure(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A response of a service.
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

/// The client. It reuses connections, and does not follow redirects, which would send secrets to an address that nobody
/// configured.
pub(crate) struct Http {
    client: Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>,
}

impl Http {
    /// Creates a client that trusts only the authorities in `ca_file`, or those of the system.
    pub(super) fn new(address: &Address, ca_file: Option<&Path>) -> Result<Self, SetupError> {
        let mut roots = RootCertStore::empty();
        match ca_file {
            Some(path) => add_file(&mut roots, path)?,
            None if address.is_secure() => {
                add_system(&mut roots);
                if roots.is_empty() {
                    return Err(SetupError::NoAuthorities);
                }
            }
            None => {}
        }
        // The operator chose the address.
        Self::limited(roots, Arc::new(|_| true))
    }

    /// Creates a client that trusts these authorities, and connects to names at addresses that are allowed. The caller
    /// checks addresses that are written as numbers.
    pub(crate) fn limited(roots: RootCertStore, allows: Allows) -> Result<Self, SetupError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new_with_resolver(Resolver(allows));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build(connector);
        Ok(Self { client })
    }

    /// Sends a request. Its body is wiped after it was sent.
    ///
    /// # Errors
    /// The response is missing, late or too long.
    pub(crate) async fn send(&self, request: Request<Zeroizing<Vec<u8>>>) -> Result<Response, Unavailable> {
        let request = request.map(|body| Full::new(Bytes::from_owner(body)));
        let host = request
            .uri()
            .authority()
            .map(ToString::to_string)
            .unwrap_or_default();
        let exchange = async {
            let response = self.client.request(request).await;
            let (head, body) = response
                .map_err(|error| Unavailable(format!("{host}: {}", reason::text(&error))))?
                .into_parts();
            Ok(Response {
                status: head.status,
                headers: head.headers,
                body: read(body)
                    .await
                    .map_err(|why| Unavailable(format!("{host}: {why}")))?,
            })
        };
        let response = tokio::time::timeout(TIMEOUT, exchange).await;
        response.unwrap_or_else(|_| {
            let seconds = TIMEOUT.as_secs();
            Err(Unavailable(format!("{host} did not respond within {seconds} s")))
        })
    }
}

async fn read(body: hyper::body::Incoming) -> Result<Zeroizing<Vec<u8>>, String> {
    let mut body = Limited::new(body, MAX_RESPONSE);
    // Growing would leave copies behind that are not wiped. Responses with a key are shorter than this.
    let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1024));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| reason::text(&*error))?;
        if let Some(data) = frame.data_ref() {
            bytes.extend_from_slice(data);
        }
    }
    Ok(bytes)
}

/// Returns the authorities of the system, and those in a file.
pub(crate) fn roots(ca_file: Option<&Path>) -> Result<RootCertStore, SetupError> {
    let mut roots = RootCertStore::empty();
    add_system(&mut roots);
    if let Some(path) = ca_file {
        add_file(&mut roots, path)?;
    }
    Ok(roots)
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), SetupError> {
    let failed = |why: String| SetupError::Certificates {
        path: path.to_owned(),
        why,
    };
    let before = roots.len();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| failed(error.to_string()))? {
        let certificate = certificate.map_err(|error| failed(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| failed(error.to_string()))?;
    }
    if roots.len() == before {
        return Err(failed("it contains none".to_owned()));
    }
    Ok(())
}

fn add_system(roots: &mut RootCertStore) {
    // Systems have certificates that cannot be parsed any more; the others suffice.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
}
