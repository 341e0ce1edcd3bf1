//! Identity tokens of OIDC: a JWT that names its issuer, is signed by it, and says who somebody is.
//! (OpenID Connect Core 1.0, "ID Token"; RFC 7519; RFC 8725, "JSON Web Token Best Current Practices".)

use crate::error::{ApiError, Result};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};
use strongroom_identity::tags::Tags;

/// Lengths of tokens in bytes. (AWS STS API Reference, "`AssumeRoleWithWebIdentity`".)
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=20_000;
/// Maximum length of a subject in characters. (OpenID Connect Core 1.0, "ID Token".)
const MAX_SUBJECT: usize = 255;
/// Difference between the clocks of the provider and of this server that is tolerated, in seconds.
const SKEW: u64 = 60;
/// Claim with the tags of the session. (IAM User Guide, "Pass session tags in AWS STS".)
const TAGS: &str = "https://aws.amazon.com/tags";
/// Claim with the source identity of the session. (IAM User Guide, "Monitor and control actions taken with assumed roles".)
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";

/// Claims that no other claim may stand for.
const OWN: [&str; 6] = ["iss", "sub", "aud", "azp", "oaud", "amr"];

/// Token whose signature is not verified yet: only the key that it names may be used.
pub(crate) struct Unverified<'a> {
    text: &'a str,
    /// URL of the issuer.
    pub(crate) issuer: String,
    /// Id of the key that signed the token.
    pub(crate) key_id: Option<String>,
    pub(crate) algorithm: Algorithm,
}

/// Claims of a token whose signature is verified.
pub(crate) struct Claims {
    /// URL of the issuer.
    pub(crate) issuer: String,
    /// The user of the provider.
    pub(crate) subject: String,
    /// Client ids of the programs that the token is for: of `azp` if the token has it, as on AWS, otherwise of `aud`.
    pub(crate) audience: Vec<String>,
    all: Map<String, Value>,
}

/// Tags that a token gives the session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionTags {
    pub(crate) tags: Tags,
    /// Keys of the tags that sessions begun by the new one keep.
    pub(crate) transitive: Vec<String>,
}

impl<'a> Unverified<'a> {
    /// Reads issuer, key and algorithm of a token.
    ///
    /// # Errors
    /// `ValidationError`, `InvalidIdentityToken`.
    pub(crate) fn read(text: &'a str) -> Result<Self> {
        if !LENGTHS.contains(&text.len()) {
            let (min, max) = LENGTHS.into_inner();
            return Err(ApiError::validation(format!(
                "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member must have \
                 length between {min} and {max}"
            )));
        }
        let header = decode_header(text).map_err(|error| malformed(&error))?;
        // A key of this family is a shared secret, which no public document of a provider has.
        if header.alg.family() == AlgorithmFamily::Hmac {
            return Err(ApiError::invalid_identity_token(format!(
                "The token is signed with {:?}, which is not accepted: use RS256, ES256 or another asymmetric algorithm.",
                header.alg
            )));
        }
        let claims: Map<String, Value> =
            jsonwebtoken::dangerous::insecure_decode_claims(text).map_err(|error| malformed(&error))?;
        Ok(Self {
            text,
            issuer: required_text(&claims, "iss")?.to_owned(),
            key_id: header.kid,
            algorithm: header.alg,
        })
    }

    /// Verifies the signature with the key that the token names.
    ///
    /// # Errors
    /// `InvalidIdentityToken`.
    pub(crate) fn verify(self, key: &DecodingKey) -> Result<Claims> {
        let mut validation = Validation::new(self.algorithm);
        // Times and audience are checked below: with the server's clock, and by AWS's rules.
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        let decoded = decode::<Map<String, Value>>(self.text, key, &validation);
        let all = decoded.map_err(|error| malformed(&error))?.claims;
        let subject = required_text(&all, "sub")?.to_owned();
        if subject.is_empty() || subject.chars().count() > MAX_SUBJECT {
            return Err(ApiError::invalid_identity_token(format!(
                "The claim sub of the token must have 1 to {MAX_SUBJECT} characters."
            )));
        }
        let audience = match all.get("azp") {
            Some(Value::String(party)) => vec![party.clone()],
            Some(_) => return Err(not_valid("azp")),
            None => texts(all.get("aud").ok_or_else(|| missing("aud"))?).ok_or_else(|| not_valid("aud"))?,
        };
        Ok(Claims {
            issuer: self.issuer,
            subject,
            audience,
            all,
        })
    }
}

impl Claims {
    /// Checks the times of the token. `now`: seconds since 1970.
    ///
    /// # Errors
    /// `ExpiredTokenException`, `IDPRejectedClaim`, `InvalidIdentityToken`.
    pub(crate) fn check_times(&self, now: u64) -> Result<()> {
        let expires = self.time("exp")?.ok_or_else(|| missing("exp"))?;
        if expires.saturating_add(SKEW) <= now {
            return Err(ApiError::new(
                400,
                "ExpiredTokenException",
                format!("Token expired: the time is {now}, and the token was valid before {expires}."),
            ));
        }
        self.time("iat")?.ok_or_else(|| missing("iat"))?;
        for name in ["iat", "nbf"] {
            let begins = self.time(name)?.unwrap_or_default();
            if begins > now.saturating_add(SKEW) {
                return Err(rejected(format!(
                    "The token is not valid yet: its claim {name} is {begins}, and the time is {now}."
                )));
            }
        }
        Ok(())
    }

