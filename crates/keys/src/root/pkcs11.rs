//! Root keys that a PKCS#11 token unwraps
//! (<https://docs.oasis-open.org/pkcs11/pkcs11-spec/v3.1/pkcs11-spec-v3.1.html>).
//!
//! Formats of a wrapped root key, by its first byte:
//!
//! | byte | then | wrapped by |
//! |---|---|---|
//! | 1 | 12 bytes of IV, 32 bytes sealed, 16 bytes of tag | an AES key, `CKM_AES_GCM` with [`ASSOCIATED_DATA`] |
//! | 2 | as long as the modulus | an RSA pair, `CKM_RSA_PKCS_OAEP`, SHA-256 |
//! | 3 | as long as the modulus | the same with SHA-1, if the token supports no other; OAEP does not rely on collision resistance |

use crate::kms::error::{KmsError, Unavailable};
use crate::kms::secret_file;
use crate::plain_key::key_of;
use crate::root::kind::RootKind;
use crate::root::wrapper::{RootWrapper, WrappedRoot};
use async_trait::async_trait;
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsOaepParams, PkcsOaepSource};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use strongroom_seal::keys::Wrapped as _;
use strongroom_seal::{OuterKey, Random, random};
use zeroize::Zeroizing;

/// Associated data of wrapped root keys, so that nothing else encrypted by the token's key is accepted as a root key.
const ASSOCIATED_DATA: &[u8] = b"strongroom: root key of a keyring";

const AES_GCM: u8 = 1;
const OAEP_SHA256: u8 = 2;
const OAEP_SHA1: u8 = 3;

const IV: usize = 12;

/// Maximum time of an operation. Network tokens are slow, and some require a touch.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Serializes use of a module: its state is shared by the whole process, and finalizing it ends it for all.
static MODULE_LOCK: Mutex<()> = Mutex::new(());

/// Location of the key that wraps the root key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSettings {
    /// Path of the token's library.
    pub module: PathBuf,
    /// Label of the token. `None`: there is only one.
    pub token: Option<String>,
    /// Label of the key: of an AES key, or of an RSA pair.
    pub key: String,
    /// File with the PIN of the token's user.
    pub pin_file: PathBuf,
}

/// A key in a PKCS#11 token, which never leaves it.
///
/// Each use loads the module and logs in to the token: at start, and when the keyring is resealed. Nothing stays open
/// afterwards.
pub struct Token {
    settings: TokenSettings,
    random: Arc<dyn Random>,
}

impl Token {
    /// Stores the settings; loads nothing yet. `random` generates the IVs.
    pub fn new(settings: TokenSettings, random: Arc<dyn Random>) -> Self {
        Self { settings, random }
    }

    /// Runs `work` with the token on a blocking thread.
    async fn with<T: Send + 'static>(
        &self,
        key: &str,
        work: impl FnOnce(&Keys<'_>) -> Result<T, KmsError> + Send + 'static,
    ) -> Result<T, KmsError> {
        let (settings, key) = (self.settings.clone(), key.to_owned());
        let work = tokio::task::spawn_blocking(move || {
            let _turn = MODULE_LOCK.lock().unwrap_or_else(PoisonError::into_inner);
            let module = load(&settings)?;
            let done = open(&module, &settings).and_then(|session| {
                work(&Keys {
                    session: &session,
                    label: &key,
                })
            });
            if let Err(error) = module.finalize() {
                tracing::debug!(%error, "the PKCS#11 module cannot be finalized");
            }
            done
        });
        match tokio::time::timeout(TIMEOUT, work).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err(unavailable("the PKCS#11 module failed")),
            Err(_) => Err(unavailable("the PKCS#11 token did not respond within 30 s")),
        }
    }
}

#[async_trait]
impl RootWrapper for Token {
    fn kind(&self) -> RootKind {
        RootKind::Pkcs11
    }

