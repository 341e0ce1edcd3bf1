//! Generated server certificate: stored in the data directory, and renewed when it no longer fits.

use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration as StdDuration;

use rustls::sign::CertifiedKey;
use time::{Duration, OffsetDateTime};
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use zeroize::Zeroizing;

use super::authority::{Authority, names};
use super::error::{TlsError, Unfit};
use super::pem::{read, read_pair};
use crate::files::private_file::{self, Readers};
use crate::settings::Host;

/// CA certificate for clients.
pub(super) const CA_CERTIFICATE: &str = "ca.pem";
const CA_KEY: &str = "ca-key.pem";
const SERVER_CERTIFICATE: &str = "server.pem";
const SERVER_KEY: &str = "server-key.pem";

/// Time before expiry at which a certificate is renewed: long enough for a machine that was switched off.
const RENEW_BEFORE: Duration = Duration::days(30);

/// Parsed CA certificate.
struct CaCertificate {
    parsed: Certificate,
    expires: OffsetDateTime,
}

/// Reads the server certificate in `directory`, and creates CA and certificate where needed.
pub(super) fn load(directory: &Path, hosts: &[Host], now: OffsetDateTime) -> Result<CertifiedKey, TlsError> {
    private_file::directory(directory).map_err(|source| TlsError::Write {
        path: directory.to_owned(),
        source,
    })?;
    let file = |name: &str| directory.join(name);
    let (ca, authority) = authority(directory, now)?;
    if ca.expires <= now {
        return Err(TlsError::CaExpired {
            certificate: file(CA_CERTIFICATE),
            directory: directory.to_owned(),
            expired: ca.expires,
        });
    }
    let (certificate, key) = (file(SERVER_CERTIFICATE), file(SERVER_KEY));
    let why = match fitting(&certificate, &key, &ca, hosts, now) {
        Ok(pair) => return Ok(pair),
        Err(why) => why,
    };
    let Some(authority) = authority else {
        return Err(TlsError::CaKeyAway {
            key: file(CA_KEY),
            directory: directory.to_owned(),
            why,
        });
    };
    let (issued, issued_key) = authority.issue(hosts, now, ca.expires)?;
    write(&key, &Zeroizing::new(issued_key.serialize_pem()), Readers::Owner)?;
    write(&certificate, &issued.pem(), Readers::Everyone)?;
    tracing::info!(reason = %why, certificate = %certificate.display(), "created a server certificate");
    read_pair(&certificate, &key)
}

/// Returns the CA, created if there is none. Its key may have been moved away; then it cannot issue certificates.
fn authority(directory: &Path, now: OffsetDateTime) -> Result<(CaCertificate, Option<Authority>), TlsError> {
    let (certificate_path, key_path) = (directory.join(CA_CERTIFICATE), directory.join(CA_KEY));
    let certificate = read_if_there(&certificate_path)?;
    let mut authority = match read_if_there(&key_path)? {
        Some(pem) => Some(Authority::from_key_pem(&String::from_utf8_lossy(
            &Zeroizing::new(pem),
        ))?),
        None => None,
    };
    let certificate = match (certificate, &mut authority) {
        (Some(pem), _) => pem,
        // A CA key without certificate was left by a crash between the two writes, or the certificate was moved. A
        // certificate created again from the same key represents the CA that clients know.
        (None, authority) => {
            let authority = if let Some(authority) = authority {
                authority
            } else {
                let generated = Authority::generate()?;
                write(&key_path, &generated.key_pem(), Readers::Owner)?;
                authority.insert(generated)
            };
            let pem = authority.certificate(now)?.pem();
            write(&certificate_path, &pem, Readers::Everyone)?;
            pem.into_bytes()
        }
    };
    let wrong = |source| TlsError::Certificate {
        path: certificate_path.clone(),
        source,
    };
    let parsed = x509_cert::Certificate::load_pem_chain(&certificate)
        .map_err(wrong)?
        .into_iter()
        .next()
        .ok_or_else(|| wrong(x509_cert::der::ErrorKind::Failed.into()))?;
    let expires = date(parsed.tbs_certificate.validity.not_after.to_unix_duration());
    let public_key = parsed
        .tbs_certificate
        .subject_public_key_info
        .to_der()
        .map_err(wrong)?;
    if authority
        .as_ref()
        .is_some_and(|authority| authority.public_key_der() != public_key)
    {
        return Err(TlsError::ForeignCaKey {
            certificate: certificate_path,
            key: key_path,
        });
    }
    Ok((CaCertificate { parsed, expires }, authority))
}

/// Returns the stored pair if it is usable: from this CA, for exactly these hosts, valid now and for some time to come.
fn fitting(
    certificate: &Path,
    key: &Path,
    ca: &CaCertificate,
    hosts: &[Host],
    now: OffsetDateTime,
) -> Result<CertifiedKey, Unfit> {
    if !certificate.exists() || !key.exists() {
        return Err(Unfit::Missing);
    }
    let pair = read_pair(certificate, key).map_err(|_| Unfit::Unreadable)?;
    let parsed = Certificate::from_der(&pair.cert[0])
        .map_err(|_| Unfit::Unreadable)?
        .tbs_certificate;
    // The CA's name is derived from its key, so the name alone identifies the CA.
    if parsed.issuer != ca.parsed.tbs_certificate.subject {
        return Err(Unfit::OtherAuthority);
    }
    if alternative_names(&parsed).as_ref() != Some(&names(hosts).iter().map(ToString::to_string).collect()) {
        return Err(Unfit::OtherNames);
    }
    if date(parsed.validity.not_before.to_unix_duration()) > now {
        return Err(Unfit::NotYetValid);
    }
    let expires = date(parsed.validity.not_after.to_unix_duration());
    // A certificate that expires with its CA cannot be improved by renewing it.
    if expires <= now + RENEW_BEFORE && expires < ca.expires {
        return Err(Unfit::Expiring);
    }
    Ok(pair)
}

fn alternative_names(certificate: &x509_cert::TbsCertificate) -> Option<BTreeSet<String>> {
    let (_, SubjectAltName(names)) = certificate.get::<SubjectAltName>().ok()??;
    names
        .into_iter()
        .map(|name| match name {
            GeneralName::DnsName(name) => Some(name.to_string()),
            GeneralName::IpAddress(octets) => {
                let bytes = octets.as_bytes();
                let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
                let v6 = <[u8; 16]>::try_from(bytes).map(IpAddr::from);
                v4.or(v6).ok().map(|address| address.to_string())
            }
            _ => None,
        })
        .collect()
}

fn date(since_epoch: StdDuration) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + since_epoch
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, TlsError> {
    match read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(TlsError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write(path: &Path, pem: &str, readers: Readers) -> Result<(), TlsError> {
    private_file::replace(path, pem.as_bytes(), readers).map_err(|source| TlsError::Write {
        path: path.to_owned(),
        source,
    })
}
