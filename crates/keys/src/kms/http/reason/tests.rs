use super::*;

#[test]
fn certificates_are_refused_in_words() {
    for (why, expected) in [
        (CertificateError::UnknownIssuer, "set ca_file"),
        (CertificateError::Expired, "has expired"),
        (CertificateError::NotValidForName, "is not for this host name"),
        (CertificateError::BadSignature, "cannot be verified"),
    ] {
        let error = io::Error::new(
            io::ErrorKind::InvalidData,
            rustls::Error::InvalidCertificate(why.clone()),
        );
        let text = text(&error);
        assert!(text.ends_with(expected), "{text}");
        assert!(!text.contains(&format!("{why:?}")), "{text}");
    }
}
