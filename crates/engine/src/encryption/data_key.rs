//! Wraps and unwraps data keys. Every use of an outer key is here, and is recorded in the audit log.

use crate::encryption::kms::{KmsWish, fingerprint};
use crate::encryption::{self, Decision, Encrypted, KmsInfo, ReadKey};
use crate::engine::Engine;
use crate::engine::auditing::KeyRef;
use crate::model::encryption_headers::EncryptionHeaders;
use crate::model::error::{Error, Result};
use crate::model::refusal::Refusal;
use crate::process::buckets_in_use::Bucket;
use crate::rows::record::KmsRecord;
use strongroom_audit::KeyUse;
use strongroom_keys::kms::{Context, Issued, KmsError, Unavailable};
use strongroom_seal::{DataKey, Envelope, Mode};

/// Name in the encryption context under which a key is bound to its bucket or object, as in AWS S3.
const ARN: &str = "aws:s3:arn";

/// Envelope, with where it was found.
#[derive(Clone, Copy)]
pub(crate) struct Sealed<'a> {
    pub(crate) bucket: &'a Bucket,
    pub(crate) object: &'a str,
    /// Id of the content.
    pub(crate) content: [u8; 16],
    pub(crate) envelope: &'a Envelope,
    pub(crate) kms: Option<&'a KmsRecord>,
    /// Name of the version, as clients see it. `None`: an upload in progress.
    pub(crate) version: Option<&'a str>,
}

impl Engine {
    /// Decides how an object that a request writes is encrypted.
    ///
    /// # Errors
    /// [`Error::Encryption`]; [`Error::Audit`].
    pub(crate) fn resolve(
        &self,
        bucket: &Bucket,
        object: &str,
        headers: EncryptionHeaders,
    ) -> Result<Decision> {
        encryption::resolve(headers, &bucket.settings).or_else(|refusal| {
            let result = refusal.to_string();
            self.audit_use(bucket, object, KeyUse::Refuse, KeyRef::default(), &result)?;
            Err(refusal.into())
        })
    }

    /// Unwraps a data key with the key in the request's encryption headers, which `admit` checks.
    ///
    /// # Errors
    /// [`Error::Encryption`] if the headers are refused or the customer's key is wrong; [`Error::Kms`];
    /// [`Error::Damaged`]; [`Error::Audit`].
    pub(crate) async fn open_data_key(
        &self,
        sealed: Sealed<'_>,
        headers: EncryptionHeaders,
        admit: fn(EncryptionHeaders, Mode) -> Result<ReadKey, Refusal>,
    ) -> Result<DataKey> {
        let mode = sealed.envelope.mode();
        let opened = match admit(headers, mode) {
            Ok(key) => self.unwrap(sealed, key).await,
            Err(refusal) => Err(refusal.into()),
        };
        let (what, result) = match &opened {
            Ok(_) => (KeyUse::Unwrap, "ok".to_owned()),
            Err(error) => (KeyUse::Refuse, error.to_string()),
        };
        let key = KeyRef {
            version: sealed.version,
            mode: Some(mode),
            id: sealed.envelope.outer_id(),
        };
        self.audit_use(sealed.bucket, sealed.object, what, key, &result)?;
        opened
    }

    /// Returns the index of the first customer key in `candidates` that opens the envelope. `None`: none does. All
    /// attempts are one use in the audit log.
    ///
    /// # Errors
    /// [`Error::Encryption`] if the headers are refused for another reason than a wrong key; [`Error::Damaged`];
    /// [`Error::Audit`].
    pub(crate) async fn find_key(
        &self,
        sealed: Sealed<'_>,
        candidates: Vec<EncryptionHeaders>,
    ) -> Result<Option<usize>> {
        let mode = sealed.envelope.mode();
        let mut outcome = Ok(None);
        for (index, headers) in candidates.into_iter().enumerate() {
            let opened = match encryption::admit(headers, mode) {
                Ok(key) => self.unwrap(sealed, key).await,
                Err(refusal) => Err(refusal.into()),
            };
            match opened {
                Ok(_) => outcome = Ok(Some(index)),
                Err(Error::Encryption(Refusal::WrongKey)) => continue,
                Err(error) => outcome = Err(error),
            }
            break;
        }
        let (what, result) = match &outcome {
            Ok(Some(_)) => (KeyUse::Unwrap, "ok".to_owned()),
            Ok(None) => (KeyUse::Refuse, Refusal::WrongKey.to_string()),
            Err(error) => (KeyUse::Refuse, error.to_string()),
        };
        let key = KeyRef {
            version: sealed.version,
            mode: Some(mode),
            id: sealed.envelope.outer_id(),
        };
        self.audit_use(sealed.bucket, sealed.object, what, key, &result)?;
        outcome
    }

