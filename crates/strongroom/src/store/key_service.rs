//! Builds the key management service from the settings.

use std::sync::Arc;

use strongroom_keys::kms::{Aws, KeyService, Kms, SetupError, Vault};
use strongroom_keys::{BuiltInKms, Keyring};
use strongroom_seal::Random;

use crate::clock;
use crate::settings::{KmsSettings, KmsSource};

/// Returns the key service for SSE-KMS. Does not contact an external service, which may be unreachable now.
pub(crate) fn key_service(
    settings: &KmsSettings,
    keyring: &Arc<Keyring>,
    random: &Arc<dyn Random>,
) -> Result<KeyService, SetupError> {
    let backend: Arc<dyn Kms> = match &settings.service {
        KmsSource::Off => return Ok(KeyService::default()),
        _ => match elsewhere(settings, Arc::clone(random))? {
            Some(service) => service,
            None => Arc::new(BuiltInKms::new(Arc::clone(keyring), Arc::clone(random))),
        },
    };
    let service = KeyService::new(backend, settings.default_key.clone());
    Ok(service.with_lifetimes(settings.lifetimes))
}

/// Returns the external service. `None`: the settings name none.
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
