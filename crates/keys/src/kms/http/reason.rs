//! Reasons of failed exchanges, in words: the libraries print the names of their types.

use hyper_util::client::legacy;
use rustls::CertificateError;
use std::error::Error;
use std::io;

#[cfg(test)]
mod tests;

/// Joins an error and its sources to one text.
pub(super) fn text(error: &(dyn Error + 'static)) -> String {
    let mut parts = vec![of(error)];
    let mut cause = error.source();
    while let Some(error) = cause {
        parts.push(of(error));
        cause = error.source();
    }
    parts.dedup();
    parts.join(": ")
}

fn of(error: &(dyn Error + 'static)) -> String {
    if let Some(error) = error.downcast_ref::<legacy::Error>() {
        let what = if error.is_connect() {
            "cannot connect"
        } else {
            "the request failed"
        };
        return what.to_owned();
    }
    // An error of TLS arrives within one of the connection.
    let within = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    let tls = match within {
        Some(inner) => inner.downcast_ref::<rustls::Error>(),
        None => error.downcast_ref::<rustls::Error>(),
    };
    match tls {
        Some(rustls::Error::InvalidCertificate(why)) => of_certificate(why),
        Some(rustls::Error::AlertReceived(_)) => "the service refused the TLS connection".to_owned(),
        _ => error.to_string(),
    }
}

fn of_certificate(why: &CertificateError) -> String {
    let text = match why {
        CertificateError::UnknownIssuer => "is from an authority that is not trusted here: set ca_file",
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "is not valid yet",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "is not for this host name"
        }
        CertificateError::Revoked => "is revoked",
        _ => "cannot be verified",
    };
    format!("the service's certificate {text}")
}
