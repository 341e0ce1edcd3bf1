//! The key management service that the settings name.

use std::sync::Arc;

use strongroom_keys::Keyring;
use strongroom_keys::kms::{Aws, BuiltIn, KeyService, Kms, SetupError, Vault};
use strongroom_seal::Random;

use crate::clock;
use crate::settings::{KmsSettings, KmsSource};

/// What SSE-KMS asks for keys. A service elsewhere is not waited for: it may be away now.
pub(crate) fn key_service(
    settings: &KmsSettings,
    keyring: &Arc<Keyring>,
    random: &Arc<dyn Random>,
) -> Result<KeyService, SetupError> {
    let backend: Arc<dyn Kms> = match &settings.service {
        KmsSource::Off => return Ok(KeyService::default()),
        _ => match elsewhere(settings, Arc::clone(random))? {
            Some(service) => service,
            None => Arc::new(BuiltIn::new(Arc::clone(keyring), Arc::clone(random))),
        },
    };
    let service = KeyService::new(backend, settings.default_key.clone());
    Ok(service.with_lifetimes(settings.lifetimes))
}

/// The service elsewhere, if the settings name one.
pub(crate) fn elsewhere(
    settings: &KmsSettings,
    random: Arc<dyn Random>,
) -> Result<Option<Arc<dyn Kms>>, SetupError> {
    Ok(match &settings.service {
        KmsSource::BuiltIn | KmsSource::Off => None,
        KmsSource::Vault(vault) => Some(Arc::new(Vault::new(vault, random)?)),
        KmsSource::Aws(aws) => Some(Arc::new(Aws::new(aws.clone(), || clock::system().into())?)),
    })
}
