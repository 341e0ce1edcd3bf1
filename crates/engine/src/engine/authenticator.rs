//! Keyed functions of the store, under the store's key.

use std::sync::Arc;
use strongroom_seal::authenticator::Purpose;
use strongroom_seal::{Random, StoreAuthenticator, StoreKey};
use strongroom_store::{Authenticator, MacPurpose, StoreError};

/// The functions that the store needs without seeing its key.
pub(crate) struct UnderStoreKey {
    functions: Box<StoreAuthenticator>,
    random: Arc<dyn Random>,
}

impl UnderStoreKey {
    pub(crate) fn new(key: &StoreKey, random: Arc<dyn Random>) -> strongroom_seal::Result<Self> {
        Ok(Self {
            functions: StoreAuthenticator::new(key)?,
            random,
        })
    }
}

impl Authenticator for UnderStoreKey {
    fn mac(&self, purpose: MacPurpose, parts: &[&[u8]]) -> [u8; 32] {
        let purpose = match purpose {
            MacPurpose::Log => Purpose::Log,
            MacPurpose::Mark => Purpose::Mark,
            MacPurpose::Tables => Purpose::Tables,
            MacPurpose::Row => Purpose::Tag,
        };
        self.functions.mac(purpose, parts)
    }

    fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.functions
            .seal(context, plain, &*self.random)
            .map_err(|error| StoreError::failed("encrypting a note", error))
    }

    fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.functions.open(context, sealed).ok()
    }
}
