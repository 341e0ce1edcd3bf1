//! The errors of TLS.

use std::fmt;
use std::io;
use std::path::PathBuf;

use time::OffsetDateTime;

use crate::randomness::NoRandomness;

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
        why: Unfit,
    },
    #[error("cannot make a certificate")]
    Make(#[from] rcgen::Error),
    #[error("cannot draw random bytes for a certificate")]
    Randomness(#[from] NoRandomness),
    #[error("TLS cannot be set up")]
    Setup(#[from] rustls::Error),
}

/// Why the server certificate on the disk is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    Missing,
    Unreadable,
    OtherAuthority,
    OtherNames,
    Expiring,
    NotYetValid,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "there is none yet",
            Self::Unreadable => "the one there cannot be read",
            Self::OtherAuthority => "the one there is from another CA",
            Self::OtherNames => "the hosts have changed",
            Self::Expiring => "the one there expires within 30 days",
            Self::NotYetValid => "the one there is not valid yet",
        })
    }
}
