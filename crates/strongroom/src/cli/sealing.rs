//! Encryption of versions as named on the command line: by the store's keys or by those of a key management service.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strongroom_engine::encryption::KmsWish;
use strongroom_engine::operator::rewrap_bucket::From as Chosen;

#[cfg(test)]
mod tests;

const S3: &str = "sse-s3";
const KMS: &str = "sse-kms";

/// Encryption of versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) enum Sealing {
    /// The bucket's key.
    S3,
    /// The service's key of this name. `None`: any of its keys, or its default key.
    Kms(Option<String>),
}

/// Error for text that does not name an encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write sse-s3, sse-kms, or sse-kms:KEY with the id or label of a key")]
pub(crate) struct NoSealing;

impl Sealing {
    /// Returns the selector for versions with this encryption.
    pub(crate) fn chosen(&self) -> Chosen {
        match self {
            Self::S3 => Chosen::S3,
            Self::Kms(key) => Chosen::Kms(key.clone()),
        }
    }

    /// Returns the KMS key to encrypt with. `None`: the bucket's key.
    pub(crate) fn wish(&self, bucket_key: bool) -> Option<KmsWish> {
        match self {
            Self::S3 => None,
            Self::Kms(key) => Some(KmsWish {
                key: key.clone(),
                context: BTreeMap::new(),
                bucket_key,
            }),
        }
    }
}

impl FromStr for Sealing {
    type Err = NoSealing;

    fn from_str(text: &str) -> Result<Self, NoSealing> {
        match text.split_once(':') {
            None if text == S3 => Ok(Self::S3),
            None if text == KMS => Ok(Self::Kms(None)),
            Some((KMS, key)) if !key.is_empty() => Ok(Self::Kms(Some(key.to_owned()))),
            _ => Err(NoSealing),
        }
    }
}

impl fmt::Display for Sealing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S3 => f.write_str(S3),
            Self::Kms(None) => f.write_str(KMS),
            Self::Kms(Some(key)) => write!(f, "{KMS}:{key}"),
        }
    }
}

impl TryFrom<String> for Sealing {
    type Error = NoSealing;

    fn try_from(text: String) -> Result<Self, NoSealing> {
        text.parse()
    }
}

impl From<Sealing> for String {
    fn from(sealing: Sealing) -> Self {
        sealing.to_string()
    }
}
