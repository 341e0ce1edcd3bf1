//! The one way to plaintext.
//!
//! [`Engine::open_current`] finds a version, lets the resolver judge the request's key, opens envelope and manifest;
//! [`Engine::content`] reads plaintext from its parts. Nothing else in the engine calls the seal's openers.

use crate::bucket::Bucket;
use crate::encryption::{self, EncryptionHeaders, ReadKey};
use crate::record::{Facts, PartPlace, VersionRecord, key};
use crate::{Engine, Error, Result};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use std::ops::Range;
use std::sync::Arc;
use strongroom_seal::layout::{self, CHUNK, HEADER, SEALED_CHUNK};
use strongroom_seal::suite::TAG;
use strongroom_seal::{DataKey, Envelope, Manifest, ManifestPart, PartOpener, Place};
use strongroom_store::{BlobId, BlobReader, StoreError};
use tokio::task::JoinHandle;

/// Plain bytes of an object, piece by piece. A piece that does not open ends the stream with an error; nothing of it
/// is handed out.
pub type Content = BoxStream<'static, Result<Bytes>>;

/// Chunks that are read from a blob and opened at a time: 1 MiB.
const CHUNKS_AT_A_TIME: u64 = 16;

/// Sealed bytes of a full chunk, as a length in memory.
const SEALED_LENGTH: usize = (1 << 16) + TAG;
const _: () = assert!(SEALED_LENGTH as u64 == SEALED_CHUNK);

/// A version whose envelope and manifest are open.
pub(crate) struct OpenVersion {
    pub(crate) facts: Facts,
    pub(crate) manifest: Manifest,
    data_key: DataKey,
    places: Vec<PartPlace>,
    bucket: Arc<Bucket>,
}

impl Engine {
    /// Opens the current version of a key with what the request's encryption headers bring.
    ///
    /// # Errors
    /// [`Error::NoSuchBucket`], [`Error::NoSuchKey`], [`Error::Encryption`], [`Error::Damaged`], [`Error::Store`].
    pub(crate) async fn open_current(
        &self,
        bucket: &str,
        object: &str,
        encryption: EncryptionHeaders,
    ) -> Result<OpenVersion> {
        let bucket = self.bucket(bucket).await?;
        let record = self.current_version(&bucket, object).await?;
        let id = record.facts.version;
        let alarm = |error: strongroom_seal::Error| match error {
            strongroom_seal::Error::WrongKey if !record.facts.is_customer() => Error::Damaged(format!(
                "{}/{object:?}: the envelope is not the bucket key's",
                bucket.name
            )),
            strongroom_seal::Error::WrongKey => Error::from(error),
            other => Error::Damaged(format!(
                "{}/{object:?} version {}: {other}",
                bucket.name,
                hex::encode(id)
            )),
        };

        let envelope = Envelope::from_bytes(&record.envelope).map_err(alarm)?;
        let read_key = encryption::admit(encryption, envelope.mode())?;
        let place = Place {
            bucket: bucket.id.0,
            key: object,
            version: id,
        };
        let data_key = match &read_key {
            ReadKey::Stored => envelope.open(&bucket.key, place),
            ReadKey::Customer(key) => envelope.open(key, place),
        }
        .map_err(alarm)?;
        let outside = outside(&record.facts, &record.envelope)?;
        let manifest = Manifest::open(&record.manifest, &data_key, &outside).map_err(alarm)?;
        if manifest.parts.len() != record.places.len() || manifest.length() != record.facts.length {
            return Err(alarm(strongroom_seal::Error::Damaged("manifest")));
        }
        Ok(OpenVersion {
            facts: record.facts,
            manifest,
            data_key,
            places: record.places,
            bucket,
        })
    }

    /// The record of the current version of a key. Looks again when the version is replaced between the two looks.
    async fn current_version(&self, bucket: &Bucket, object: &str) -> Result<VersionRecord> {
        let mut missed = None;
        loop {
            let found = self.current(bucket, object).await?;
            let facts = found.ok_or_else(|| Error::NoSuchKey(object.to_owned()))?.record;
            let row = key::version(object, facts.version);
            match self.rows.get::<VersionRecord>(bucket.id, &row).await? {
                Some(version) if version.record.facts == facts => return Ok(version.record),
                None if missed != Some(facts.version) => missed = Some(facts.version),
                _ => {
                    return Err(Error::Damaged(format!(
                        "{}/{object:?}: its current row and its version row do not agree",
                        bucket.name
                    )));
                }
            }
        }
    }

    /// Reads `range` of an open version. The first piece was opened already when this returns, so that a wrong first
    /// byte is an error and not half an answer.
    ///
    /// # Errors
    /// [`Error::Damaged`]; [`Error::Store`], with [`StoreError::NotFound`] when the version was replaced and collected
    /// meanwhile.
    pub(crate) async fn content(&self, version: &OpenVersion, range: Range<u64>) -> Result<Content> {
        let mut parts = Vec::new();
        let mut start = 0;
        for (part, place) in version.manifest.parts.iter().zip(&version.places) {
            let within = range.start.clamp(start, start + part.length) - start
                ..range.end.clamp(start, start + part.length) - start;
            start += part.length;
            // An empty object has one empty chunk, and it too must open.
            if !within.is_empty() || version.facts.length == 0 {
                parts.push(self.part(version, part, place, within).await?);
            }
        }
        let mut content = stream::iter(parts).flat_map(PartContent::into_stream).boxed();
        Ok(match content.next().await {
            Some(first) => stream::iter([Ok(first?)]).chain(content).boxed(),
            None => content,
        })
    }

