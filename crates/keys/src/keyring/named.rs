//! Labels of named keys, and the search for a named key.

use crate::keyring::content::{Content, NamedKey};
use crate::keyring::error::ChangeError;

/// Maximum length of a label in bytes.
const MAX_LABEL_BYTES: usize = 64;

/// Refuses an invalid label. A label never looks like an id, an alias or an ARN, so that names are unambiguous.
pub(crate) fn check_label(label: &str) -> Result<(), ChangeError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_like_an_id = label.starts_with("k-") || label.starts_with("m-");
    if label.is_empty() || label.len() > MAX_LABEL_BYTES || is_like_an_id || !label.bytes().all(allowed) {
        return Err(ChangeError::Label(label.to_owned()));
    }
    Ok(())
}

impl Content {
    /// Refuses an invalid label, and one in use by another key than `except`.
    pub(crate) fn must_be_free(&self, label: &str, except: Option<&str>) -> Result<(), ChangeError> {
        check_label(label)?;
        match self.named.iter().find(|key| key.label == label) {
            Some(key) if Some(key.id.as_str()) != except => Err(ChangeError::LabelInUse {
                label: label.to_owned(),
                id: key.id.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Finds a named key by its id, its label, `alias/LABEL`, or an ARN that ends in `key/ID` or `alias/LABEL`, with
    /// any region and account.
    pub(crate) fn named(&self, name: &str) -> Option<&NamedKey> {
        self.named.iter().find(|key| has_name(key, name))
    }

    pub(crate) fn named_mut(&mut self, name: &str) -> Option<&mut NamedKey> {
        self.named.iter_mut().find(|key| has_name(key, name))
    }
}

fn has_name(key: &NamedKey, name: &str) -> bool {
    let (id, label) = match name.strip_prefix("arn:").and_then(|arn| arn.rsplit(':').next()) {
        Some(resource) => (resource.strip_prefix("key/"), resource.strip_prefix("alias/")),
        None => match name.strip_prefix("alias/") {
            Some(label) => (None, Some(label)),
            None => (Some(name), Some(name)),
        },
    };
    id == Some(key.id.as_str()) || label == Some(key.label.as_str())
}
