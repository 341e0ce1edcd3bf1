//! What lies in the index: the keys of its rows and the records in them.
//!
//! A record is stored as its version byte followed by CBOR (RFC 8949), sealed by `Rows`. Fields are numbered;
//! a number is never used again for something else. The layout is described in `docs/format.md`.

use crate::model::checksum::{ChecksumAlgorithm, UploadChecksum};
use crate::model::condition::ObjectState;
use crate::model::lock::Lock;
use crate::model::settings::BucketSettings;
use crate::model::tags::Tags;
use crate::model::version_name::VersionName;
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;
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

impl Record for BucketSettings {
    const VERSION: u8 = 1;
    const NAME: &'static str = "bucket settings";
}

/// What LIST shows of a version. It stands outside the manifest and is bound to it.
///
/// The row `current/<key>` has those of the newest version of a key, or `marker/<key>` if that is a delete marker.
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
    /// The mode byte of the envelope; 0 for a delete marker, which has none.
    #[n(4)]
    pub(crate) mode: u8,
    /// The null version: written while the bucket kept no versions. A key has one at most.
    #[n(5)]
    pub(crate) null: bool,
}

impl Record for Facts {
    const VERSION: u8 = 1;
    const NAME: &'static str = "newest version";
}

impl Facts {
    /// What conditions are compared with.
    pub(crate) fn state(&self) -> ObjectState<'_> {
        ObjectState {
            etag: &self.etag,
            modified: self.modified,
            length: self.length,
        }
    }

    /// Whether only a customer's key opens the version.
    pub(crate) fn is_customer(&self) -> bool {
        self.mode == Mode::Customer as u8
    }

    /// The version's name, as clients give it.
    pub(crate) fn name(&self) -> VersionName {
        if self.null {
            VersionName::Null
        } else {
            VersionName::Id(self.version)
        }
    }

    /// The version's mode, as answers tell it.
    pub(crate) fn mode(&self) -> Mode {
        match self.mode {
            mode if mode == Mode::Customer as u8 => Mode::Customer,
            mode if mode == Mode::Kms as u8 => Mode::Kms,
            _ => Mode::S3,
        }
    }
}

/// A version: the row `version/<key>/<id>`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct VersionRecord {
    /// As in the row of the newest version while this is it.
    #[n(0)]
    pub(crate) facts: Facts,
    /// What the version holds; nothing if it is a delete marker.
    #[n(1)]
    pub(crate) content: Option<ContentRecord>,
    /// The object's tags. Not in the manifest: they are read and changed without a key.
    #[n(2)]
    pub(crate) tags: Tags,
    /// What keeps the version from being deleted.
    #[n(3)]
    pub(crate) lock: Lock,
}

impl Record for VersionRecord {
    const VERSION: u8 = 1;
    const NAME: &'static str = "version";
}

/// What a version holds.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct ContentRecord {
    /// The content's id, to which its envelope is bound. Made before the content is written, as a version's id is not.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) id: [u8; 16],
    /// The content's data key, wrapped.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) envelope: Vec<u8>,
    /// What the content is made of; nothing if that lies in the row `parts/<version id>`, so that listings need not
    /// read thousands of parts.
    #[n(2)]
    pub(crate) parts: Option<PartsRecord>,
    /// Other versions of the key may hold the same content: the row `holders/<content id>` counts them.
    #[n(3)]
    pub(crate) shared: bool,
    /// How the outer key is found again if a key management service has it.
    #[n(4)]
    pub(crate) kms: Option<KmsRecord>,
}

/// A key of a key management service that an envelope was made with. The envelope names the service's key by its id.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct KmsRecord {
    /// How the service's key is told to clients.
    #[n(0)]
    pub(crate) told: String,
    /// The envelope's outer key, wrapped by the service.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) wrapped: Vec<u8>,
    /// What the request wanted the key bound to. The bucket or the object, to which it is bound too, is not told here.
    #[n(2)]
    pub(crate) context: BTreeMap<String, String>,
    /// The key is bound to the bucket, and others of its objects may have it too.
    #[n(3)]
    pub(crate) bucket_key: bool,
}

