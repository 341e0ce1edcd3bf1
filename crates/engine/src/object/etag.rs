//! What becomes of an `ETag` when the encryption of a version changes and its data stays.

use crate::encryption::Decision;
use crate::engine::Engine;
use crate::model::error::Result;
use crate::version::open::OpenVersion;
use strongroom_seal::Mode;
use strongroom_seal::random;

/// The `ETag` of a version whose encryption was changed.
pub(crate) struct KeptEtag {
    /// Without quotes.
    pub(crate) etag: String,
    /// For its manifest: it is an MD5, though its mode does not tell.
    pub(crate) is_md5: Option<bool>,
}

impl Engine {
    /// The `ETag` of a version that is to be encrypted as was decided. It stays, but where it must not be an MD5
    /// (SSE-C), or would be taken for one and is none (SSE-S3: programs take what has no dash for the content's MD5).
    pub(crate) fn kept_etag(&self, version: &OpenVersion, decision: &Decision) -> Result<KeptEtag> {
        let etag = &version.facts.etag;
        let of_parts = etag.find('-');
        let is_md5 = of_parts.is_none()
            && (version.facts.mode() == Mode::S3 || version.manifest.etag_is_md5 == Some(true));
        let stays = |is_md5| KeptEtag {
            etag: etag.clone(),
            is_md5,
        };
        Ok(match decision {
            Decision::S3 if of_parts.is_some() || is_md5 => stays(None),
            // As of an upload of one part.
            Decision::S3 => KeptEtag {
                etag: format!("{etag}-1"),
                is_md5: None,
            },
            Decision::Kms(_) => stays(is_md5.then_some(true)),
            Decision::Customer(_) if version.facts.is_customer() => stays(None),
            Decision::Customer(_) => {
                let parts = of_parts.map_or("", |at| &etag[at..]);
                KeptEtag {
                    etag: format!("{}{parts}", hex::encode(random::bytes::<16>(&*self.random)?)),
                    is_md5: None,
                }
            }
        })
    }
}
