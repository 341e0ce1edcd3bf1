//! Writes a part: from the request's body through checksums and encryption into the store.

use crate::content::digests::{Beside, Digested, Digests};
use crate::content::read::PlaintextStream;
use crate::engine::Engine;
use crate::model::body::BodyError;
use crate::model::error::{Error, Result};
use crate::model::quota::Amount;
use crate::process::buckets_in_use::Bucket;
use crate::process::ledger::{BlobLedger, Fate};
use crate::process::meters::Room;
use crate::rows::key;
use crate::rows::record::{BlobRecord, PartLocation};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use std::sync::Arc;
use strongroom_rows::Batch;
use strongroom_seal::layout::{self, CHUNK};
use strongroom_seal::suite::TAG;
use strongroom_seal::{DataKey, ManifestPart, PartSealer, random};
use strongroom_store::BlobId;

/// Maximum length of a sealed part stored in the index, where a PUT costs only one durable commit. Larger parts are
/// stored in a blob.
const INLINE: usize = 64 * 1024;

/// Sealed bytes passed to a blob's writer at a time: 16 chunks.
const SEGMENT: usize = 16 * ((1 << 16) + TAG);
const _: () = assert!(SEGMENT as u64 == 16 * layout::SEALED_CHUNK);

/// Pieces of a body smaller than this are joined: each piece has a memory overhead, and a body may arrive byte by byte.
const CRUMB: usize = 4096;

/// Part that was written and that no version holds yet. If it is dropped in this state, its blob is collected.
pub(crate) struct WrittenPart {
    pub(crate) manifest: ManifestPart,
    pub(crate) digested: Digested,
    /// Room for the part, and for the version that it becomes.
    pub(crate) room: Room,
    content: Sealed,
}

enum Sealed {
    Inline(Bytes),
    Blob(PendingBlob, u64),
}

/// Blob that no row refers to yet. Reports its fate to the collector when dropped.
struct PendingBlob {
    id: BlobId,
    ledger: Arc<BlobLedger>,
    fate: Fate,
}

impl PendingBlob {
    fn new(id: BlobId, ledger: &Arc<BlobLedger>) -> Self {
        ledger.begin(id);
        Self {
            id,
            ledger: Arc::clone(ledger),
            fate: Fate::Abandoned,
        }
    }
}

impl Drop for PendingBlob {
    fn drop(&mut self) {
        self.ledger.end(self.id, self.fate);
    }
}

impl WrittenPart {
    /// Adds the rows of the part to `batch`, for the content with this id, of `object`.
    pub(crate) fn add_rows(&self, batch: &mut Batch, object: &str, content: [u8; 16]) -> Result<()> {
        match &self.content {
            Sealed::Inline(sealed) => {
                batch.put_sealed(key::inline(content), sealed.clone());
            }
            Sealed::Blob(blob, checksum) => {
                let record = BlobRecord {
                    key: object.to_owned(),
                    content,
                    part: self.manifest.number,
                    checksum: *checksum,
                };
                batch.put(key::blob(blob.id.random), &record)?;
            }
        }
        Ok(())
    }

    /// Returns the location of the part.
    pub(crate) fn location(&self) -> PartLocation {
        match &self.content {
            Sealed::Inline(_) => PartLocation::Inline,
            Sealed::Blob(blob, _) => PartLocation::Blob(blob.id.random),
        }
    }

    /// Sets what the collector learns about the blob when this is dropped.
    pub(crate) fn set_fate(&mut self, fate: Fate) {
        if let Sealed::Blob(blob, _) = &mut self.content {
            blob.fate = fate;
        }
    }
}

/// Parameters of a part that is being written.
pub(crate) struct Destination<'a> {
    pub(crate) bucket: &'a Bucket,
    pub(crate) data_key: &'a DataKey,
    pub(crate) number: u32,
    /// True if a small part may be stored inline. Parts of multipart uploads are stored in blobs, as most are large and
    /// an inline row has room for only one part of a content.
    pub(crate) may_be_inline: bool,
    /// Room for `length` bytes; without a length, it grows with the body.
    pub(crate) room: Room,
}

