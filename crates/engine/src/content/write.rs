//! Writing a part: from the request's body through checksums and sealing into the store.

use crate::content::digests::{Beside, Digested, Digests};
use crate::content::read::Content;
use crate::engine::Engine;
use crate::model::body::BodyError;
use crate::model::error::{Error, Result};
use crate::process::buckets_in_use::Bucket;
use crate::process::ledger::{Collector, Fate};
use crate::rows::record::{BlobRecord, PartPlace};
use crate::rows::{Batch, key};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use std::sync::Arc;
use strongroom_seal::layout::{self, CHUNK};
use strongroom_seal::suite::TAG;
use strongroom_seal::{DataKey, ManifestPart, PartSealer, random};
use strongroom_store::BlobId;

/// The largest sealed part that lies in the index: one durable commit is then all that a PUT costs. Larger ones go to
/// a blob.
const INLINE: usize = 64 * 1024;

/// Sealed bytes handed to a blob's writer at a time: 16 chunks.
const SEGMENT: usize = 16 * ((1 << 16) + TAG);
const _: () = assert!(SEGMENT as u64 == 16 * layout::SEALED_CHUNK);

/// Pieces of a body smaller than this are joined: each costs some bytes of its own, and a body may come in crumbs of
/// one byte.
const CRUMB: usize = 4096;

/// A part that was written and is not yet held by a version. Dropped like that, its blob is collected.
pub(crate) struct WrittenPart {
    pub(crate) manifest: ManifestPart,
    pub(crate) digested: Digested,
    content: Sealed,
}

enum Sealed {
    Inline(Bytes),
    Blob(PendingBlob, u64),
}

/// A blob that no row speaks of yet. The collector learns its fate when this is dropped.
struct PendingBlob {
    id: BlobId,
    collector: Arc<Collector>,
    fate: Fate,
}

impl PendingBlob {
    fn new(id: BlobId, collector: &Arc<Collector>) -> Self {
        collector.begin(id);
        Self {
            id,
            collector: Arc::clone(collector),
            fate: Fate::Abandoned,
        }
    }
}

impl Drop for PendingBlob {
    fn drop(&mut self) {
        self.collector.end(self.id, self.fate);
    }
}

impl WrittenPart {
    /// Adds to `batch` the rows that hold the part for the content with this id, of `object`.
    pub(crate) fn hold(&self, batch: &mut Batch<'_>, object: &str, content: [u8; 16]) -> Result<()> {
        match &self.content {
            Sealed::Inline(sealed) => {
                batch.put_sealed(key::inline(content), sealed.clone());
                Ok(())
            }
            Sealed::Blob(blob, checksum) => {
                let record = BlobRecord {
                    key: object.to_owned(),
                    content,
                    part: self.manifest.number,
                    checksum: *checksum,
                };
                batch.put(key::blob(blob.id.random), &record)
            }
        }
    }

    /// Where the part lies.
    pub(crate) fn place(&self) -> PartPlace {
        match &self.content {
            Sealed::Inline(_) => PartPlace::Inline,
            Sealed::Blob(blob, _) => PartPlace::Blob(blob.id.random),
        }
    }

    /// What is to become of the blob, should this be dropped now.
    pub(crate) fn fate(&mut self, fate: Fate) {
        if let Sealed::Blob(blob, _) = &mut self.content {
            blob.fate = fate;
        }
    }
}

/// What a part is written as.
pub(crate) struct Destination<'a> {
    pub(crate) bucket: &'a Bucket,
    pub(crate) data_key: &'a DataKey,
    pub(crate) number: u32,
    /// If it is small; the parts of multipart uploads go to blobs, as most are large and an inline row has room for one
    /// part of a content.
    pub(crate) may_be_inline: bool,
}

impl Engine {
    /// Seals `length` bytes of `source` and writes them; without a length, as many as there are. Durable on return, if they
    /// went to a blob; else they become so with the commit.
    ///
    /// # Errors
    /// [`crate::Error::Body`] when the source is shorter or longer than `length`, and its own errors;
    /// [`crate::Error::Store`].
    pub(crate) async fn write_part(
        &self,
        to: Destination<'_>,
        length: Option<u64>,
        source: Content,
        digests: Digests,
    ) -> Result<WrittenPart> {
        let sealer = PartSealer::new(to.data_key, to.number, &*self.random)?;
        let salt = sealer.salt();
        let mut segments = Segments::new(sealer, length, source, digests);
        let first = segments.next().await?.unwrap_or_default();
        let content = if to.may_be_inline && segments.is_done() && first.len() <= INLINE {
            // Of its own size: what is kept in the index must not hold a whole segment's memory.
            Sealed::Inline(Bytes::copy_from_slice(&first))
        } else {
            let id = BlobId {
                partition: to.bucket.id,
                random: random::bytes(&*self.random)?,
            };
            let pending = PendingBlob::new(id, &self.collector);
            let mut writer = self.blobs.create(id).await?;
            writer.write(first).await?;
            while let Some(segment) = segments.next().await? {
                writer.write(segment).await?;
            }
            // On a task of its own: when the caller gives up, the store may finish the blob all the same, and only
            // after that is there something to collect.
            let finishing = tokio::spawn(async move { (writer.finish().await, pending) });
            let finished = finishing
                .await
                .map_err(|lost| Error::lost("finishing a blob", lost));
            let (written, pending) = finished?;
            Sealed::Blob(pending, written?.checksum)
        };
        Ok(WrittenPart {
            manifest: ManifestPart {
                number: to.number,
                length: segments.read,
                salt,
                checksum: None,
            },
            digested: segments.digests.finish().await?,
            content,
        })
    }
}

