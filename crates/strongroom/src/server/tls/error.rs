//! Errors of TLS.

use std::fmt;
use std::io;
use std::path::PathBuf;

use time::OffsetDateTime;

use crate::randomness::NoRandomness;

/// Errors that keep HTTPS from starting.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{} contains no PEM {what}: {reason}", path.display())]
    Pem {
        path: PathBuf,
        what: &'static str,
        reason: rustls::pki_types::pem::Error,
    },
    #[error(
        "the private key {} and the certificate {} cannot be used together: {}",
        key.display(), certificate.display(), mismatch(reason)
    )]
    Mismatch {
        certificate: PathBuf,
        key: PathBuf,
        reason: rustls::Error,
    },
    #[error("cannot parse the certificate {}", path.display())]
    Certificate {
        path: PathBuf,
        source: x509_cert::der::Error,
    },
    #[error("{} is not the key of the CA certificate {}; restore the matching pair, or move both away to \
     create a new CA, and give its ca.pem to every client", key.display(), certificate.display())]
    ForeignCaKey { certificate: PathBuf, key: PathBuf },
    #[error("the CA certificate {} expired at {expired}; move the directory {} away to create a new CA, \
     and give its ca.pem to every client", certificate.display(), directory.display())]
    CaExpired {
        certificate: PathBuf,
        directory: PathBuf,
        expired: OffsetDateTime,
    },
    #[error(
        "a new server certificate is needed ({why}), but the CA key {} does not exist; restore it for this start, \
         or move the directory {} away to create a new CA, and give its ca.pem to every client",
        key.display(), directory.display()
    )]
    CaKeyAway {
        key: PathBuf,
        directory: PathBuf,
        why: Unfit,
    },
    #[error("cannot create a certificate")]
    Make(#[from] rcgen::Error),
    #[error("cannot get random bytes for a certificate")]
    Randomness(#[from] NoRandomness),
    #[error("cannot set up TLS")]
    Setup(#[from] rustls::Error),
}

/// Returns the reason in words: the library prints the names of its types.
fn mismatch(reason: &rustls::Error) -> String {
    match reason {
        rustls::Error::InconsistentKeys(_) => "the key does not match the certificate".to_owned(),
        rustls::Error::InvalidCertificate(_) => "the certificate cannot be parsed".to_owned(),
        other => other.to_string(),
    }
}

/// Reasons why the existing server certificate is not used.
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
            Self::Unreadable => "the existing one cannot be read",
            Self::OtherAuthority => "the existing one is from another CA",
            Self::OtherNames => "the hosts have changed",
            Self::Expiring => "the existing one expires within 30 days",
            Self::NotYetValid => "the existing one is not valid yet",
        })
    }
}