    async fn wrap(&self, root: &OuterKey) -> Result<WrappedRoot, KmsError> {
        let plain = Zeroizing::new(*root.expose());
        let iv = random::bytes(&*self.random).map_err(|error| unavailable(&error.to_string()))?;
        let wrap = move |keys: &Keys<'_>| keys.wrap(&*plain, iv);
        Ok(WrappedRoot {
            key: self.settings.key.clone(),
            bytes: self.with(&self.settings.key, wrap).await?,
        })
    }

    async fn unwrap(&self, wrapped: &WrappedRoot) -> Result<OuterKey, KmsError> {
        let bytes = wrapped.bytes.clone();
        let opened = self.with(&wrapped.key, move |keys| keys.unwrap(&bytes)).await?;
        key_of(&opened).ok_or_else(|| KmsError::Refused(wrapped.key.clone()))
    }
}

fn load(settings: &TokenSettings) -> Result<Pkcs11, KmsError> {
    let failed = |error: &Error| {
        unavailable(&format!(
            "the PKCS#11 module {} cannot be used: {}",
            settings.module.display(),
            reason(error)
        ))
    };
    let module = Pkcs11::new(&settings.module).map_err(|error| failed(&error))?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        // The process uses the same module elsewhere, for example for TLS.
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(module),
        Err(error) => Err(failed(&error)),
    }
}

/// Opens a session and logs the user in.
fn open(module: &Pkcs11, settings: &TokenSettings) -> Result<Session, KmsError> {
    let pin = secret_file::read(&settings.pin_file);
    let pin = pin.map_err(|why| unavailable(&format!("the PIN of the PKCS#11 token: {why}")))?;
    let slot = slot(module, settings.token.as_deref())?;
    let session = module.open_ro_session(slot).map_err(|error| failed(&error))?;
    match session.login(UserType::User, Some(&AuthPin::new(pin.as_str().into()))) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
        // Never retried: tokens lock after a few wrong PINs.
        Err(Error::Pkcs11(RvError::PinIncorrect, _)) => Err(unavailable(&format!(
            "the PKCS#11 token rejects the PIN in {}",
            settings.pin_file.display()
        ))),
        Err(error) => Err(failed(&error)),
    }
}

fn slot(module: &Pkcs11, label: Option<&str>) -> Result<Slot, KmsError> {
    let slots = module.get_slots_with_initialized_token();
    let mut found = Vec::new();
    for slot in slots.map_err(|error| failed(&error))? {
        let token = module.get_token_info(slot).map_err(|error| failed(&error))?;
        if label.is_none_or(|label| token.label() == label) {
            found.push(slot);
        }
    }
    match (found.as_slice(), label) {
        ([slot], _) => Ok(*slot),
        ([], Some(label)) => Err(unavailable(&format!("there is no PKCS#11 token {label:?}"))),
        ([], None) => Err(unavailable("there is no PKCS#11 token")),
        (_, Some(label)) => Err(unavailable(&format!(
            "there are several PKCS#11 tokens {label:?}"
        ))),
        (_, None) => Err(unavailable("there are several PKCS#11 tokens: name one")),
    }
}

/// The keys with one label.
struct Keys<'a> {
    session: &'a Session,
    label: &'a str,
}

