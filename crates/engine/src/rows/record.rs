//! Contents of the index: the keys of its rows and the records in them.
//!
//! The layout is described in `docs/format.md`.

use crate::model::acl::{Acl, Initiator, ObjectAccess};
use crate::model::checksum::{ChecksumAlgorithm, UploadChecksum};
use crate::model::condition::ObjectState;
use crate::model::lock::Lock;
use crate::model::owner::BucketOwner;
use crate::model::settings::BucketSettings;
use crate::model::tags::Tags;
use crate::model::version_name::VersionName;
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;
use strongroom_rows::records;
use strongroom_seal::Mode;

#[cfg(test)]
mod tests;

records! {
    BucketRecord = 1, "bucket";
    OwnedRecord = 1, "bucket of an account";
    BucketSettings = 1, "bucket settings";
    VersionSummary = 1, "newest version";
    VersionRecord = 1, "version";
    PartsRecord = 1, "parts";
    NullRecord = 1, "null version";
    HoldersRecord = 1, "holders of a content";
    UploadRecord = 1, "upload";
    PartRecord = 1, "part of an upload";
    SpentRecord = 1, "spent upload";
    BlobRecord = 1, "blob";
    GarbageRecord = 1, "garbage";
    ClosingRecord = 1, "closing bucket";
}

/// Bucket: a row of the root partition under the bucket's name.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct BucketRecord {
    /// Random id: the partition of the bucket's rows. A bucket created again under its old name is another bucket.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) id: [u8; 16],
    /// Time of creation, in microseconds since 1970.
    #[n(1)]
    pub(crate) created: u64,
    /// Id of the bucket's key in envelopes.
    #[n(2)]
    pub(crate) key_id: String,
    /// SHA-256 of the envelope of the bucket's key, which is in the key files.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub(crate) key_digest: [u8; 32],
    /// Account that the bucket belongs to.
    #[n(4)]
    pub(crate) owner: BucketOwner,
}

/// Bucket of an account: a row of the root partition under the account and the bucket's name.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct OwnedRecord {
    /// Time of the bucket's creation, in microseconds since 1970.
    #[n(0)]
    pub(crate) created: u64,
}

/// The fields of a version that LIST returns. They are stored outside the manifest, which is bound to them.
///
/// The row `current/<key>` contains these fields of the newest version of a key; the row `marker/<key>` replaces it if
/// that version is a delete marker.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct VersionSummary {
    /// Id of the version. Ids sort newest first; the rest is random.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) version: [u8; 16],
    /// Plaintext bytes.
    #[n(1)]
    pub(crate) length: u64,
    /// Microseconds since 1970.
    #[n(2)]
    pub(crate) modified: u64,
    /// `ETag`, without quotes.
    #[n(3)]
    pub(crate) etag: String,
    /// The mode byte of the envelope; 0 for a delete marker, which has none.
    #[n(4)]
    pub(crate) mode: u8,
    /// True for the null version, which was written while the bucket kept no versions. A key has at most one.
    #[n(5)]
    pub(crate) null: bool,
    /// Account that owns the version. `None`: the bucket's owner.
    #[n(6)]
    pub(crate) owner: Option<BucketOwner>,
}

impl VersionSummary {
    /// Returns the summary that conditions are compared with.
    pub(crate) fn state(&self) -> ObjectState<'_> {
        ObjectState {
            etag: &self.etag,
            modified: self.modified,
            length: self.length,
        }
    }

    /// Returns whether only a customer's key decrypts the version.
    pub(crate) fn is_customer(&self) -> bool {
        self.mode == Mode::Customer as u8
    }

    /// Returns the version's name in requests and responses.
    pub(crate) fn name(&self) -> VersionName {
        if self.null {
            VersionName::Null
        } else {
            VersionName::Id(self.version)
        }
    }

    /// Returns the version's mode for responses.
    pub(crate) fn mode(&self) -> Mode {
        mode_of(self.mode)
    }
}

