//! Row keys.
//!
//! A row key is a word, a slash, and a name. Object keys may contain any byte, row keys no byte 0 (RADOS), so object
//! keys are escaped: the bytes 0, 1 and 2 become `2 (byte + 2)`. Byte 1 then ends an object key that is followed by
//! more. This keeps the order of keys and turns a prefix of keys into a prefix of rows.

use bytes::Bytes;
use strongroom_access::arn::AccountId;

#[cfg(test)]
mod tests;

const ESCAPE: u8 = 2;
const END: u8 = 1;

/// Prefix of the rows of current versions.
pub(crate) const CURRENT: &[u8] = b"current/";
/// Prefix of the rows of versions.
pub(crate) const VERSION: &[u8] = b"version/";
/// Prefix of the rows of multipart uploads.
pub(crate) const UPLOAD: &[u8] = b"upload/";
/// Prefix of the rows of parts.
pub(crate) const PART: &[u8] = b"part/";
/// Prefix of the rows of uploads that ended.
pub(crate) const SPENT: &[u8] = b"spent/";
/// Prefix of the rows of buckets.
pub(crate) const BUCKET: &[u8] = b"bucket/";
/// Prefix of the rows that list the buckets of accounts.
pub(crate) const OWNED: &[u8] = b"owned/";
/// Prefix of the rows of daily samples of usage.
pub(crate) const SAMPLE: &[u8] = b"sample/";
/// Prefix of the rows of garbage.
pub(crate) const GARBAGE: &[u8] = b"garbage/";
/// Prefix of the rows of closing buckets.
pub(crate) const CLOSING: &[u8] = b"closing/";

/// Returns the row of the last day on which the usage was sampled.
pub(crate) fn last_sample() -> Bytes {
    Bytes::from_static(b"last-sample")
}

/// Returns the row of the usage of a bucket on a day, which counts from 1970-01-01.
pub(crate) fn sample(day: u32, account: AccountId, bucket: &str) -> Bytes {
    [samples_of(day), format!("{account}/{bucket}").into()]
        .concat()
        .into()
}

/// Returns the prefix of the samples of a day.
pub(crate) fn samples_of(day: u32) -> Bytes {
    [SAMPLE, format!("{day:08}/").as_bytes()].concat().into()
}

/// Returns day, account and bucket of a row that [`sample`] returned.
pub(crate) fn sampled(row: &[u8]) -> Option<(u32, AccountId, String)> {
    let rest = std::str::from_utf8(row.strip_prefix(SAMPLE)?).ok()?;
    let (day, rest) = rest.split_once('/')?;
    let (account, bucket) = rest.split_once('/')?;
    Some((
        day.parse().ok()?,
        AccountId::parse(account).ok()?,
        bucket.to_owned(),
    ))
}

pub(crate) fn bucket(name: &str) -> Bytes {
    [BUCKET, name.as_bytes()].concat().into()
}

/// Returns the name in a row that [`bucket`] returned.
pub(crate) fn bucket_name(row: &[u8]) -> String {
    String::from_utf8_lossy(row.strip_prefix(BUCKET).unwrap_or_default()).into_owned()
}

/// Returns the row of a bucket among those of its account; also the prefix of the rows of all its buckets whose names begin
/// with `name`.
pub(crate) fn owned(account: AccountId, name: &str) -> Bytes {
    [OWNED, account.as_str().as_bytes(), b"/", name.as_bytes()]
        .concat()
        .into()
}

/// Returns the name in a row that [`owned`] returned.
pub(crate) fn owned_name(row: &[u8]) -> String {
    let name = row.rsplit(|byte| *byte == b'/').next();
    String::from_utf8_lossy(name.unwrap_or_default()).into_owned()
}

/// Returns the row of a bucket's settings, in its partition.
pub(crate) fn settings() -> Bytes {
    Bytes::from_static(b"settings")
}

pub(crate) fn closing(partition: [u8; 16]) -> Bytes {
    [CLOSING, hex::encode(partition).as_bytes()].concat().into()
}

/// Returns the row of the newest version of `key`; also the prefix of the rows of all keys that begin with `key`.
pub(crate) fn current(key: &str) -> Bytes {
    of_key(CURRENT, key)
}

/// Returns the row of the newest version of `key` if it is a delete marker.
pub(crate) fn marker(key: &str) -> Bytes {
    of_key(b"marker/", key)
}

/// Returns the row of the null version of `key` while it is not the newest.
pub(crate) fn null(key: &str) -> Bytes {
    of_key(b"null/", key)
}

