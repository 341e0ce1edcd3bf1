//! The store's own CA, and the certificates that it signs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use aws_lc_rs::digest::{SHA256, digest};
use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType, SerialNumber,
};
use time::{Duration, OffsetDateTime};

use super::error::TlsError;
use crate::randomness;
use crate::settings::Host;

/// Validity of the CA: ten years, because clients keep the CA file and it must outlive many server certificates.
const CA_LIFE: Duration = Duration::days(3650);
/// Validity of server certificates: some clients reject more than 825 days, even from a private CA.
const SERVER_LIFE: Duration = Duration::days(820);
/// Backdating, so that certificates are already valid for clients whose clocks are slightly behind.
const BACKDATED: Duration = Duration::days(1);

/// CA key, with the issuer name derived from it.
pub(super) struct Authority {
    key: KeyPair,
}

impl Authority {
    pub(super) fn generate() -> Result<Self, TlsError> {
        Ok(Self {
            key: KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?,
        })
    }

    pub(super) fn from_key_pem(pem: &str) -> Result<Self, TlsError> {
        Ok(Self {
            key: KeyPair::from_pem(pem)?,
        })
    }

    pub(super) fn key_pem(&self) -> zeroize::Zeroizing<String> {
        zeroize::Zeroizing::new(self.key.serialize_pem())
    }

    pub(super) fn public_key_der(&self) -> Vec<u8> {
        self.key.subject_public_key_info()
    }

    /// Creates the CA certificate for clients. It is derived from the key alone, except for dates and serial number: a
    /// certificate created again from the same key represents the same CA.
    pub(super) fn certificate(&self, now: OffsetDateTime) -> Result<Certificate, TlsError> {
        let mut params = self.params();
        params.not_before = now - BACKDATED;
        params.not_after = now + CA_LIFE;
        params.serial_number = Some(serial_number()?);
        Ok(params.self_signed(&self.key)?)
    }

    /// Issues a server certificate for `hosts` and this machine itself, with its key.
    pub(super) fn issue(
        &self,
        hosts: &[Host],
        now: OffsetDateTime,
        ca_expires: OffsetDateTime,
    ) -> Result<(Certificate, KeyPair), TlsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = name("Strongroom server");
        params.subject_alt_names = names(hosts)
            .into_iter()
            .map(|host| {
                Ok(match host {
                    Host::Name(name) => SanType::DnsName(Ia5String::try_from(name)?),
                    Host::Address(address) => SanType::IpAddress(address),
                })
            })
            .collect::<Result<_, rcgen::Error>>()?;
        params.not_before = now - BACKDATED;
        params.not_after = (now + SERVER_LIFE).min(ca_expires);
        params.serial_number = Some(serial_number()?);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // Strict verifiers require it to distinguish two CAs with the same name.
        params.use_authority_key_identifier_extension = true;
        let issuer = Issuer::new(self.params(), &self.key);
        Ok((params.signed_by(&key, &issuer)?, key))
    }

    fn params(&self) -> CertificateParams {
        let mut params = CertificateParams::default();
        let print = hex::encode(&digest(&SHA256, &self.public_key_der()).as_ref()[..4]);
        params.distinguished_name = name(&format!("Strongroom CA {print}"));
        // The CA signs server certificates; no certificate it signs may sign others.
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params
    }
}

/// Returns all names of the server: this machine itself, the configured hosts, and the buckets below each name.
///
/// There is no `*.localhost`, because common verifiers reject a wildcard directly below the root.
pub(super) fn names(hosts: &[Host]) -> Vec<Host> {
    let mut names = vec![
        Host::Name("localhost".to_owned()),
        Host::Address(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        Host::Address(IpAddr::V6(Ipv6Addr::LOCALHOST)),
    ];
    for host in hosts {
        let below = match host {
            Host::Name(name) if name.contains('.') => Some(Host::Name(format!("*.{name}"))),
            _ => None,
        };
        for name in [Some(host.clone()), below].into_iter().flatten() {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, "Strongroom");
    name.push(DnType::CommonName, common);
    name
}

/// Returns 16 random bytes: serial numbers of an issuer must be unique.
fn serial_number() -> Result<SerialNumber, TlsError> {
    let mut bytes = [0; 16];
    randomness::system(&mut bytes)?;
    // The number must be positive and have a fixed length.
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}
