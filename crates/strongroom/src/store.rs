//! Opens the store of a data directory: keyring, root key, key service, credentials.

pub(crate) mod key_service;
pub(crate) mod keyring;
pub(crate) mod noted_head;
pub(crate) mod open;
pub(crate) mod open_error;
pub(crate) mod passphrase;
pub(crate) mod root_credentials;
pub(crate) mod root_key;
pub(crate) mod same_store_flags;
