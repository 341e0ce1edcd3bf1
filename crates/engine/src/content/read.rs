//! Reading plaintext from the parts of an open version, piece by piece.

use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::process::ledger::ReadPin;
use crate::rows::key;
use crate::rows::record::PartPlace;
use crate::version::open::OpenVersion;
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use futures::future;
use futures::stream::{self, BoxStream};
use std::ops::Range;
use std::sync::Arc;
use strongroom_seal::layout::{self, CHUNK, HEADER, SEALED_CHUNK};
use strongroom_seal::suite::TAG;
use strongroom_seal::{ManifestPart, PartOpener};
use strongroom_store::{BlobId, BlobReader, Blobs, Index, StoreError};
use tokio::task::JoinHandle;

/// Plain bytes of an object, piece by piece. A piece that does not open ends the stream with an error; nothing of it
/// is handed out.
pub type Content = BoxStream<'static, Result<Bytes>>;

/// Chunks that are read from a blob and opened at a time: 1 MiB.
const CHUNKS_AT_A_TIME: u64 = 16;

/// Sealed bytes of a full chunk, as a length in memory.
const SEALED_LENGTH: usize = (1 << 16) + TAG;
const _: () = assert!(SEALED_LENGTH as u64 == SEALED_CHUNK);

/// What is made of parts that have another length than they should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lengths {
    /// They are damage, told before their first byte.
    Judged,
    /// They are read as far as they open.
    PassedOver,
}

/// A part of a version, and the plain range of it that is to be read.
struct Stretch {
    part: usize,
    range: Range<u64>,
}

impl Engine {
    /// Reads `range` of an open version. The first piece was opened already when this returns, so that a wrong first
    /// byte is an error and not half an answer. Parts are opened when their turn comes.
    ///
    /// # Errors
    /// [`Error::Damaged`]; [`Error::Store`], with [`StoreError::NotFound`] when the version was replaced and collected
    /// meanwhile.
    pub(crate) async fn content(&self, version: &Arc<OpenVersion>, range: Range<u64>) -> Result<Content> {
        self.content_with(version, range, Lengths::Judged).await
    }

    /// As [`Self::content`], with parts of wrong lengths judged or passed over.
    pub(crate) async fn content_with(
        &self,
        version: &Arc<OpenVersion>,
        range: Range<u64>,
        lengths: Lengths,
    ) -> Result<Content> {
        let pin = self.pin(version).await?;
        let parts = Parts {
            version: Arc::clone(version),
            index: Arc::clone(&self.rows.index),
            blobs: Arc::clone(&self.blobs),
            lengths,
            _pin: pin,
        };
        let stretches = version.stretches(range);
        let content = stream::iter(stretches)
            .then(move |stretch| {
                let parts = parts.clone();
                async move { parts.open(stretch).await }
            })
            .flat_map(|part| match part {
                Ok(part) => part.into_stream(),
                Err(error) => stream::iter([Err(error)]).boxed(),
            })
            // After an error comes nothing, not the next part.
            .scan(false, |failed, piece: Result<Bytes>| {
                let piece = (!*failed).then_some(piece);
                *failed = !matches!(piece, Some(Ok(_)));
                future::ready(piece)
            });
        let mut content = content.boxed();
        Ok(match content.next().await {
            Some(first) => stream::iter([Ok(first?)]).chain(content).boxed(),
            None => content,
        })
    }

    /// Keeps the collector from a version of several parts while they are read, as they are not all open from the
    /// start.
    async fn pin(&self, version: &OpenVersion) -> Result<Option<Arc<ReadPin>>> {
        if version.places.len() < 2 {
            return Ok(None);
        }
        let pin = self.collector.pin(version.bucket.id, version.content);
        // Whoever lets go of the version from now on makes garbage that the collector leaves alone.
        let still_there = self
            .version(&version.bucket, &version.object, version.facts.version)
            .await?;
        let there = still_there.is_some_and(|found| {
            found
                .record
                .content
                .is_some_and(|content| content.id == version.content)
        });
        if there {
            Ok(Some(Arc::new(pin)))
        } else {
            Err(StoreError::NotFound(format!("version {}", hex::encode(version.facts.version))).into())
        }
    }
}

impl OpenVersion {
    fn stretches(&self, range: Range<u64>) -> Vec<Stretch> {
        let mut stretches = Vec::new();
        let mut start = 0;
        for (part, length) in self.manifest.parts.iter().map(|part| part.length).enumerate() {
            let within = range.start.clamp(start, start + length) - start
                ..range.end.clamp(start, start + length) - start;
            start += length;
            // An empty object has one empty chunk, and it too must open.
            if !within.is_empty() || self.facts.length == 0 {
                stretches.push(Stretch { part, range: within });
            }
        }
        stretches
    }
}

/// The parts of a version that is being read.
#[derive(Clone)]
struct Parts {
    version: Arc<OpenVersion>,
    index: Arc<dyn Index>,
    blobs: Arc<dyn Blobs>,
    lengths: Lengths,
    _pin: Option<Arc<ReadPin>>,
}

impl Parts {
    async fn open(&self, stretch: Stretch) -> Result<PartContent> {
        let version = &*self.version;
        let damaged = || Error::Damaged("a part without a place".to_owned());
        let part: &ManifestPart = version.manifest.parts.get(stretch.part).ok_or_else(damaged)?;
        let (source, what) = match version.places.get(stretch.part).ok_or_else(damaged)? {
            PartPlace::Inline => {
                let row = key::inline(version.content);
                let what = format!("inline {}", hex::encode(version.content));
                let bytes = self.index.get(version.bucket.id, &row).await?;
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
        let is_whole = source.length() == layout::sealed_length(part.length);
        if !is_whole && self.lengths == Lengths::Judged {
            return Err(Error::Damaged(format!("{what} has another length than its part")));
        }
        Ok(PartContent {
            opener: PartOpener::new(&version.data_key, part.number, &part.salt)?,
            source,
            what,
            length: part.length,
            range: stretch.range,
            ahead: None,
        })
    }
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
            let sealed = plain
                .get_mut(at..end)
                .ok_or_else(|| damaged(&format_args!("chunk {index} is missing")))?;
            let opened = self
                .opener
                .open(index, index == last, sealed)
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