    async fn part(
        &self,
        version: &OpenVersion,
        part: &ManifestPart,
        place: &PartPlace,
        range: Range<u64>,
    ) -> Result<PartContent> {
        let (source, what) = match place {
            PartPlace::Inline => {
                let row = key::inline(version.facts.version);
                let what = format!("inline {}", hex::encode(version.facts.version));
                let bytes = self.rows.index.get(version.bucket.id, &row).await?;
                (
                    Source::Inline(bytes.ok_or_else(|| StoreError::NotFound(what.clone()))?),
                    what,
                )
            }
            PartPlace::Blob(random) => {
                let id = BlobId {
                    partition: version.bucket.id,
                    random: *random,
                };
                (
                    Source::Blob(self.blobs.open(id).await?.into()),
                    format!("blob {id}"),
                )
            }
        };
        if source.length() != layout::sealed_length(part.length) {
            return Err(Error::Damaged(format!("{what} has another length than its part")));
        }
        let opener = PartOpener::new(&version.data_key, part.number, &part.salt)?;
        Ok(PartContent {
            source,
            opener,
            what,
            length: part.length,
            range,
            ahead: None,
        })
    }
}

/// What stands outside the manifest in clear and is bound to it: facts and envelope.
pub(crate) fn outside(facts: &Facts, envelope: &[u8]) -> Result<Vec<u8>> {
    let mut outside =
        minicbor::to_vec(facts).map_err(|_| Error::Damaged("facts cannot be encoded".to_owned()))?;
    outside.extend_from_slice(envelope);
    Ok(outside)
}

/// Where sealed bytes of a part are read from.
#[derive(Clone)]
enum Source {
    Inline(Bytes),
    Blob(Arc<dyn BlobReader>),
}

impl Source {
    fn length(&self) -> u64 {
        match self {
            Self::Inline(bytes) => bytes.len() as u64,
            Self::Blob(reader) => reader.length(),
        }
    }

    /// `range` lies within [`Self::length`].
    async fn read(&self, range: Range<u64>) -> Result<Bytes> {
        match self {
            Self::Inline(bytes) => {
                let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                Ok(bytes.slice(at(range.start)..at(range.end)))
            }
            Self::Blob(reader) => Ok(reader.read(range).await?),
        }
    }
}

/// Plain bytes of one part, still to be read.
struct PartContent {
    source: Source,
    opener: PartOpener,
    /// For alarms.
    what: String,
    /// Plain bytes of the part.
    length: u64,
    /// Plain bytes still to be handed out.
    range: Range<u64>,
    /// The sealed bytes that come next, being read while the ones before them are on their way out.
    ahead: Option<JoinHandle<Result<Bytes>>>,
}

impl PartContent {
    fn into_stream(self) -> BoxStream<'static, Result<Bytes>> {
        stream::unfold(Some(self), |part| async {
            let mut part = part?;
            match part.next().await {
                Ok(Some(bytes)) => Some((Ok(bytes), (!part.range.is_empty()).then_some(part))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        })
        .boxed()
    }

    /// The plain range that is read at a time, from `start` on: it ends where a group of chunks ends.
    fn piece(&self, start: u64) -> Range<u64> {
        let group = CHUNKS_AT_A_TIME * CHUNK;
        start..((start / group + 1) * group).min(self.range.end)
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        let piece = self.piece(self.range.start);
        let span = layout::span(self.length, piece.clone());
        let damaged = |why: &dyn std::fmt::Display| Error::Damaged(format!("{}: {why}", self.what));
        let sealed = match self.ahead.take() {
            Some(ahead) => ahead.await.map_err(|lost| Error::lost("reading ahead", lost))??,
            // The header comes with the first chunk, in one read.
            None if span.chunks.start == 0 => {
                let mut sealed = self.source.read(0..span.sealed.end).await?;
                let header = sealed.split_to(HEADER.min(sealed.len()));
                self.opener
                    .check_header(&header)
                    .map_err(|error| damaged(&error))?;
                sealed
            }
            None => self.source.read(span.sealed.clone()).await?,
        };
        self.range.start = piece.end;
        if !self.range.is_empty() {
            let source = self.source.clone();
            let next = layout::span(self.length, self.piece(self.range.start)).sealed;
            self.ahead = Some(tokio::spawn(async move { source.read(next).await }));
        }

        let mut plain = BytesMut::from(sealed);
        let last = layout::chunks(self.length) - 1;
        let mut filled = 0;
        for (index, at) in span.chunks.clone().zip((0..).step_by(SEALED_LENGTH)) {
            let end = plain.len().min(at + SEALED_LENGTH);
            let opened = self.opener.open(index, index == last, &mut plain[at..end]);
            let opened = opened
                .map_err(|error| damaged(&format_args!("chunk {index}: {error}")))?
                .len();
            plain.copy_within(at..at + opened, filled);
            filled += opened;
        }
        let skip = usize::try_from(span.skip).unwrap_or(usize::MAX);
        let take = usize::try_from(span.take).unwrap_or(usize::MAX);
        let bytes = plain.freeze().slice(skip..skip + take);
        Ok((take > 0).then_some(bytes))
    }
}

impl Drop for PartContent {
    fn drop(&mut self) {
        if let Some(ahead) = &self.ahead {
            ahead.abort();
        }
    }
}