    async fn unwrap(&self, sealed: Sealed<'_>, key: ReadKey) -> Result<DataKey> {
        let Sealed {
            bucket,
            object,
            envelope,
            ..
        } = sealed;
        let place = bucket.place(object, sealed.content);
        let opened = match (key, sealed.kms) {
            (ReadKey::Customer(key), _) => {
                return envelope.open(&key, place).map_err(|error| match error {
                    strongroom_seal::Error::WrongKey => Refusal::WrongKey.into(),
                    other => sealed.damaged(&other),
                });
            }
            (ReadKey::Stored, Some(kms)) => {
                let context = bound_to(bucket, object, &kms.context, kms.bucket_key);
                let outer = self.kms.open(envelope.outer_id(), &kms.wrapped, &context).await;
                let outer = outer.map_err(|error| match error {
                    // The version was stored with a KMS, so this is an outage, and not a request for SSE-KMS on a
                    // server without KMS.
                    KmsError::NoService => KmsError::Unavailable(Unavailable(error.to_string())).into(),
                    other => Error::Kms(other),
                })?;
                envelope.open(&outer, place)
            }
            (ReadKey::Stored, None) => envelope.open(&bucket.key, place),
        };
        opened.map_err(|error| match error {
            strongroom_seal::Error::WrongKey => {
                sealed.damaged(&"the envelope was not created with the key it names")
            }
            other => sealed.damaged(&other),
        })
    }

    /// Requests a key from the KMS to wrap a data key with.
    pub(crate) async fn issue(
        &self,
        bucket: &Bucket,
        object: &str,
        wish: &KmsWish,
    ) -> Result<(Issued, KmsRecord)> {
        let context = bound_to(bucket, object, &wish.context, wish.bucket_key);
        let issued = self
            .kms
            .issue(wish.key.as_deref(), &context, wish.bucket_key)
            .await;
        match issued {
            Ok(issued) => {
                let record = KmsRecord {
                    display_id: issued.display_id.clone(),
                    wrapped: issued.wrapped.clone(),
                    context: wish.context.clone(),
                    bucket_key: wish.bucket_key,
                };
                Ok((issued, record))
            }
            Err(error) => {
                // No service has confirmed that the text of the request is the name of a key.
                let id = wish.key.as_deref().map(fingerprint).unwrap_or_default();
                let key = KeyRef {
                    version: None,
                    mode: Some(Mode::Kms),
                    id: &id,
                };
                self.audit_use(bucket, object, KeyUse::Refuse, key, &error.to_string())?;
                Err(error.into())
            }
        }
    }
}

impl Sealed<'_> {
    fn damaged(&self, why: &dyn std::fmt::Display) -> Error {
        let what = match self.version {
            Some(version) => format!("version {version}"),
            None => "an upload".to_owned(),
        };
        Error::Damaged(format!("{}/{:?}: {what}: {why}", self.bucket.name, self.object))
    }
}

impl Encrypted {
    /// Returns the encryption of an object for responses.
    pub(crate) fn of(mode: Mode, kms: Option<&KmsRecord>, bucket: &Bucket, object: &str) -> Self {
        let info = |kms: &KmsRecord| KmsInfo {
            key_id: kms.display_id.clone(),
            bucket_key: kms.bucket_key,
            context: bound_to(bucket, object, &kms.context, kms.bucket_key),
        };
        Self {
            mode,
            kms: kms.map(info),
        }
    }
}

/// Returns the encryption context a key is bound to: the request's, and the object, or the bucket if its objects share
/// the key (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context>).
fn bound_to(bucket: &Bucket, object: &str, context: &Context, shared: bool) -> Context {
    let mut arn = format!("arn:aws:s3:::{}", bucket.name);
    if !shared {
        arn.push('/');
        arn.push_str(object);
    }
    let mut context = context.clone();
    context.insert(ARN.to_owned(), arn);
    context
}