impl Keys<'_> {
    fn wrap(&self, plain: &[u8], mut iv: [u8; IV]) -> Result<Vec<u8>, KmsError> {
        if let Some(key) = self.find(ObjectClass::SECRET_KEY, KeyType::AES)? {
            let params =
                GcmParams::new(&mut iv, ASSOCIATED_DATA, 128.into()).map_err(|error| failed(&error))?;
            let sealed = self.session.encrypt(&Mechanism::AesGcm(params), key, plain);
            let sealed = sealed.map_err(|error| self.cannot(&error))?;
            // Read after the call: some tokens replace the IV by their own.
            return Ok([&[AES_GCM][..], &iv, &sealed].concat());
        }
        let key = self.find(ObjectClass::PUBLIC_KEY, KeyType::RSA)?;
        let key = key.ok_or_else(|| KmsError::NotFound(self.label.to_owned()))?;
        let sealed = match self.session.encrypt(&oaep(OAEP_SHA256), key, plain) {
            Err(Error::Pkcs11(RvError::ArgumentsBad | RvError::MechanismParamInvalid, _)) => {
                let sealed = self.session.encrypt(&oaep(OAEP_SHA1), key, plain);
                sealed.map(|sealed| [&[OAEP_SHA1][..], &sealed].concat())
            }
            sealed => sealed.map(|sealed| [&[OAEP_SHA256][..], &sealed].concat()),
        };
        sealed.map_err(|error| self.cannot(&error))
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, KmsError> {
        let refused = || KmsError::Refused(self.label.to_owned());
        let not_found = || KmsError::NotFound(self.label.to_owned());
        let opened = match wrapped.split_first() {
            Some((&AES_GCM, rest)) => {
                let (iv, sealed) = rest.split_first_chunk::<IV>().ok_or_else(refused)?;
                let mut iv = *iv;
                let key = self.find(ObjectClass::SECRET_KEY, KeyType::AES)?;
                let params =
                    GcmParams::new(&mut iv, ASSOCIATED_DATA, 128.into()).map_err(|error| failed(&error))?;
                let key = key.ok_or_else(not_found)?;
                self.session.decrypt(&Mechanism::AesGcm(params), key, sealed)
            }
            Some((hash @ (&OAEP_SHA256 | &OAEP_SHA1), sealed)) => {
                let key = self.find(ObjectClass::PRIVATE_KEY, KeyType::RSA)?;
                let key = key.ok_or_else(not_found)?;
                self.session.decrypt(&oaep(*hash), key, sealed)
            }
            _ => return Err(refused()),
        };
        opened.map(Zeroizing::new).map_err(|error| match error {
            // Tokens report a wrong tag in different ways.
            Error::Pkcs11(
                RvError::EncryptedDataInvalid
                | RvError::EncryptedDataLenRange
                | RvError::GeneralError
                | RvError::FunctionFailed,
                _,
            ) => refused(),
            error => self.cannot(&error),
        })
    }

    /// Finds the key of this class and type. Several matches are an error.
    fn find(&self, class: ObjectClass, kind: KeyType) -> Result<Option<ObjectHandle>, KmsError> {
        let template = [
            Attribute::Class(class),
            Attribute::KeyType(kind),
            Attribute::Label(self.label.as_bytes().to_vec()),
        ];
        let found = self
            .session
            .find_objects(&template)
            .map_err(|error| failed(&error))?;
        match found.as_slice() {
            [] => Ok(None),
            [key] => Ok(Some(*key)),
            _ => Err(unavailable(&format!(
                "the PKCS#11 token has several keys {:?}",
                self.label
            ))),
        }
    }

    /// Converts an error of an operation with an existing key: the key is not fit for the operation, or the token
    /// failed.
    fn cannot(&self, error: &Error) -> KmsError {
        match error {
            Error::Pkcs11(
                RvError::KeyFunctionNotPermitted
                | RvError::KeyTypeInconsistent
                | RvError::KeySizeRange
                | RvError::MechanismInvalid,
                _,
            ) => {
                tracing::warn!(%error, key = self.label, "the key in the PKCS#11 token cannot wrap");
                KmsError::InvalidState(self.label.to_owned())
            }
            error => failed(error),
        }
    }
}

fn oaep(hash: u8) -> Mechanism<'static> {
    let (hash, mask) = if hash == OAEP_SHA256 {
        (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256)
    } else {
        (MechanismType::SHA1, PkcsMgfType::MGF1_SHA1)
    };
    Mechanism::RsaPkcsOaep(PkcsOaepParams::new(hash, mask, PkcsOaepSource::empty()))
}

fn failed(error: &Error) -> KmsError {
    unavailable(&format!("the PKCS#11 token fails: {}", reason(error)))
}

/// Returns the text of an error, with the function's name as in the PKCS#11 standard.
fn reason(error: &Error) -> String {
    match error {
        Error::Pkcs11(why, function) => {
            let function = function.to_string();
            format!("C_{}: {why}", function.trim_start_matches("Function::"))
        }
        error => error.to_string(),
    }
}

fn unavailable(why: &str) -> KmsError {
    KmsError::Unavailable(Unavailable(why.to_owned()))
}
