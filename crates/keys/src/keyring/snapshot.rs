//! The opened keys of a keyring, and the file they were read from.

use crate::keyring::content::{Content, Master};
use crate::keyring::document::{self, Document};
use crate::keyring::error::KeyringError;
use crate::keyring::file::File;
use crate::root::record::Root;
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The state of a keyring at one time.
pub(crate) struct Snapshot {
    /// Text of the file, to detect changes. Wiped, because a file of version 1 contains keys in clear.
    pub(super) text: Zeroizing<String>,
    /// `None`: the keyring is read-only.
    pub(super) root: Option<Arc<Root>>,
    pub(crate) content: Content,
}

impl Snapshot {
    /// Creates a state without a file, or with a file that cannot be changed.
    pub(crate) fn read_only(content: Content) -> Self {
        Self {
            text: Zeroizing::default(),
            root: None,
            content,
        }
    }

    /// Opens a file of version 2 with the root key that it describes.
    pub(super) fn open(
        path: &Path,
        text: Zeroizing<String>,
        document: Document,
        root: Arc<Root>,
    ) -> Result<Self, KeyringError> {
        if !document::is_as_written(&text, &root) {
            return Err(KeyringError::Altered(path.to_owned()));
        }
        let content = Content::open(document, &root).map_err(|why| KeyringError::invalid(path, why))?;
        Ok(Self {
            text,
            root: Some(root),
            content,
        })
    }

    /// Opens a file of version 2 with the root key that is in use.
    pub(super) fn read_by(
        path: &Path,
        text: Zeroizing<String>,
        root: &Arc<Root>,
    ) -> Result<Self, KeyringError> {
        let document = match File::parse(path, text, None)? {
            File::Two(text, document) if document.root == root.record => (text, document),
            _ => return Err(KeyringError::Resealed(path.to_owned())),
        };
        Self::open(path, document.0, document.1, Arc::clone(root))
    }

    /// Refuses a file that lacks a key in use: data wrapped by that key could no longer be read, and a version created
    /// later under its number would be mistaken for it.
    pub(super) fn check_successor(&self, next: &Self, path: &Path) -> Result<(), KeyringError> {
        match self.content.missing_in(&next.content)? {
            None => Ok(()),
            Some(key) => Err(KeyringError::NotASuccessor {
                path: path.to_owned(),
                key,
            }),
        }
    }

    pub(super) fn current(&self) -> Result<&Master, KeyringError> {
        let current = self.content.current();
        // Checked when the file was read, and after every change.
        current.ok_or_else(|| KeyringError::UnknownMaster("current".to_owned()))
    }
}