/// What a version is made of.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct PartsRecord {
    /// The manifest, sealed under a key of the data key, bound to facts and envelope.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) manifest: Vec<u8>,
    /// Where the sealed parts lie, in the manifest's order. Not in the manifest: a version must be deletable without
    /// its key.
    #[n(1)]
    pub(crate) places: Vec<PartPlace>,
}

impl Record for PartsRecord {
    const VERSION: u8 = 1;
    const NAME: &'static str = "parts";
}

/// The null version of a key while it is not the newest: the row `null/<key>`.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct NullRecord {
    /// The version's id.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) version: [u8; 16],
}

impl Record for NullRecord {
    const VERSION: u8 = 1;
    const NAME: &'static str = "null version";
}

/// How many versions hold the same content: the row `holders/<content id>`, while it is more than one.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct HoldersRecord {
    /// Versions.
    #[n(0)]
    pub(crate) versions: u64,
}

impl Record for HoldersRecord {
    const VERSION: u8 = 1;
    const NAME: &'static str = "holders of a content";
}

/// A multipart upload under way: the row `upload/<key>/<id>`. Its id is the id of the content that it becomes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct UploadRecord {
    /// When it was begun, in microseconds since 1970.
    #[n(0)]
    pub(crate) begun: u64,
    /// The content's data key, wrapped: the envelope of the version to be.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) envelope: Vec<u8>,
    /// The manifest's key, wrapped by the bucket's: the upload is completed without a customer's key.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(crate) manifest_key: Vec<u8>,
    /// A manifest without parts, for the headers and metadata of the version to be, bound to the envelope.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub(crate) manifest: Vec<u8>,
    /// Tags of the version to be.
    #[n(4)]
    pub(crate) tags: Tags,
    /// What will keep the version from being deleted.
    #[n(5)]
    pub(crate) lock: Lock,
    /// The checksum that its parts and the version to be have.
    #[n(6)]
    pub(crate) checksum: UploadChecksum,
    /// How the outer key is found again if a key management service has it.
    #[n(7)]
    pub(crate) kms: Option<KmsRecord>,
}

impl Record for UploadRecord {
    const VERSION: u8 = 1;
    const NAME: &'static str = "upload";
}

/// A part of a multipart upload: the row `part/<upload id>/<number>`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct PartRecord {
    /// Plain bytes.
    #[n(0)]
    pub(crate) length: u64,
    /// When it was written, in microseconds since 1970.
    #[n(1)]
    pub(crate) modified: u64,
    /// The bytes of its `ETag`.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(crate) etag: [u8; 16],
    /// The salt it was sealed under.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub(crate) salt: [u8; 32],
    /// The algorithm of its checksum.
    #[n(4)]
    pub(crate) algorithm: ChecksumAlgorithm,
    /// Its checksum.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub(crate) checksum: Vec<u8>,
    /// The blob that it lies in.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub(crate) blob: [u8; 16],
}

impl Record for PartRecord {
    const VERSION: u8 = 1;
    const NAME: &'static str = "part of an upload";
}

/// An upload that was completed or aborted, and whose parts are still to be cleared: the row `spent/<upload id>`.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct SpentRecord {
    /// When it ended, in microseconds since 1970.
    #[n(0)]
    pub(crate) since: u64,
}

impl Record for SpentRecord {
    const VERSION: u8 = 1;
    const NAME: &'static str = "spent upload";
}

/// Where a sealed part lies.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) enum PartPlace {
    /// In the row `inline/<content id>`.
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
    /// The id of the content that it is part of.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) content: [u8; 16],
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
    /// The id of the content that it was part of: while somebody reads that, the blob stays.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) content: [u8; 16],
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
