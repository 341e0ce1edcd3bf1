//! A key management service in memory that counts calls and fails on demand.

use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use strongroom_keys::kms::{Context, GeneratedKey, KeyDescription, KeyState, Kms, KmsError, Unavailable};
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{Envelope, Mode, OuterKey, Place, SystemRandom};

/// Key used by requests that name none.
pub(crate) const DEFAULT_KEY: &str = "key-1";
/// A second key of the service.
pub(crate) const OTHER_KEY: &str = "key-2";
/// Alias of [`OTHER_KEY`].
pub(crate) const ALIAS: &str = "alias/other";

pub(crate) struct KmsDouble {
    keys: BTreeMap<&'static str, OuterKey>,
    states: Mutex<BTreeMap<String, KeyState>>,
    away: AtomicBool,
    /// Number of keys generated, wrapped and unwrapped so far.
    calls: AtomicUsize,
}

impl Default for KmsDouble {
    fn default() -> Self {
        let key = |id| (id, OuterKey::generate(&SystemRandom::default()).unwrap());
        Self {
            keys: [DEFAULT_KEY, OTHER_KEY].into_iter().map(key).collect(),
            states: Mutex::default(),
            away: AtomicBool::new(false),
            calls: AtomicUsize::new(0),
        }
    }
}

impl KmsDouble {
    pub(crate) fn set(&self, key: &str, state: KeyState) {
        self.states.lock().unwrap().insert(key.to_owned(), state);
    }

    pub(crate) fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn find(&self, key: &str) -> Result<(&'static str, &OuterKey), KmsError> {
        if self.away.load(Ordering::SeqCst) {
            return Err(KmsError::Unavailable(Unavailable("away".to_owned())));
        }
        let key = if key == ALIAS { OTHER_KEY } else { key };
        let found = self.keys.get_key_value(key);
        let (id, outer) = found.ok_or_else(|| KmsError::NotFound(key.to_owned()))?;
        Ok((id, outer))
    }

    fn usable(&self, key: &str) -> Result<&OuterKey, KmsError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let (id, outer) = self.find(key)?;
        match self.states.lock().unwrap().get(id) {
            None | Some(KeyState::Enabled) => Ok(outer),
            Some(KeyState::Disabled) => Err(KmsError::Disabled(key.to_owned())),
            Some(KeyState::Unusable) => Err(KmsError::InvalidState(key.to_owned())),
        }
    }
}

fn place(context: &str) -> Place<'_> {
    Place {
        key: context,
        ..Place::STORE
    }
}

#[async_trait]
impl Kms for KmsDouble {
    async fn describe(&self, key: &str) -> Result<KeyDescription, KmsError> {
        let (id, _) = self.find(key)?;
        let state = self.states.lock().unwrap().get(id).copied();
        Ok(KeyDescription {
            id: id.to_owned(),
            state: state.unwrap_or(KeyState::Enabled),
        })
    }

    async fn generate(&self, key: &str, context: &Context) -> Result<GeneratedKey, KmsError> {
        let plain = OuterKey::generate(&SystemRandom::default()).unwrap();
        let wrapped = self.wrap(key, &plain, context).await?;
        Ok(GeneratedKey { key: plain, wrapped })
    }

    async fn wrap(&self, key: &str, plain: &OuterKey, context: &Context) -> Result<Vec<u8>, KmsError> {
        let outer = self.usable(key)?;
        let context = format!("{context:?}");
        let random = SystemRandom::default();
        let envelope = Envelope::wrap(outer, key, plain, Mode::Kms, place(&context), &random).unwrap();
        Ok(envelope.as_bytes().to_vec())
    }

    async fn unwrap(&self, key: &str, wrapped: &[u8], context: &Context) -> Result<OuterKey, KmsError> {
        let outer = self.usable(key)?;
        let context = format!("{context:?}");
        let envelope = Envelope::from_bytes(wrapped).unwrap();
        let opened = envelope.open(outer, place(&context));
        opened.map_err(|_| KmsError::Refused(key.to_owned()))
    }
}
