//! The key management service that the settings name.

use std::sync::Arc;

use strongroom_keys::Keyring;
use strongroom_keys::kms::{Aws, BuiltIn, KeyService, Kms, SetupError, Vault};
use strongroom_seal::Random;

use crate::clock;
use crate::settings::{KmsSettings, KmsSource};

/// What SSE-KMS asks for keys. A service elsewhere is not waited for: it may be away now. Must be called on a runtime.
pub(crate) fn key_service(
    settings: &KmsSettings,
    keyring: &Arc<Keyring>,
    random: &Arc<dyn Random>,
) -> Result<KeyService, SetupError> {
    let backend: Arc<dyn Kms> = match &settings.service {
        KmsSource::BuiltIn => Arc::new(BuiltIn::new(Arc::clone(keyring), Arc::clone(random))),
        KmsSource::Vault(vault) => Arc::new(Vault::new(vault, Arc::clone(random))?),
        KmsSource::Aws(aws) => Arc::new(Aws::new(aws.clone(), || clock::system().into())?),
        KmsSource::Off => return Ok(KeyService::default()),
    };
    let service = KeyService::new(backend, settings.default_key.clone());
    Ok(service.with_lifetimes(settings.lifetimes))
}
