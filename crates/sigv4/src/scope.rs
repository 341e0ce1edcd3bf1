//! Scopes of credentials: day, region and service of a signature.

/// Regions and services that a server has.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Regions. The first is the one that errors name.
    pub regions: &'a [&'a str],
    /// Services. The first is the one that errors name.
    pub services: &'a [&'a str],
}

/// Parts of a credential: `ID/YYYYMMDD/REGION/SERVICE/aws4_request`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credential<'a> {
    /// Id of the access key.
    pub access_key_id: &'a str,
    /// Day of the signature: eight digits.
    pub day: &'a str,
    /// Region.
    pub region: &'a str,
    /// Service.
    pub service: &'a str,
}

/// Error of a credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// The text is not a credential.
    #[error("the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")]
    Malformed,
    /// The region is another one.
    #[error("the region '{given}' is wrong; expecting '{expected}'")]
    Region {
        /// Region of the credential.
        given: String,
        /// Region of the server.
        expected: String,
    },
    /// The service is another one.
    #[error("incorrect service \"{given}\". This endpoint belongs to \"{expected}\".")]
    Service {
        /// Service of the credential.
        given: String,
        /// Service of the server.
        expected: String,
    },
}

impl<'a> Credential<'a> {
    /// Parses a credential.
    ///
    /// # Errors
    /// [`ScopeError::Malformed`].
    pub fn parse(text: &'a str) -> Result<Self, ScopeError> {
        let mut parts = text.split('/');
        let mut next = || parts.next().ok_or(ScopeError::Malformed);
        let (access_key_id, day, region, service, last) = (next()?, next()?, next()?, next()?, next()?);
        let is_day = day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit());
        if access_key_id.is_empty() || !is_day || last != "aws4_request" || parts.next().is_some() {
            return Err(ScopeError::Malformed);
        }
        Ok(Self {
            access_key_id,
            day,
            region,
            service,
        })
    }

    /// Refuses a credential of another region or service.
    ///
    /// # Errors
    /// [`ScopeError::Region`], [`ScopeError::Service`].
    pub fn check(&self, expected: Expected<'_>) -> Result<(), ScopeError> {
        let first = |texts: &[&str]| texts.first().copied().unwrap_or_default().to_owned();
        if !expected.regions.contains(&self.region) {
            return Err(ScopeError::Region {
                given: self.region.to_owned(),
                expected: first(expected.regions),
            });
        }
        if !expected.services.contains(&self.service) {
            return Err(ScopeError::Service {
                given: self.service.to_owned(),
                expected: first(expected.services),
            });
        }
        Ok(())
    }
}
