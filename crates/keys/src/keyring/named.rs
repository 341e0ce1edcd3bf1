//! Names of named keys: what a label may be, and which key is meant.

use crate::keyring::content::{Content, NamedKey};
use crate::keyring::error::ChangeError;

/// Longest label, in bytes.
const LONGEST: usize = 64;

/// Refuses what cannot be a label. A label never looks like an id, an alias or an ARN, so that it is clear which is meant.
pub(crate) fn check_label(label: &str) -> Result<(), ChangeError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_like_an_id = label.starts_with("k-") || label.starts_with("m-");
    if label.is_empty() || label.len() > LONGEST || is_like_an_id || !label.bytes().all(allowed) {
        return Err(ChangeError::Label(label.to_owned()));
    }
    Ok(())
}

impl Content {
    /// Refuses a label that cannot be one, or is that of another key than `except`.
    pub(crate) fn must_be_free(&self, label: &str, except: Option<&str>) -> Result<(), ChangeError> {
        check_label(label)?;
        match self.named.iter().find(|key| key.label == label) {
            Some(key) if Some(key.id.as_str()) != except => Err(ChangeError::LabelTaken {
                label: label.to_owned(),
                id: key.id.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// The named key that `asked` means: its id, its label, `alias/LABEL`, or an ARN that ends in `key/ID` or
    /// `alias/LABEL`, whatever its region and account.
    pub(crate) fn named(&self, asked: &str) -> Option<&NamedKey> {
        self.named.iter().find(|key| is_meant(key, asked))
    }

    pub(crate) fn named_mut(&mut self, asked: &str) -> Option<&mut NamedKey> {
        self.named.iter_mut().find(|key| is_meant(key, asked))
    }
}

fn is_meant(key: &NamedKey, asked: &str) -> bool {
    let (id, label) = match asked.strip_prefix("arn:").and_then(|arn| arn.rsplit(':').next()) {
        Some(resource) => (resource.strip_prefix("key/"), resource.strip_prefix("alias/")),
        None => match asked.strip_prefix("alias/") {
            Some(label) => (None, Some(label)),
            None => (Some(asked), Some(asked)),
        },
    };
    id == Some(key.id.as_str()) || label == Some(key.label.as_str())
}
