//! The `ETag` of a version whose encryption changes while its data stays.

use crate::encryption::Decision;
use crate::engine::Engine;
use crate::model::error::Result;
use crate::version::open::OpenVersion;
use strongroom_seal::Mode;
use strongroom_seal::random;

/// `ETag` of a version whose encryption was changed.
pub(crate) struct KeptEtag {
    /// `ETag`, without quotes.
    pub(crate) etag: String,
    /// Value for the manifest: true if the `ETag` is an MD5 although the mode does not imply it.
    pub(crate) is_md5: Option<bool>,
}

impl Engine {
    /// Returns the `ETag` for a version that is re-encrypted according to `decision`. It stays the same, except where
    /// it must not be an MD5 (SSE-C), or is no MD5 but would be mistaken for one (SSE-S3: programs treat an `ETag`
    /// without a dash as the content's MD5).
    pub(crate) fn kept_etag(&self, version: &OpenVersion, decision: &Decision) -> Result<KeptEtag> {
        let etag = &version.summary.etag;
        let of_parts = etag.find('-');
        let is_md5 = of_parts.is_none()
            && (version.summary.mode() == Mode::S3 || version.manifest.etag_is_md5 == Some(true));
        let stays = |is_md5| KeptEtag {
            etag: etag.clone(),
            is_md5,
        };
        Ok(match decision {
            Decision::S3 if of_parts.is_some() || is_md5 => stays(None),
            // The same form as for an upload of one part.
            Decision::S3 => KeptEtag {
                etag: format!("{etag}-1"),
                is_md5: None,
            },
            Decision::Kms(_) => stays(is_md5.then_some(true)),
            Decision::Customer(_) if version.summary.is_customer() => stays(None),
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
