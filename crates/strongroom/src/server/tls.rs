//! The certificate that HTTPS shows: the operator's own, or one made here and signed by a CA of our own.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, version};
use time::OffsetDateTime;

use self::error::TlsError;
use self::pem::read_pair;
use crate::settings::{CertificateFiles, Host, Listen, Settings};

mod authority;
pub(crate) mod error;
mod made;
mod pem;

/// Where the certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    /// The operator's own files.
    Own(CertificateFiles),
    /// Made here, in this directory, for these hosts.
    Made { directory: PathBuf, hosts: Vec<Host> },
}

/// The certificate in use; it is looked at again while the server runs, so that a new one needs no restart.
pub(crate) struct Certificates {
    source: Source,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Certificates {
    /// Reads the operator's certificate, or reads or makes our own.
    pub(crate) fn load(settings: &Settings, now: OffsetDateTime) -> Result<Self, TlsError> {
        let source = match &settings.https.certificate {
            Some(files) => Source::Own(files.clone()),
            None => Source::Made {
                directory: settings.data_dir.join("tls"),
                hosts: certified_hosts(settings),
            },
        };
        let current = RwLock::new(Arc::new(source.load(now)?));
        Ok(Self { source, current })
    }

    /// The file to hand to clients so that they trust this server; none if the certificate is the operator's own.
    pub(crate) fn ca_file(&self) -> Option<PathBuf> {
        match &self.source {
            Source::Own(_) => None,
            Source::Made { directory, .. } => Some(directory.join(made::CA_CERTIFICATE)),
        }
    }

    /// Looks at the files again, makes a new certificate if ours is about to expire, and uses it from now on.
    /// Tells whether it changed. On an error the one in use stays.
    pub(crate) fn refresh(&self, now: OffsetDateTime) -> Result<bool, TlsError> {
        let fresh = self.source.load(now)?;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let changed = current.cert != fresh.cert;
        if changed {
            *current = Arc::new(fresh);
        }
        Ok(changed)
    }

    fn current(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

impl Source {
    fn load(&self, now: OffsetDateTime) -> Result<CertifiedKey, TlsError> {
        match self {
            Self::Own(files) => read_pair(&files.certificate, &files.key),
            Self::Made { directory, hosts } => made::load(directory, hosts, now),
        }
    }
}

/// The hosts given, and the address that HTTPS listens on if it is a single one.
fn certified_hosts(settings: &Settings) -> Vec<Host> {
    let mut hosts = settings.hosts.clone();
    if let Listen::On(address) = settings.https.listen
        && !address.ip().is_unspecified()
    {
        hosts.push(Host::Address(address.ip()));
    }
    hosts
}

/// TLS 1.2 and 1.3 with the certificates given.
///
/// HTTP/1.1 stands before HTTP/2: clients that speak both move more over several HTTP/1.1 connections
/// than through the flow control of a single HTTP/2 one.
pub(crate) fn server_config(certificates: Arc<Certificates>) -> Result<ServerConfig, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    config.alpn_protocols = vec![b"http/1.1".to_vec(), b"h2".to_vec()];
    Ok(config)
}

/// Checks the operator's own certificate files, if there are any.
pub(crate) fn check(settings: &Settings) -> Result<(), TlsError> {
    match &settings.https.certificate {
        Some(files) => read_pair(&files.certificate, &files.key).map(drop),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
