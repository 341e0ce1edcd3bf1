//! What lies in the index: the keys of its rows and the records in them.
//!
//! A record is stored as its version byte followed by CBOR (RFC 8949), sealed by [`crate::rows`]. Fields are numbered;
//! a number is never used again for something else. The layout is described in `docs/format.md`.

pub(crate) mod key;

use minicbor::{Decode, Encode};
use strongroom_seal::Mode;

#[cfg(test)]
mod tests;

/// A record that lies in a row.
pub(crate) trait Record: Encode<()> + for<'b> Decode<'b, ()> {
    /// Written as the first byte.
    const VERSION: u8;
    /// What it is called in an alarm.
    const NAME: &'static str;
}

/// A bucket, in the root partition under its name.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct BucketRecord {
    /// Random id: the partition of the bucket's rows. A bucket made again under its old name is another bucket.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) id: [u8; 16],
    /// Microseconds since 1970.
    #[n(1)]
    pub(crate) created: u64,
    /// Names the bucket's key in envelopes.
    #[n(2)]
    pub(crate) key_id: String,
    /// The bucket's key, wrapped by a master key.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub(crate) key_envelope: Vec<u8>,
}

impl Record for BucketRecord {
    const VERSION: u8 = 1;
    const NAME: &'static str = "bucket";
}

/// What LIST shows of a version; the row `current/<key>`. It stands outside the manifest and is bound to it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Facts {
    /// The version's id: newest first, then random.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) version: [u8; 16],
    /// Plain bytes.
    #[n(1)]
    pub(crate) length: u64,
    /// Microseconds since 1970.
    #[n(2)]
    pub(crate) modified: u64,
    /// Without quotes.
    #[n(3)]
    pub(crate) etag: String,
    /// The mode byte of the envelope.
    #[n(4)]
    pub(crate) mode: u8,
}

impl Record for Facts {
    const VERSION: u8 = 1;
    const NAME: &'static str = "current version";
}

impl Facts {
    /// Whether only a customer's key opens the version.
    pub(crate) fn is_customer(&self) -> bool {
        self.mode == Mode::Customer as u8
    }
}

/// A version: the row `version/<key>/<id>`.
#[derive(Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct VersionRecord {
    /// As in `current/<key>` while this is the current version.
    #[n(0)]
    pub(crate) facts: Facts,
    /// The version's data key, wrapped.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) envelope: Vec<u8>,
    /// The manifest, sealed under the data key, bound to facts and envelope.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(crate) manifest: Vec<u8>,
    /// Where the sealed parts lie, in the manifest's order. Not in the manifest: a version must be deletable without
    /// its key.
    #[n(3)]
    pub(crate) places: Vec<PartPlace>,
}

impl Record for VersionRecord {
    const VERSION: u8 = 1;
    const NAME: &'static str = "version";
}

/// Where a sealed part lies.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) enum PartPlace {
    /// In the row `inline/<version id>`.
    #[n(0)]
    Inline,
    /// In a blob, by its random id within the bucket's partition.
    #[n(1)]
    Blob(#[cbor(n(0), with = "minicbor::bytes")] [u8; 16]),
}

/// Whose a blob is: the row `blob/<id>`. What has none is an orphan; what is damaged is known by name.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct BlobRecord {
    /// The object key.
    #[n(0)]
    pub(crate) key: String,
    /// The version's id.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) version: [u8; 16],
    /// The part's number.
    #[n(2)]
    pub(crate) part: u32,
    /// CRC-64/NVME over the sealed bytes, for scrubbing without any key.
    #[n(3)]
    pub(crate) checksum: u64,
}

impl Record for BlobRecord {
    const VERSION: u8 = 1;
    const NAME: &'static str = "blob";
}

/// A blob that no version holds any more: the row `garbage/<id>`.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct GarbageRecord {
    /// When it became garbage, in microseconds since 1970.
    #[n(0)]
    pub(crate) since: u64,
}

impl Record for GarbageRecord {
    const VERSION: u8 = 1;
    const NAME: &'static str = "garbage";
}

/// A bucket that was deleted and whose partition is still to be cleared: the row `closing/<id>` of the root.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct ClosingRecord {
    /// When it was deleted, in microseconds since 1970.
    #[n(0)]
    pub(crate) since: u64,
}

impl Record for ClosingRecord {
    const VERSION: u8 = 1;
    const NAME: &'static str = "closing bucket";
}
