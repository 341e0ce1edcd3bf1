//! The signature of a request, read in one strict form.
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>.)

use crate::error::{Location, SignatureError};
use crate::head::Head;
use crate::query::Query;
use crate::scope::{Credential, Expected};
use crate::token::{PARAMETER, SECURITY_TOKEN};
use http::HeaderName;
use http::header::{AUTHORIZATION, HOST};

#[cfg(test)]
mod tests;

/// The only algorithm.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Query parameters that each presigned URL has.
pub const PRESIGNED: [&str; 6] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
];

/// Headers that decide about a signature, and so must be sent at most once.
const ONCE: [&str; 5] = ["authorization", "date", "host", "x-amz-date", SECURITY_TOKEN];

/// Maximum lifetime of a presigned URL: a week, in seconds.
const MAX_EXPIRES: i64 = 604_800;

/// A signature in the strict form of the specification, which is not verified yet.
#[derive(Debug, PartialEq, Eq)]
pub struct Signature {
    /// Access key and scope: `ID/YYYYMMDD/REGION/SERVICE/aws4_request`.
    pub credential: String,
    /// Names of the signed headers, in lower case.
    pub headers: Vec<String>,
    /// The signature itself, in hex.
    pub value: String,
    /// True if it is in the query.
    pub presigned: bool,
}

impl Signature {
    /// Reads the signature of a request. `None`: the request is not signed.
    ///
    /// # Errors
    /// [`SignatureError`] for a signature in another form, of another region or service, in two places, or of version 2.
    pub fn read(
        head: Head<'_>,
        query: &Query,
        expected: Expected<'_>,
    ) -> Result<Option<Self>, SignatureError> {
        for name in ONCE {
            if head.headers.get_all(name).iter().count() > 1 {
                return Err(SignatureError::Repeated(name));
            }
        }
        if query.has("Signature") || query.has("AWSAccessKeyId") {
            return Err(SignatureError::VersionTwo);
        }
        match (is_presigned(query), head.headers.get(AUTHORIZATION)) {
            (true, Some(_)) => Err(SignatureError::Both),
            (true, None) => of_query(query, expected).map(Some),
            (false, Some(header)) => {
                let text = header.to_str().map_err(|_| malformed_header())?;
                of_header(text, expected).map(Some)
            }
            // Without a signature, a token says nothing.
            (false, None) if head.headers.contains_key(SECURITY_TOKEN) => Err(SignatureError::Token),
            (false, None) => Ok(None),
        }
    }

    /// Returns the id of the access key.
    pub fn access_key(&self) -> &str {
        self.credential.split_once('/').map_or("", |(id, _)| id)
    }

    /// Returns the scope, the part of the credential after the access key.
    pub fn scope(&self) -> &str {
        self.credential.split_once('/').map_or("", |(_, scope)| scope)
    }

    /// Returns the location of the signature.
    pub fn location(&self) -> Location {
        if self.presigned {
            Location::Query
        } else {
            Location::Header
        }
    }

    /// Returns the `Authorization` header that has this signature and nothing else.
    pub fn to_header(&self) -> String {
        let Self {
            credential, value, ..
        } = self;
        let names = self.headers.join(";");
        format!("{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={value}")
    }

    /// Refuses a signature that does not cover the host and every `x-amz-` header, or covers a header that was not sent.
    ///
    /// # Errors
    /// [`SignatureError::HeadersNotSigned`], [`SignatureError::HeaderNotSent`], [`SignatureError::NoText`].
    pub fn check_headers(&self, head: Head<'_>) -> Result<(), SignatureError> {
        let is_signed = |name: &str| self.headers.iter().any(|signed| signed == name);
        if !is_signed(HOST.as_str()) {
            return Err(SignatureError::HeadersNotSigned(HOST.as_str().to_owned()));
        }
        if let Some(missing) = self.headers.iter().find(|name| !head.has(name)) {
            return Err(SignatureError::HeaderNotSent(missing.clone()));
        }
        let amz = |name: &&HeaderName| name.as_str().starts_with("x-amz-");
        let mut texts = head.headers.iter().filter(|(name, _)| amz(name));
        if let Some((name, _)) = texts.find(|(_, value)| std::str::from_utf8(value.as_bytes()).is_err()) {
            return Err(SignatureError::NoText(name.as_str().to_owned()));
        }
        let unsigned: Vec<&str> = head
            .headers
            .keys()
            .filter(amz)
            .map(HeaderName::as_str)
            .filter(|name| !is_signed(name))
            // The payload hash of a presigned request is checked against the payload itself.
            .filter(|name| !(self.presigned && *name == "x-amz-content-sha256"))
            .collect();
        if unsigned.is_empty() {
            return Ok(());
        }
        Err(SignatureError::HeadersNotSigned(unsigned.join(", ")))
    }
}

