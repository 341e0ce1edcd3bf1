//! `ETags` as S3 computes them.

use md5::{Digest as _, Md5};

pub(crate) fn md5_hex(bytes: &[u8]) -> String {
    hex::encode(Md5::digest(bytes))
}