pub(crate) fn version(key: &str, version: [u8; 16]) -> Bytes {
    of_key_and_id(VERSION, key, version)
}

pub(crate) fn upload(key: &str, upload: [u8; 16]) -> Bytes {
    of_key_and_id(UPLOAD, key, upload)
}

/// Returns the prefix of the rows of all keys that begin with `prefix`.
pub(crate) fn of_key(word: &[u8], prefix: &str) -> Bytes {
    let mut row = word.to_vec();
    escape(prefix, &mut row);
    row.into()
}

/// Returns the prefix of the rows of exactly `key` that end with an id.
pub(crate) fn each_id_of_key(word: &[u8], key: &str) -> Bytes {
    [&of_key(word, key)[..], &[END]].concat().into()
}

fn of_key_and_id(word: &[u8], key: &str, id: [u8; 16]) -> Bytes {
    [&each_id_of_key(word, key)[..], hex::encode(id).as_bytes()]
        .concat()
        .into()
}

/// Returns the row of a part.
pub(crate) fn part(upload: [u8; 16], number: u32) -> Bytes {
    [&parts_of(upload)[..], format!("{number:05}").as_bytes()]
        .concat()
        .into()
}

/// Returns the prefix of the rows of an upload's parts.
pub(crate) fn parts_of(upload: [u8; 16]) -> Bytes {
    format!("part/{}/", hex::encode(upload)).into()
}

/// Returns the part number in a row key created by [`part`].
pub(crate) fn part_number(row: &[u8]) -> Option<u32> {
    std::str::from_utf8(row.rsplit(|byte| *byte == b'/').next()?)
        .ok()?
        .parse()
        .ok()
}

/// Returns the row of an upload that ended and whose parts are still to be deleted.
pub(crate) fn spent(upload: [u8; 16]) -> Bytes {
    [SPENT, hex::encode(upload).as_bytes()].concat().into()
}

/// Returns the row of a version's parts if they are stored apart from the version.
pub(crate) fn parts(version: [u8; 16]) -> Bytes {
    [b"parts/", hex::encode(version).as_bytes()].concat().into()
}

pub(crate) fn holders(content: [u8; 16]) -> Bytes {
    [b"holders/", hex::encode(content).as_bytes()].concat().into()
}

pub(crate) fn inline(content: [u8; 16]) -> Bytes {
    [b"inline/", hex::encode(content).as_bytes()].concat().into()
}

pub(crate) fn blob(blob: [u8; 16]) -> Bytes {
    [b"blob/", hex::encode(blob).as_bytes()].concat().into()
}

pub(crate) fn garbage(blob: [u8; 16]) -> Bytes {
    [GARBAGE, hex::encode(blob).as_bytes()].concat().into()
}

/// Splits a row key that begins with `word` into the object key and the id after it, if there is one. `None`: not such
/// a row key.
pub(crate) fn object_key(row: &[u8], word: &[u8]) -> Option<(String, Option<[u8; 16]>)> {
    let name = row.strip_prefix(word)?;
    match name.iter().position(|byte| *byte == END) {
        None => Some((unescape(name)?, None)),
        Some(end) => Some((unescape(&name[..end])?, Some(id(&name[end + 1..], b"")?))),
    }
}

/// Returns the id of a row key that consists of `word` and an id in hex.
pub(crate) fn id(row: &[u8], word: &[u8]) -> Option<[u8; 16]> {
    let mut id = [0; 16];
    hex::decode_to_slice(row.strip_prefix(word)?, &mut id).ok()?;
    Some(id)
}

/// Returns the first row key after those of `key` that begin with `word`, whether an id follows the key or not.
pub(crate) fn after_key(word: &[u8], key: &str) -> Bytes {
    // Longer keys continue with a byte greater than the end byte.
    [&of_key(word, key)[..], &[ESCAPE]].concat().into()
}

fn escape(key: &str, out: &mut Vec<u8>) {
    for byte in key.bytes() {
        if byte <= ESCAPE {
            out.extend_from_slice(&[ESCAPE, byte + 2]);
        } else {
            out.push(byte);
        }
    }
}

fn unescape(escaped: &[u8]) -> Option<String> {
    let mut key = Vec::with_capacity(escaped.len());
    let mut bytes = escaped.iter();
    while let Some(byte) = bytes.next() {
        key.push(match *byte {
            ESCAPE => bytes.next()?.checked_sub(2).filter(|b| *b <= ESCAPE)?,
            other => other,
        });
    }
    String::from_utf8(key).ok()
}
