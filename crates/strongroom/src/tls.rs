//! The certificate that HTTPS shows: the operator's own, or one made here and signed by a CA of our own.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, version};
use time::OffsetDateTime;

use crate::settings::{CertificateFiles, Host, Listen, Settings};
use crate::short_file;

mod authority;
mod made;

/// Why HTTPS cannot be offered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{} holds no PEM {what}: {reason}", path.display())]
    Pem {
        path: PathBuf,
        what: &'static str,
        reason: rustls::pki_types::pem::Error,
    },
    #[error("the private key {} does not fit the certificate {}: {reason}", key.display(), certificate.display())]
    Mismatch {
        certificate: PathBuf,
        key: PathBuf,
        reason: rustls::Error,
    },
    #[error("the certificate {} cannot be understood", path.display())]
    Certificate {
        path: PathBuf,
        source: x509_cert::der::Error,
    },
    #[error("{} is not the key of the CA certificate {}; put the right pair back, or move both away to have \
             a new CA made, and give its ca.pem to every client", key.display(), certificate.display())]
    ForeignCaKey { certificate: PathBuf, key: PathBuf },
    #[error("the CA certificate {} expired at {expired}; move the directory {} away to have a new CA made, \
             and give its ca.pem to every client", certificate.display(), directory.display())]
    CaExpired {
        certificate: PathBuf,
        directory: PathBuf,
        expired: OffsetDateTime,
    },
    #[error(
        "a new server certificate is needed ({why}), but the CA key {} is not there; put it back for this start, \
         or move the directory {} away to have a new CA made, and give its ca.pem to every client",
        key.display(), directory.display()
    )]
    CaKeyAway {
        key: PathBuf,
        directory: PathBuf,
        why: made::Unfit,
    },
    #[error("cannot make a certificate")]
    Make(#[from] rcgen::Error),
    #[error("cannot draw random bytes for a certificate")]
    Randomness(#[from] crate::randomness::NoRandomness),
    #[error("TLS cannot be set up")]
    Setup(#[from] rustls::Error),
}

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

/// A certificate chain and the key that fits it.
fn read_pair(certificate: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let pem = read(certificate)?;
    let wrong = |reason| TlsError::Pem {
        path: certificate.to_owned(),
        what: "certificate",
        reason,
    };
    let chain = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(wrong)?;
    if chain.is_empty() {
        return Err(wrong(rustls::pki_types::pem::Error::NoItemsFound));
    }
    let private = PrivateKeyDer::from_pem_slice(&zeroize::Zeroizing::new(read(key)?)).map_err(|reason| {
        TlsError::Pem {
            path: key.to_owned(),
            what: "private key",
            reason,
        }
    })?;
    CertifiedKey::from_der(chain, private, &default_provider()).map_err(|reason| TlsError::Mismatch {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        reason,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    short_file::read(path).map_err(|source| TlsError::Read {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests;
