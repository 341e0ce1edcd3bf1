//! The keyring's named keys as a key management service.

use crate::keyring::Keyring;
use crate::keyring::content::{NamedKey, split_version_name, version_name};
use crate::keyring::state::NamedState;
use crate::kms::context::Context;
use crate::kms::error::{KmsError, Unavailable};
use crate::kms::{GeneratedKey, KeyDescription, KeyState, Kms};
use async_trait::async_trait;
use std::fmt::Write as _;
use std::sync::Arc;
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{Envelope, Mode, OuterKey, Place, Random};

#[cfg(test)]
mod tests;

/// The named keys of a keyring, always in their current state.
///
/// A key is wrapped in an envelope (mode 21) that names key and version, in a place that is the encryption context.
pub struct BuiltInKms {
    keyring: Arc<Keyring>,
    random: Arc<dyn Random>,
}

impl BuiltInKms {
    /// Uses the named keys of `keyring`.
    pub fn new(keyring: Arc<Keyring>, random: Arc<dyn Random>) -> Self {
        Self { keyring, random }
    }

    /// Finds a key by its name.
    fn find(&self, name: &str) -> Result<NamedKey, KmsError> {
        let snapshot = self.keyring.snapshot();
        let key = snapshot.content.named(name).cloned();
        key.ok_or_else(|| KmsError::NotFound(name.to_owned()))
    }

    /// Finds a key by its name, and refuses a disabled one.
    fn usable(&self, name: &str) -> Result<NamedKey, KmsError> {
        let key = self.find(name)?;
        match key.state {
            NamedState::Enabled => Ok(key),
            NamedState::Disabled => Err(KmsError::Disabled(name.to_owned())),
        }
    }

    fn seal(&self, key: &NamedKey, plain: &OuterKey, context: &Context) -> Result<Vec<u8>, KmsError> {
        let newest = key.newest();
        // A keyring with a key without versions is refused when read, and versions are never removed.
        let newest = newest.ok_or_else(|| KmsError::InvalidState(key.id.clone()))?;
        let by = version_name(&key.id, newest.number);
        let context = text(context);
        let envelope = Envelope::wrap(
            &newest.key,
            &by,
            plain,
            Mode::Named,
            place(&context),
            &*self.random,
        );
        Ok(envelope.map_err(|error| failed(&error))?.as_bytes().to_vec())
    }
}

#[async_trait]
impl Kms for BuiltInKms {
    async fn describe(&self, key: &str) -> Result<KeyDescription, KmsError> {
        let key = self.find(key)?;
        Ok(KeyDescription {
            id: key.id,
            state: match key.state {
                NamedState::Enabled => KeyState::Enabled,
                NamedState::Disabled => KeyState::Disabled,
            },
        })
    }

    async fn generate(&self, key: &str, context: &Context) -> Result<GeneratedKey, KmsError> {
        let named = self.usable(key)?;
        let generated = OuterKey::generate(&*self.random).map_err(|error| failed(&error))?;
        let wrapped = self.seal(&named, &generated, context)?;
        Ok(GeneratedKey {
            key: generated,
            wrapped,
        })
    }

    async fn wrap(&self, key: &str, plain: &OuterKey, context: &Context) -> Result<Vec<u8>, KmsError> {
        self.seal(&self.usable(key)?, plain, context)
    }

    async fn unwrap(&self, key: &str, wrapped: &[u8], context: &Context) -> Result<OuterKey, KmsError> {
        let named = self.usable(key)?;
        let refused = || KmsError::Refused(key.to_owned());
        let envelope = Envelope::from_bytes(wrapped).map_err(|_| refused())?;
        let number = split_version_name(envelope.outer_id())
            .filter(|(id, _)| *id == named.id && envelope.mode() == Mode::Named)
            .map(|(_, number)| number)
            .ok_or_else(refused)?;
        let by = named.versions.iter().find(|version| version.number == number);
        // The keyring is an older copy.
        let by = by.ok_or_else(|| KmsError::InvalidState(key.to_owned()))?;
        let context = text(context);
        envelope.open(&by.key, place(&context)).map_err(|_| refused())
    }

    fn version_of(&self, wrapped: &[u8]) -> Option<String> {
        let envelope = Envelope::from_bytes(wrapped).ok()?;
        let (_, number) = split_version_name(envelope.outer_id())?;
        Some(number.to_string())
    }
}

/// Returns the context as text: name and value of each pair in the byte order of the names, each preceded by its length
/// in bytes and a colon. No two contexts result in the same text.
fn text(context: &Context) -> String {
    let mut text = String::new();
    for word in context.iter().flat_map(|(name, value)| [name, value]) {
        // Writing into a String cannot fail.
        let _ = write!(text, "{}:{word}", word.len());
    }
    text
}

fn place(context: &str) -> Place<'_> {
    Place {
        key: context,
        ..Place::STORE
    }
}

/// Converts an error of sealing, which fails only for lack of randomness.
fn failed(error: &strongroom_seal::Error) -> KmsError {
    KmsError::Unavailable(Unavailable(error.to_string()))
}