/// Returns the mode of an object with this mode byte.
fn mode_of(byte: u8) -> Mode {
    match byte {
        mode if mode == Mode::Customer as u8 => Mode::Customer,
        mode if mode == Mode::Kms as u8 => Mode::Kms,
        _ => Mode::S3,
    }
}

/// Version: the row `version/<key>/<id>`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct VersionRecord {
    /// The same as in the row of the newest version, while this is the newest.
    #[n(0)]
    pub(crate) summary: VersionSummary,
    /// Content of the version. `None`: a delete marker.
    #[n(1)]
    pub(crate) content: Option<ContentRecord>,
    /// Tags of the object. Not in the manifest: they are read and changed without a key.
    #[n(2)]
    pub(crate) tags: Tags,
    /// Retention and legal hold.
    #[n(3)]
    pub(crate) lock: Lock,
    /// Access control list. Not in the manifest: it is read and changed without a key. `None`: [`Acl::private`].
    #[n(4)]
    pub(crate) acl: Option<Acl>,
}

impl VersionRecord {
    /// Returns owner and access control list of the version, in a bucket in which they have an effect.
    pub(crate) fn access(&self) -> ObjectAccess {
        ObjectAccess {
            owner: self.summary.owner,
            acl: self.acl.clone(),
        }
    }
}

/// Content of a version.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct ContentRecord {
    /// Id of the content, to which its envelope is bound. Unlike a version's id, it is created before the content is
    /// written.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) id: [u8; 16],
    /// Data key of the content, wrapped.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) envelope: Vec<u8>,
    /// Parts of the content. `None`: they are stored in the row `parts/<version id>`, so that listings need not read
    /// thousands of parts.
    #[n(2)]
    pub(crate) parts: Option<PartsRecord>,
    /// True if other versions of the key may hold the same content: the row `holders/<content id>` counts them.
    #[n(3)]
    pub(crate) shared: bool,
    /// KMS key of the envelope. `None`: the mode is not SSE-KMS.
    #[n(4)]
    pub(crate) kms: Option<KmsRecord>,
}

/// KMS key that an envelope was created with. The envelope names the service's key by its id.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct KmsRecord {
    /// Name of the service's key, as reported to clients.
    #[n(0)]
    pub(crate) display_id: String,
    /// Outer key of the envelope, wrapped by the service.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) wrapped: Vec<u8>,
    /// Encryption context of the request. Does not include the bucket or object, to which the key is bound too.
    #[n(2)]
    pub(crate) context: BTreeMap<String, String>,
    /// True if the key is bound to the bucket and may be shared by its other objects.
    #[n(3)]
    pub(crate) bucket_key: bool,
}

/// Parts of a version.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct PartsRecord {
    /// Manifest, sealed under a key derived from the data key and bound to the envelope and the fields outside the
    /// manifest.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) manifest: Vec<u8>,
    /// Locations of the sealed parts, in the manifest's order. Not in the manifest: a version must be deletable without
    /// its key.
    #[n(1)]
    pub(crate) locations: Vec<PartLocation>,
}

/// Null version of a key while it is not the newest: the row `null/<key>`.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct NullRecord {
    /// Id of the version.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) version: [u8; 16],
}

/// Number of versions that hold the same content: the row `holders/<content id>`, while it is more than one.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct HoldersRecord {
    /// Number of versions.
    #[n(0)]
    pub(crate) versions: u64,
}