/// Returns whether a request has parameters of a presigned URL, spelt in any way.
pub fn is_presigned(query: &Query) -> bool {
    query.pairs().iter().any(|(name, _)| is_of_signature(name))
}

/// Returns whether a parameter belongs to the signature of a presigned URL, spelt in any way.
pub fn is_of_signature(name: &str) -> bool {
    let mut names = PRESIGNED.iter().chain([&PARAMETER]);
    names.any(|of| of.eq_ignore_ascii_case(name))
}

/// Returns whether a parameter belongs to the signature of a presigned URL, spelt as in the specification.
pub fn is_exact(name: &str) -> bool {
    PRESIGNED.contains(&name) || name == PARAMETER
}

fn malformed_header() -> SignatureError {
    let text = "it does not have the form of AWS4-HMAC-SHA256".to_owned();
    SignatureError::Malformed(Location::Header, text)
}

fn check_credential(
    location: Location,
    credential: &str,
    expected: Expected<'_>,
) -> Result<(), SignatureError> {
    let credential = Credential::parse(credential).and_then(|credential| credential.check(expected));
    credential.map_err(|error| SignatureError::Scope(location, error))
}

/// Reads an `Authorization` header.
fn of_header(text: &str, expected: Expected<'_>) -> Result<Signature, SignatureError> {
    if text.starts_with("AWS ") {
        return Err(SignatureError::VersionTwo);
    }
    let fields = text
        .strip_prefix(ALGORITHM)
        .and_then(|rest| rest.strip_prefix(' '))
        .ok_or_else(malformed_header)?;
    let mut fields = fields.split(',').map(|field| field.trim_start_matches(' '));
    let mut field = |name: &str| {
        let field = fields.next().and_then(|field| field.strip_prefix(name));
        field.ok_or_else(malformed_header)
    };
    let (credential, signed) = (field("Credential=")?, field("SignedHeaders=")?);
    let value = field("Signature=")?;
    if fields.next().is_some() || !is_signature(value) {
        return Err(malformed_header());
    }
    check_credential(Location::Header, credential, expected)?;
    Ok(Signature {
        credential: credential.to_owned(),
        headers: names(signed).ok_or_else(malformed_header)?,
        value: value.to_owned(),
        presigned: false,
    })
}

/// Reads the query of a presigned URL.
fn of_query(query: &Query, expected: Expected<'_>) -> Result<Signature, SignatureError> {
    let malformed = |text: &str| SignatureError::Malformed(Location::Query, text.to_owned());
    for name in PRESIGNED {
        // Exactly once, and not percent-encoded: only one of two readers would recognize `X%2DAmz-…`.
        let times = query.pairs().iter().filter(|(n, _)| n == name).count();
        if times != 1 || !query.is_literal(name) {
            return Err(malformed(
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, \
                 X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
            ));
        }
    }
    let is_misspelt = |name: &String| is_of_signature(name) && !is_exact(name);
    if let Some((name, _)) = query.pairs().iter().find(|(name, _)| is_misspelt(name)) {
        return Err(malformed(&format!(
            "{name} must be spelt as in the specification of query-string authentication."
        )));
    }
    let value = |name: &str| query.get(name).unwrap_or_default();
    if value("X-Amz-Algorithm") != ALGORITHM {
        return Err(malformed("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\""));
    }
    if !is_signature(value("X-Amz-Signature")) {
        return Err(malformed(
            "X-Amz-Signature must be 64 lower-case hexadecimal digits",
        ));
    }
    check_credential(Location::Query, value("X-Amz-Credential"), expected)?;
    match value("X-Amz-Expires").parse::<i64>() {
        Ok(0..=MAX_EXPIRES) => {}
        Ok(..0) => return Err(malformed("X-Amz-Expires must be non-negative")),
        Ok(_) => {
            return Err(malformed(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
                 604800 seconds",
            ));
        }
        Err(_) => return Err(malformed("X-Amz-Expires should be a number")),
    }
    let signed = value("X-Amz-SignedHeaders");
    if signed.is_empty() {
        return Err(SignatureError::HeadersNotSigned(HOST.as_str().to_owned()));
    }
    Ok(Signature {
        credential: value("X-Amz-Credential").to_owned(),
        headers: names(signed).ok_or_else(|| malformed("X-Amz-SignedHeaders is malformed"))?,
        value: value("X-Amz-Signature").to_owned(),
        presigned: true,
    })
}

fn is_signature(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Parses the names of the signed headers: lower-case, no duplicates.
fn names(text: &str) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for name in text.split(';') {
        let is_letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
        if name.is_empty() || !name.bytes().all(is_letter) || names.iter().any(|known| known == name) {
            return None;
        }
        names.push(name.to_owned());
    }
    Some(names)
}