impl Engine {
    /// Encrypts `length` bytes of `source` and writes them. Without a length, reads `source` to its end. A part in a
    /// blob is durable on return, an inline part becomes durable with the commit.
    ///
    /// # Errors
    /// [`crate::Error::Body`] if the source is shorter or longer than `length`, and the source's own errors;
    /// [`crate::Error::Store`].
    pub(crate) async fn write_part(
        &self,
        to: Destination<'_>,
        length: Option<u64>,
        source: PlaintextStream,
        digests: Digests,
    ) -> Result<WrittenPart> {
        // Before the body is pulled: a client that is refused sends none of it.
        let mut admission = self.blobs.admit(length.map_or(0, layout::sealed_length)).await?;
        let sealer = PartSealer::new(to.data_key, to.number, &*self.random)?;
        let salt = sealer.salt();
        let source = if length.is_none() {
            growing(source, to.room.clone())
        } else {
            source
        };
        let mut segments = Segments::new(sealer, length, source, digests);
        // The first segment decides: a part that is complete and small stays in the index, any other one goes to a
        // blob.
        let first = segments.next().await?.unwrap_or_default();
        admission.write(first.len() as u64)?;
        let content = if to.may_be_inline && segments.is_done() && first.len() <= INLINE {
            // Copied to a buffer of its exact size: a row kept by the index must not hold a whole segment's memory.
            Sealed::Inline(Bytes::copy_from_slice(&first))
        } else {
            let id = to.bucket.blob(random::bytes(&*self.random)?);
            let pending = PendingBlob::new(id, &self.ledger);
            let mut writer = self.blobs.create(id).await?;
            writer.write(first).await?;
            while let Some(segment) = segments.next().await? {
                admission.write(segment.len() as u64)?;
                writer.write(segment).await?;
            }
            // If this process is killed after the end of the blob and before its commit, the blob is an orphan.
            self.orphans.expect(id).await?;
            // Finished on a task of its own: the store may finish the blob although the caller is cancelled, and it can
            // be collected only after that.
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
            room: to.room,
            content,
        })
    }
}

/// Reserves room for each piece of a body.
fn growing(source: PlaintextStream, room: Room) -> PlaintextStream {
    let grown = source.map(move |piece| {
        let piece = piece?;
        room.grow(Amount::new(piece.len() as u64, 0))?;
        Ok(piece)
    });
    grown.boxed()
}

/// Stream of sealed segments of a body. Holds one segment and its plaintext pieces in memory, whatever the body's
/// length.
struct Segments {
    /// Encryptor. `None` after the last chunk.
    sealer: Option<PartSealer>,
    source: PlaintextStream,
    digests: Beside,
    /// Plaintext bytes still to come. `None`: unknown; read to the end.
    left: Option<u64>,
    /// Plaintext bytes read so far.
    read: u64,
    /// Unused rest of a piece of the body.
    rest: Bytes,
    /// Header of the part, until it was returned.
    header: Bytes,
}

impl Segments {
    fn new(sealer: PartSealer, length: Option<u64>, source: PlaintextStream, digests: Digests) -> Self {
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

    /// Returns the next sealed bytes; the first ones begin with the header. Before the last ones are returned, the body
    /// was read to its end and validated.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        if self.sealer.is_none() {
            return Ok(None);
        }
        // Reserve room for one segment, or for what is left of the body.
        let capacity = self.left.map_or(SEGMENT, |left| {
            usize::try_from(layout::sealed_length(left))
                .unwrap_or(SEGMENT)
                .min(SEGMENT)
        });
        let mut out = BytesMut::with_capacity(self.header.len() + capacity);
        out.extend_from_slice(&std::mem::take(&mut self.header));
        let mut pieces = Pieces::default();
        let mut sealed = 0;
        // Fill the segment chunk by chunk: read plaintext, leave room for the tag, encrypt in place.
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
        // Hash the same pieces. Slow algorithms run while the caller stores this segment.
        self.digests.update(pieces.joined()).await?;
        Ok(Some(out.freeze()))
    }

    /// Returns whether the last chunk was encrypted.
    fn is_done(&self) -> bool {
        self.sealer.is_none()
    }

    /// Appends `count` plaintext bytes of the body to `out`, and the pieces they came in to `pieces`. Appends fewer at
    /// the end of a body of unknown length. Returns the number of bytes.
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

    /// Returns whether the body has more bytes.
    async fn has_more(&mut self) -> Result<bool> {
        while self.rest.is_empty() {
            match self.source.next().await {
                Some(piece) => self.rest = piece?,
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Reads to the end of the body. Only there is it known that the body has no more bytes and that its signature is
    /// valid.
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

/// Pieces of a body, collected to be hashed.
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
