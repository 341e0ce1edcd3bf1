//! `strongroom unseal get`: writes the content of an object.

use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;

use bytes::Bytes;
use futures::StreamExt as _;
use strongroom_engine::condition::ByteRange;
use strongroom_engine::encryption::{AES256, CustomerHeaders, EncryptionHeaders, KeyText, Refusal};
use strongroom_engine::get::{ObjectInfo, ReadObject, Select};
use strongroom_engine::{Engine, Error};

use super::UnsealError;
use super::damage::{self, Chunks, Damage, is_damage};
use super::destination::Destination;
use super::flags::{GetFlags, ObjectFlags};
use crate::customer_key::{self, CustomerKey};
use crate::progress::{self, Progress};

/// Object to read, with the key that decrypts it.
pub(super) struct Asked {
    read: ReadObject,
    key: Option<(CustomerKey, PathBuf)>,
}

impl Asked {
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
        let told = engine.head_object(&self.read, self.headers()).await;
        told.map(|(info, _)| info).map_err(|error| self.refused(error))
    }

    /// Returns how the content is divided into chunks.
    async fn chunks(&self, engine: &Engine) -> Result<Chunks, UnsealError> {
        let (info, parts) = engine
            .object_parts(&self.read, self.headers())
            .await
            .map_err(|error| self.refused(error))?;
        Ok(Chunks::of(info.length, parts.iter().map(|part| part.length)))
    }

    /// Returns a range of the content, decrypted as it is read.
    async fn content(
        &self,
        engine: &Engine,
        range: Range<u64>,
    ) -> Result<strongroom_engine::PlaintextStream, Error> {
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

    fn refused(&self, error: Error) -> UnsealError {
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

pub(super) async fn run(
    engine: &Engine,
    flags: &GetFlags,
    output: &mut impl Write,
) -> Result<(), UnsealError> {
    let asked = Asked::of(&flags.object)?;
    let chunks = asked.chunks(engine).await?;
    let range = match flags.range {
        Some(range) => range
            .0
            .within(chunks.length())
            .map_err(|error| asked.refused(error))?,
        None => 0..chunks.length(),
    };
    let mut destination = Destination::open(&flags.out, output)?;
    let mut progress = Progress::on_stderr();
    let told = |at: u64| {
        // Show progress only on a terminal: in a file it would be noise between error messages.
        if progress.is_terminal() {
            progress.tell(|| how_far(at - range.start, range.end - range.start));
        }
    };
    let copied = copy(engine, &asked, &chunks, range.clone(), &mut destination, told).await;
    drop(progress);
    let Err((at, error)) = copied? else {
        return Ok(destination.finish()?);
    };
    if !is_damage(&error) {
        return Err(asked.refused(error));
    }
    let again = damage::opens_again(engine, &asked, &chunks, at, range.end).await;
    let kept = if flags.keep_part {
        destination.keep()?
    } else {
        None
    };
    Err(UnsealError::Damaged(Box::new(Damage {
        object: flags.object.key.clone(),
        at,
        kept,
        again,
        source: error,
    })))
}

fn how_far(done: u64, total: u64) -> String {
    let (share, done, total) = (
        progress::share(done, total),
        progress::bytes(done),
        progress::bytes(total),
    );
    format!("{share}  {done} of {total}")
}

/// Writes a range of an object. The inner error holds the first byte that was not written, and the reason.
async fn copy(
    engine: &Engine,
    asked: &Asked,
    chunks: &Chunks,
    range: Range<u64>,
    destination: &mut Destination<'_, impl Write>,
    mut told: impl FnMut(u64),
) -> Result<Result<(), (u64, Error)>, UnsealError> {
    let mut at = range.start;
    // Pieces are larger than chunks: after an error, the chunks of the failed piece are read one by one.
    let error = match asked.content(engine, range.clone()).await {
        Err(error) => error,
        Ok(mut content) => loop {
            match content.next().await {
                None => return Ok(Ok(())),
                Some(Ok(bytes)) => {
                    destination.write(&bytes)?;
                    at += bytes.len() as u64;
                    told(at);
                }
                Some(Err(error)) => break error,
            }
        },
    };
    if !is_damage(&error) {
        return Ok(Err((at, error)));
    }
    while at < range.end {
        let chunk = at..chunks.around(at).end.min(range.end);
        match asked.chunk(engine, chunk.clone()).await {
            Ok(bytes) => destination.write(&bytes)?,
            Err(error) => return Ok(Err((at, error))),
        }
        at = chunk.end;
        told(at);
    }
    if range.is_empty() {
        Ok(Err((at, error)))
    } else {
        Ok(Ok(()))
    }
}