    /// Returns the client id of the token that the provider's settings accept.
    ///
    /// # Errors
    /// `InvalidIdentityToken`.
    pub(crate) fn client_id(&self, accepted: &[String]) -> Result<&str> {
        let found = self.audience.iter().find(|id| accepted.contains(id));
        found.map(String::as_str).ok_or_else(|| {
            ApiError::invalid_identity_token(format!(
                "Incorrect token audience: {} is not among the client ids of the identity provider.",
                self.audience.join(", ")
            ))
        })
    }

    /// Returns the condition keys of the claims: texts, lists of texts, numbers and truth values, under the name of the
    /// provider.
    pub(crate) fn conditions(&self, provider: &str) -> Vec<(String, String)> {
        let key = |name: &str| [provider, ":", name].concat();
        let mut conditions = Vec::new();
        for (name, value) in &self.all {
            let values = match value {
                Value::Bool(value) => vec![value.to_string()],
                Value::Number(value) => vec![value.to_string()],
                value => texts(value).unwrap_or_default(),
            };
            // As on AWS: `aud` is the party that the token was issued to, `oaud` the original `aud`.
            let name = match name.as_str() {
                "aud" if self.all.contains_key("azp") => "oaud",
                // Keys are compared without case, so `AUD` would be a second value of `aud`.
                name if OWN
                    .iter()
                    .any(|own| own.eq_ignore_ascii_case(name) && *own != name) =>
                {
                    continue;
                }
                "oaud" => continue,
                name => name,
            };
            conditions.extend(values.into_iter().map(|value| (key(name), value)));
        }
        if let Some(party) = self.all.get("azp").and_then(Value::as_str) {
            conditions.push((key("aud"), party.to_owned()));
        }
        conditions
    }

    /// Returns the tags that the token gives the session.
    ///
    /// # Errors
    /// `IDPRejectedClaim`.
    pub(crate) fn session_tags(&self) -> Result<SessionTags> {
        let Some(claim) = self.all.get(TAGS) else {
            return Ok(SessionTags::default());
        };
        let invalid = || {
            rejected(format!(
                "The claim {TAGS} is not valid: it must be an object with principal_tags, an object of lists with one \
                 text each, and perhaps transitive_tag_keys, a list of keys of these."
            ))
        };
        let claim = claim.as_object().ok_or_else(invalid)?;
        let is_known = |name: &String| ["principal_tags", "transitive_tag_keys"].contains(&name.as_str());
        if !claim.keys().all(is_known) {
            return Err(invalid());
        }
        let mut pairs = Vec::new();
        if let Some(tags) = claim.get("principal_tags") {
            for (key, value) in tags.as_object().ok_or_else(invalid)? {
                match texts(value).ok_or_else(invalid)?.as_slice() {
                    [value] => pairs.push((key.clone(), value.clone())),
                    _ => return Err(invalid()),
                }
            }
        }
        let tags = Tags::new(pairs).map_err(|error| rejected(format!("The claim {TAGS}: {error}")))?;
        let transitive = match claim.get("transitive_tag_keys") {
            Some(keys) => texts(keys).ok_or_else(invalid)?,
            None => Vec::new(),
        };
        if transitive.iter().any(|key| tags.get(key).is_none()) {
            return Err(invalid());
        }
        Ok(SessionTags { tags, transitive })
    }

    /// Returns the source identity that the token gives the session.
    ///
    /// # Errors
    /// `IDPRejectedClaim`.
    pub(crate) fn source_identity(&self) -> Result<Option<&str>> {
        match self.all.get(SOURCE_IDENTITY) {
            None => Ok(None),
            Some(Value::String(identity)) => Ok(Some(identity)),
            Some(_) => Err(rejected(format!("The claim {SOURCE_IDENTITY} must be a text."))),
        }
    }

    /// Returns a time in seconds since 1970, without fractions.
    fn time(&self, name: &str) -> Result<Option<u64>> {
        let Some(value) = self.all.get(name) else {
            return Ok(None);
        };
        let text = value.as_number().ok_or_else(|| not_valid(name))?.to_string();
        let seconds = text.split('.').next().unwrap_or_default();
        seconds.parse().map(Some).map_err(|_| not_valid(name))
    }
}

/// Returns the texts of a text, or of a list of texts.
fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(values) => {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            values.iter().map(text).collect()
        }
        _ => None,
    }
}

fn required_text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<&'a str> {
    let value = claims.get(name).ok_or_else(|| missing(name))?;
    value.as_str().ok_or_else(|| not_valid(name))
}

fn missing(name: &str) -> ApiError {
    ApiError::invalid_identity_token(format!("Missing a required claim: {name}"))
}

fn not_valid(name: &str) -> ApiError {
    ApiError::invalid_identity_token(format!("The claim {name} of the token is not valid."))
}

fn rejected(text: String) -> ApiError {
    ApiError::new(403, "IDPRejectedClaim", text)
}

/// Words an error of the library without quoting the token, which is a secret.
fn malformed(error: &jsonwebtoken::errors::Error) -> ApiError {
    ApiError::invalid_identity_token(match error.kind() {
        ErrorKind::InvalidSignature => "The signature of the token is not valid.",
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName | ErrorKind::InvalidKeyFormat => {
            "The algorithm of the token does not fit the key of the identity provider."
        }
        _ => {
            "The ID Token provided is not a valid JWT: it must be a header, claims and a signature in base64url, and its \
             header must name an asymmetric algorithm."
        }
    })
}
