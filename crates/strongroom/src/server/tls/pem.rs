//! Certificates and keys, read from PEM files.

use std::path::Path;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::error::TlsError;
use crate::files::short_file;

/// Reads a certificate chain and its matching key.
pub(super) fn read_pair(certificate: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
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

pub(super) fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    short_file::read(path).map_err(|source| TlsError::Read {
        path: path.to_owned(),
        source,
    })
}