/// Multipart upload in progress: the row `upload/<key>/<id>`. Its id is the id of the content that it becomes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct UploadRecord {
    /// Time at which the upload was begun, in microseconds since 1970.
    #[n(0)]
    pub(crate) begun: u64,
    /// Data key of the content, wrapped: the envelope of the future version.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) envelope: Vec<u8>,
    /// Manifest key, wrapped by the bucket's key: the upload can be completed without a customer's key.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(crate) manifest_key: Vec<u8>,
    /// Manifest without parts, with the headers and metadata of the future version, bound to the envelope.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub(crate) manifest: Vec<u8>,
    /// Tags of the future version.
    #[n(4)]
    pub(crate) tags: Tags,
    /// Retention and legal hold of the future version.
    #[n(5)]
    pub(crate) lock: Lock,
    /// Checksum of the parts and of the future version.
    #[n(6)]
    pub(crate) checksum: UploadChecksum,
    /// KMS key of the envelope. `None`: the mode is not SSE-KMS.
    #[n(7)]
    pub(crate) kms: Option<KmsRecord>,
    /// Owner of the future version. `None`: the bucket's owner.
    #[n(8)]
    pub(crate) owner: Option<BucketOwner>,
    /// Access control list of the future version.
    #[n(9)]
    pub(crate) acl: Option<Acl>,
    /// Caller that began the upload. `None`: its request was not signed.
    #[n(10)]
    pub(crate) initiator: Option<Initiator>,
}

/// Part of a multipart upload: the row `part/<upload id>/<number>`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct PartRecord {
    /// Plaintext bytes.
    #[n(0)]
    pub(crate) length: u64,
    /// Time at which the part was written, in microseconds since 1970.
    #[n(1)]
    pub(crate) modified: u64,
    /// Bytes of the part's `ETag`.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(crate) etag: [u8; 16],
    /// Salt that the part was sealed under.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub(crate) salt: [u8; 32],
    /// Algorithm of the part's checksum.
    #[n(4)]
    pub(crate) algorithm: ChecksumAlgorithm,
    /// Checksum of the part.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub(crate) checksum: Vec<u8>,
    /// Blob that stores the part.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub(crate) blob: [u8; 16],
    /// Mode byte of the upload's envelope when the part was uploaded. The usage of the part counts under this mode, even
    /// if the upload is rewrapped.
    #[cbor(n(7), default)]
    pub(crate) mode: u8,
}

impl PartRecord {
    /// Returns the mode that the part counts under.
    pub(crate) fn mode(&self) -> Mode {
        mode_of(self.mode)
    }
}

/// Upload that was completed or aborted and whose parts are still to be deleted: the row `spent/<upload id>`.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct SpentRecord {
    /// Time at which the upload ended, in microseconds since 1970.
    #[n(0)]
    pub(crate) since: u64,
}

/// Location of a sealed part.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) enum PartLocation {
    /// The row `inline/<content id>`.
    #[n(0)]
    Inline,
    /// Blob, by its random id within the bucket's partition.
    #[n(1)]
    Blob(#[cbor(n(0), with = "minicbor::bytes")] [u8; 16]),
}

/// Owner of a blob: the row `blob/<id>`. A blob without this row is an orphan; for a damaged blob it gives the object's
/// name.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct BlobRecord {
    /// Key of the object.
    #[n(0)]
    pub(crate) key: String,
    /// Id of the content that the blob belongs to.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) content: [u8; 16],
    /// Number of the part.
    #[n(2)]
    pub(crate) part: u32,
    /// CRC-64/NVME over the sealed bytes, to verify blobs without any key.
    #[n(3)]
    pub(crate) checksum: u64,
}

/// Blob that no version holds any more: the row `garbage/<id>`.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct GarbageRecord {
    /// Time at which the blob became garbage, in microseconds since 1970.
    #[n(0)]
    pub(crate) since: u64,
    /// Id of the content that the blob belonged to. The blob is kept while that content is being read.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) content: [u8; 16],
}

/// Deleted bucket whose partition is still to be cleared: the row `closing/<id>` of the root partition.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(crate) struct ClosingRecord {
    /// Time of the deletion, in microseconds since 1970.
    #[n(0)]
    pub(crate) since: u64,
    /// Name of the bucket.
    #[n(1)]
    pub(crate) name: String,
    /// Id of the bucket's key.
    #[n(2)]
    pub(crate) key_id: String,
}