/// Turns a body into sealed segments. Holds one segment and the pieces it was made of, whatever the body's length.
struct Segments {
    /// `None` once the last chunk was sealed.
    sealer: Option<PartSealer>,
    source: Content,
    digests: Beside,
    /// Plain bytes still to come; without, as many as there are.
    left: Option<u64>,
    /// Plain bytes that came.
    read: u64,
    /// The end of a piece of the body whose beginning was used.
    rest: Bytes,
    /// The header, until it was handed out.
    header: Bytes,
}

impl Segments {
    fn new(sealer: PartSealer, length: Option<u64>, source: Content, digests: Digests) -> Self {
        Self {
            header: Bytes::copy_from_slice(sealer.header()),
            sealer: Some(sealer),
            source,
            digests: Beside::new(digests),
            left: length,
            read: 0,
            rest: Bytes::new(),
        }
    }

    /// The next sealed bytes; the first ones begin with the header. The body was read to its end, and found to be
    /// whole, before the last ones are handed out.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        if self.sealer.is_none() {
            return Ok(None);
        }
        let capacity = self.left.map_or(SEGMENT, |left| {
            usize::try_from(layout::sealed_length(left))
                .unwrap_or(SEGMENT)
                .min(SEGMENT)
        });
        let mut out = BytesMut::with_capacity(self.header.len() + capacity);
        out.extend_from_slice(&std::mem::take(&mut self.header));
        let mut pieces = Pieces::default();
        let mut sealed = 0;
        while sealed < SEGMENT && self.sealer.is_some() {
            let chunk_at = out.len();
            let wanted = self.left.map_or(CHUNK, |left| left.min(CHUNK));
            let plain = self.fill(&mut out, wanted, &mut pieces).await?;
            out.resize(out.len() + TAG, 0);
            self.read += plain;
            let more = match &mut self.left {
                Some(left) => {
                    *left -= plain;
                    *left > 0
                }
                None => plain == CHUNK && self.has_more().await?,
            };
            let chunk = &mut out[chunk_at..];
            sealed += chunk.len();
            if more {
                if let Some(sealer) = &mut self.sealer {
                    sealer.seal_next(chunk)?;
                }
            } else if let Some(sealer) = self.sealer.take() {
                sealer.seal_last(chunk)?;
                if self.left.is_some() {
                    self.expect_end().await?;
                }
            }
        }
        self.digests.update(pieces.joined()).await?;
        Ok(Some(out.freeze()))
    }

    /// Whether the last chunk was sealed.
    fn is_done(&self) -> bool {
        self.sealer.is_none()
    }

    /// Appends `count` plain bytes of the body to `out`, and the pieces they came in to `pieces`. Fewer, where the length
    /// is not known, at the end. Returns how many.
    async fn fill(&mut self, out: &mut BytesMut, count: u64, pieces: &mut Pieces) -> Result<u64> {
        let mut filled = 0;
        let mut count = usize::try_from(count).unwrap_or(usize::MAX);
        while count > 0 {
            if self.rest.is_empty() {
                match self.source.next().await {
                    Some(piece) => self.rest = piece?,
                    None if self.left.is_none() => break,
                    None => return Err(BodyError::Incomplete.into()),
                }
                continue;
            }
            let piece = self.rest.split_to(count.min(self.rest.len()));
            count -= piece.len();
            filled += piece.len() as u64;
            out.extend_from_slice(&piece);
            pieces.push(piece);
        }
        Ok(filled)
    }

    /// Whether there are more bytes.
    async fn has_more(&mut self) -> Result<bool> {
        while self.rest.is_empty() {
            match self.source.next().await {
                Some(piece) => self.rest = piece?,
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Reads on to the end of the body: only there is it known that it has no more bytes, and that its signature fits.
    async fn expect_end(&mut self) -> Result<()> {
        if !self.rest.is_empty() {
            return Err(BodyError::TooLong.into());
        }
        while let Some(piece) = self.source.next().await {
            if !piece?.is_empty() {
                return Err(BodyError::TooLong.into());
            }
        }
        Ok(())
    }
}

/// Pieces of a body on their way to be hashed.
#[derive(Default)]
struct Pieces {
    whole: Vec<Bytes>,
    crumbs: BytesMut,
}

impl Pieces {
    fn push(&mut self, piece: Bytes) {
        if piece.len() < CRUMB {
            self.crumbs.extend_from_slice(&piece);
        } else {
            self.join();
            self.whole.push(piece);
        }
    }

    fn join(&mut self) {
        if !self.crumbs.is_empty() {
            self.whole.push(self.crumbs.split().freeze());
        }
    }

    fn joined(mut self) -> Vec<Bytes> {
        self.join();
        self.whole
    }
}
