//! Certificate of the HTTPS listener: the operator's own, or a generated one signed by a CA of this store.

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
mod generated;
mod pem;

/// Source of the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    /// The operator's own files.
    Own(CertificateFiles),
    /// Generated in this directory, for these hosts.
    Generated { directory: PathBuf, hosts: Vec<Host> },
}

/// Current certificate. Reloaded while the server runs, so that a new one needs no restart.
pub(crate) struct Certificates {
    source: Source,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Certificates {
    /// Reads the operator's certificate, or reads or generates one.
    pub(crate) fn load(settings: &Settings, now: OffsetDateTime) -> Result<Self, TlsError> {
        let source = match &settings.https.certificate {
            Some(files) => Source::Own(files.clone()),
            None => Source::Generated {
                directory: directory(settings),
                hosts: certified_hosts(settings),
            },
        };
        let current = RwLock::new(Arc::new(source.load(now)?));
        Ok(Self { source, current })
    }

    /// Reads the files again, generates a new certificate if a generated one is about to expire, and starts using it.
    /// Returns whether it changed. On an error the current one stays in use.
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
            Self::Generated { directory, hosts } => generated::load(directory, hosts, now),
        }
    }
}

/// Returns the directory of the generated certificates.
fn directory(settings: &Settings) -> PathBuf {
    settings.data_dir.join("tls")
}

/// Returns the CA file that clients need to trust this server. `None`: HTTPS is off, or the operator's own certificate is
/// in use.
pub(crate) fn ca_file(settings: &Settings) -> Option<PathBuf> {
    let uses_tls = [settings.https.listen, settings.console.listen] != [Listen::Off; 2];
    let generated = uses_tls && settings.https.certificate.is_none();
    generated.then(|| directory(settings).join(generated::CA_CERTIFICATE))
}

/// Returns the configured hosts, and the addresses of the listeners that are single ones.
fn certified_hosts(settings: &Settings) -> Vec<Host> {
    let mut hosts = settings.hosts.clone();
    for listen in [settings.https.listen, settings.console.listen] {
        if let Listen::On(address) = listen
            && !address.ip().is_unspecified()
            && !hosts.contains(&Host::Address(address.ip()))
        {
            hosts.push(Host::Address(address.ip()));
        }
    }
    hosts
}

/// Returns a configuration for TLS 1.2 and 1.3 with these certificates.
///
/// HTTP/1.1 is preferred to HTTP/2: clients that support both transfer more over several HTTP/1.1 connections than
/// through the flow control of a single HTTP/2 connection.
pub(crate) fn server_config(certificates: Arc<Certificates>) -> Result<ServerConfig, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    config.alpn_protocols = vec![b"http/1.1".to_vec(), b"h2".to_vec()];
    Ok(config)
}

/// Checks the operator's own certificate files, if configured.
pub(crate) fn check(settings: &Settings) -> Result<(), TlsError> {
    match &settings.https.certificate {
        Some(files) => read_pair(&files.certificate, &files.key).map(drop),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
