//! An object to open, with the customer key that opens it.

use std::ops::Range;
use std::path::PathBuf;

use bytes::Bytes;
use futures::StreamExt as _;
use strongroom_engine::encryption::{AES256, CustomerHeaders, EncryptionHeaders, KeyText, Refusal};
use strongroom_engine::model::condition::ByteRange;
use strongroom_engine::object::get::{ObjectInfo, ReadObject, Select};
use strongroom_engine::{Engine, Error, PlaintextStream};
use strongroom_keys::customer_key::CustomerKey;

use super::chunks::Chunks;
use super::error::UnsealError;
use crate::cli::unseal::ObjectFlags;
use crate::commands::customer_key;

/// Object to read, with the key that decrypts it.
pub(super) struct ObjectToOpen {
    read: ReadObject,
    key: Option<(CustomerKey, PathBuf)>,
}

impl ObjectToOpen {
    pub(super) fn of(flags: &ObjectFlags) -> Result<Self, UnsealError> {
        let key = flags.customer_key_file.as_ref();
        let key = key.map(|path| Ok::<_, UnsealError>((customer_key::file::read(path)?, path.clone())));
        Ok(Self {
            read: ReadObject {
                bucket: flags.bucket.clone(),
                key: flags.key.clone(),
                version: flags.version,
                ..ReadObject::default()
            },
            key: key.transpose()?,
        })
    }

    fn headers(&self) -> EncryptionHeaders {
        let customer = self.key.as_ref().map(|(key, _)| CustomerHeaders {
            algorithm: Some(AES256.to_owned()),
            key: Some(KeyText::new(std::mem::take(&mut *key.base64()))),
            md5: Some(key.md5()),
        });
        EncryptionHeaders {
            customer: customer.unwrap_or_default(),
            ..EncryptionHeaders::default()
        }
    }

    /// Returns the metadata of the object.
    pub(super) async fn head(&self, engine: &Engine) -> Result<ObjectInfo, UnsealError> {
        let found = engine.head_object(&self.read, self.headers()).await;
        found.map(|(info, _)| info).map_err(|error| self.refused(error))
    }

    /// Returns how the content is divided into chunks.
    pub(super) async fn chunks(&self, engine: &Engine) -> Result<Chunks, UnsealError> {
        let (info, parts) = engine
            .object_parts(&self.read, self.headers())
            .await
            .map_err(|error| self.refused(error))?;
        Ok(Chunks::of(info.length, parts.iter().map(|part| part.length)))
    }

    /// Returns a range of the content, decrypted as it is read.
    pub(super) async fn content(&self, engine: &Engine, range: Range<u64>) -> Result<PlaintextStream, Error> {
        let select = match range.end.checked_sub(1) {
            // An empty object has no range, but its single chunk must still be decrypted.
            None => Select::All,
            Some(last) => Select::Range(ByteRange::From(range.start, Some(last))),
        };
        let read = ReadObject {
            select,
            ..self.read.clone()
        };
        let object = engine.salvage_object(&read, || self.headers()).await?;
        Ok(object.content)
    }

    /// Returns the bytes of one chunk, or the error decrypting it.
    pub(super) async fn chunk(&self, engine: &Engine, range: Range<u64>) -> Result<Bytes, Error> {
        let mut content = self.content(engine, range).await?;
        Ok(content.next().await.transpose()?.unwrap_or_default())
    }

    pub(super) fn refused(&self, error: Error) -> UnsealError {
        match (error, &self.key) {
            (Error::Encryption(Refusal::KeyNeeded), _) => UnsealError::CustomerKeyNeeded,
            (Error::Encryption(Refusal::NotApplicable), _) => UnsealError::NoCustomerKeyNeeded,
            (Error::Encryption(Refusal::WrongKey), Some((_, path))) => {
                UnsealError::WrongCustomerKey(path.clone())
            }
            (Error::NoSuchBucket(bucket), _) => UnsealError::NoBucket(bucket),
            (Error::Deleted(object, _), _) => UnsealError::Deleted(object),
            (source, _) => UnsealError::Object {
                object: self.read.key.clone(),
                source,
            },
        }
    }
}
