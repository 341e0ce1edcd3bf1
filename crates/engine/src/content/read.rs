//! Reads plaintext from the parts of an open version, piece by piece.

use crate::engine::Engine;
use crate::model::error::{Error, Result};
use crate::process::ledger::ReadPin;
use crate::rows::key;
use crate::rows::record::PartLocation;
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
use strongroom_store::{BlobReader, Blobs, StoreError};
use tokio::task::JoinHandle;

/// Plaintext of an object, piece by piece. A piece that cannot be authenticated ends the stream with an error; no byte
/// of it is returned.
pub type PlaintextStream = BoxStream<'static, Result<Bytes>>;

/// Chunks that are read from a blob and decrypted at a time: 1 MiB.
const CHUNKS_AT_A_TIME: u64 = 16;

/// Sealed length of a full chunk, as a `usize`.
const SEALED_LENGTH: usize = (1 << 16) + TAG;
const _: () = assert!(SEALED_LENGTH as u64 == SEALED_CHUNK);

/// Treatment of parts whose stored length differs from the manifest's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LengthCheck {
    /// Reported as damage before their first byte.
    Strict,
    /// Read as far as they can be decrypted.
    Lenient,
}

/// Part of a version, and the plaintext range of it to read.
struct PartRange {
    part: usize,
    range: Range<u64>,
}

impl Engine {
    /// Reads `range` of an open version. The first piece is decrypted before this returns, so that a failure there is
    /// an error response and not a response cut short. Later parts are opened when the stream reaches them.
    ///
    /// # Errors
    /// [`Error::Damaged`]; [`Error::Store`], with [`StoreError::NotFound`] if the version was replaced and collected in
    /// the meantime.
    pub(crate) async fn content(
        &self,
        version: &Arc<OpenVersion>,
        range: Range<u64>,
    ) -> Result<PlaintextStream> {
        self.content_with(version, range, LengthCheck::Strict).await
    }

    /// Works like [`Self::content`], with this treatment of wrong lengths.
    pub(crate) async fn content_with(
        &self,
        version: &Arc<OpenVersion>,
        range: Range<u64>,
        length_check: LengthCheck,
    ) -> Result<PlaintextStream> {
        let pin = self.pin(version).await?;
        let parts = Parts {
            version: Arc::clone(version),
            blobs: Arc::clone(&self.blobs),
            length_check,
            _pin: pin,
        };
        let part_ranges = version.part_ranges(range);
        let content = stream::iter(part_ranges)
            .then(move |part_range| {
                let parts = parts.clone();
                async move { parts.open(part_range).await }
            })
            .flat_map(|part| match part {
                Ok(part) => part.into_stream(),
                Err(error) => stream::iter([Err(error)]).boxed(),
            })
            // End the stream after an error; do not continue with the next part.
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

    /// Keeps the collector from deleting a version of several parts while they are read, as they are not all open from
    /// the start.
    async fn pin(&self, version: &OpenVersion) -> Result<Option<Arc<ReadPin>>> {
        if version.locations.len() < 2 {
            return Ok(None);
        }
        let pin = self.ledger.pin(version.bucket.id(), version.content);
        // Garbage of this content that is created from now on stays while the pin is held. Garbage created before shows
        // in a missing version.
        let still_there = self
            .version(&version.bucket, &version.object, version.summary.version)
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
            Err(StoreError::NotFound(format!("version {}", hex::encode(version.summary.version))).into())
        }
    }
}

impl OpenVersion {
    fn part_ranges(&self, range: Range<u64>) -> Vec<PartRange> {
        let mut part_ranges = Vec::new();
        let mut start = 0;
        for (part, length) in self.manifest.parts.iter().map(|part| part.length).enumerate() {
            let within = range.start.clamp(start, start + length) - start
                ..range.end.clamp(start, start + length) - start;
            start += length;
            // An empty object has one empty chunk, which must be authenticated too.
            if !within.is_empty() || self.summary.length == 0 {
                part_ranges.push(PartRange { part, range: within });
            }
        }
        part_ranges
    }
}

/// Parts of a version that is being read.
#[derive(Clone)]
struct Parts {
    version: Arc<OpenVersion>,
    blobs: Arc<dyn Blobs>,
    length_check: LengthCheck,
    _pin: Option<Arc<ReadPin>>,
}

impl Parts {
    async fn open(&self, part_range: PartRange) -> Result<PartContent> {
        let version = &*self.version;
        let damaged = || Error::Damaged("a part has no location".to_owned());
        // Find the sealed bytes.
        let part: &ManifestPart = version.manifest.parts.get(part_range.part).ok_or_else(damaged)?;
        let (source, what) = match version.locations.get(part_range.part).ok_or_else(damaged)? {
            PartLocation::Inline => {
                let row = key::inline(version.content);
                let what = format!("inline {}", hex::encode(version.content));
                let bytes = version.bucket.rows.get_sealed(&row).await?;
                (
                    Source::Inline(bytes.ok_or_else(|| StoreError::NotFound(what.clone()))?),
                    what,
                )
            }
            PartLocation::Blob(random) => {
                let id = version.bucket.blob(*random);
                (
                    Source::Blob(self.blobs.open(id).await?.into()),
                    format!("blob {id}"),
                )
            }
        };
        // Compare their length with the manifest.
        let is_whole = source.length() == layout::sealed_length(part.length);
        if !is_whole && self.length_check == LengthCheck::Strict {
            return Err(Error::Damaged(format!(
                "the length of {what} differs from its part's"
            )));
        }
        Ok(PartContent {
            opener: PartOpener::new(&version.data_key, part.number, &part.salt)?,
            source,
            what,
            length: part.length,
            range: part_range.range,
            ahead: None,
        })
    }
}

/// Source of a part's sealed bytes.
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

    /// Reads `range`, which is within [`Self::length`].
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

/// Plaintext of one part, as far as it is still to be read.
struct PartContent {
    source: Source,
    opener: PartOpener,
    /// Name of the source, for error messages.
    what: String,
    /// Plaintext bytes of the part.
    length: u64,
    /// Plaintext range still to be returned.
    range: Range<u64>,
    /// Sealed bytes of the next piece, being read while the piece before them is sent.
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

    /// Returns the plaintext range to read at once, from `start` on. It ends at the end of a group of chunks.
    fn piece(&self, start: u64) -> Range<u64> {
        let group = CHUNKS_AT_A_TIME * CHUNK;
        start..((start / group + 1) * group).min(self.range.end)
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        // Take the sealed bytes that were read ahead, or read them now.
        let piece = self.piece(self.range.start);
        let span = layout::span(self.length, piece.clone());
        let damaged = |why: &dyn std::fmt::Display| Error::Damaged(format!("{}: {why}", self.what));
        let sealed = match self.ahead.take() {
            Some(ahead) => ahead.await.map_err(|lost| Error::lost("reading ahead", lost))??,
            // The header and the first chunk are read at once.
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
        // Read the next piece in the background.
        self.range.start = piece.end;
        if !self.range.is_empty() {
            let source = self.source.clone();
            let next = layout::span(self.length, self.piece(self.range.start)).sealed;
            self.ahead = Some(tokio::spawn(async move { source.read(next).await }));
        }

        // Decrypt chunk by chunk, and move the plaintext together in the same buffer.
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
        // Cut the range out of the chunks that cover it.
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
