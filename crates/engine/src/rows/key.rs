//! Keys of rows.
//!
//! A row key is a word, a slash, and a name. Object keys may hold any byte, row keys no byte 0 (RADOS), so object keys
//! are escaped: the bytes 0, 1 and 2 become `2 (byte + 2)`. Byte 1 then ends an object key that more follows on. This
//! keeps the order of keys and turns a prefix of keys into a prefix of rows.

use bytes::Bytes;

#[cfg(test)]
mod tests;

const ESCAPE: u8 = 2;
const END: u8 = 1;

/// The store's own key, wrapped by a master key.
pub(crate) const STORE_KEY: &[u8] = b"store-key";
/// Begins the rows of current versions.
pub(crate) const CURRENT: &[u8] = b"current/";
/// Begins the rows of versions.
pub(crate) const VERSION: &[u8] = b"version/";
/// Begins the rows of multipart uploads.
pub(crate) const UPLOAD: &[u8] = b"upload/";
/// Begins the rows of uploads that are over.
pub(crate) const SPENT: &[u8] = b"spent/";
/// Begins the rows of buckets.
pub(crate) const BUCKET: &[u8] = b"bucket/";
/// Begins the rows of garbage.
pub(crate) const GARBAGE: &[u8] = b"garbage/";
/// Begins the rows of closing buckets.
pub(crate) const CLOSING: &[u8] = b"closing/";

pub(crate) fn bucket(name: &str) -> Bytes {
    [BUCKET, name.as_bytes()].concat().into()
}

/// The row of a bucket's settings, in its partition.
pub(crate) fn settings() -> Bytes {
    Bytes::from_static(b"settings")
}

pub(crate) fn closing(partition: [u8; 16]) -> Bytes {
    [CLOSING, hex::encode(partition).as_bytes()].concat().into()
}

/// The row of the newest version of `key`; also the prefix of the rows of all keys that begin with `key`.
pub(crate) fn current(key: &str) -> Bytes {
    of_key(CURRENT, key)
}

/// The row of the newest version of `key` if it is a delete marker.
pub(crate) fn marker(key: &str) -> Bytes {
    of_key(b"marker/", key)
}

/// The row of the null version of `key` while it is not the newest.
pub(crate) fn null(key: &str) -> Bytes {
    of_key(b"null/", key)
}

pub(crate) fn version(key: &str, version: [u8; 16]) -> Bytes {
    of_key_and_id(VERSION, key, version)
}

pub(crate) fn upload(key: &str, upload: [u8; 16]) -> Bytes {
    of_key_and_id(UPLOAD, key, upload)
}

/// Begins the rows of all keys that begin with `prefix`.
pub(crate) fn of_key(word: &[u8], prefix: &str) -> Bytes {
    let mut row = word.to_vec();
    escape(prefix, &mut row);
    row.into()
}

/// Begins the rows of `key` and no other that have an id behind it.
pub(crate) fn each_id_of_key(word: &[u8], key: &str) -> Bytes {
    [&of_key(word, key)[..], &[END]].concat().into()
}

fn of_key_and_id(word: &[u8], key: &str, id: [u8; 16]) -> Bytes {
    [&each_id_of_key(word, key)[..], hex::encode(id).as_bytes()]
        .concat()
        .into()
}

/// The row of a part, and the rows of all parts of an upload.
pub(crate) fn part(upload: [u8; 16], number: u32) -> Bytes {
    [&parts_of(upload)[..], format!("{number:05}").as_bytes()]
        .concat()
        .into()
}

/// Begins the rows of an upload's parts.
pub(crate) fn parts_of(upload: [u8; 16]) -> Bytes {
    format!("part/{}/", hex::encode(upload)).into()
}

/// The number in a row that [`part`] made.
pub(crate) fn part_number(row: &[u8]) -> Option<u32> {
    std::str::from_utf8(row.rsplit(|byte| *byte == b'/').next()?)
        .ok()?
        .parse()
        .ok()
}

/// The row of an upload that is over and whose parts are still to be cleared.
pub(crate) fn spent(upload: [u8; 16]) -> Bytes {
    [SPENT, hex::encode(upload).as_bytes()].concat().into()
}

/// The row of what a version is made of, if that is much.
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

/// The object key of a row that begins with `word`, and the id behind it if there is one; `None` for anything else.
pub(crate) fn object_key(row: &[u8], word: &[u8]) -> Option<(String, Option<[u8; 16]>)> {
    let name = row.strip_prefix(word)?;
    match name.iter().position(|byte| *byte == END) {
        None => Some((unescape(name)?, None)),
        Some(end) => Some((unescape(&name[..end])?, Some(id(&name[end + 1..], b"")?))),
    }
}

/// The id of a row whose name is one in hex.
pub(crate) fn id(row: &[u8], word: &[u8]) -> Option<[u8; 16]> {
    let mut id = [0; 16];
    hex::decode_to_slice(row.strip_prefix(word)?, &mut id).ok()?;
    Some(id)
}

/// The first row key after all those that begin with `prefix`.
pub(crate) fn after_prefix(prefix: &[u8]) -> Bytes {
    let mut next = prefix.to_vec();
    while let Some(last) = next.pop() {
        if last < u8::MAX {
            next.push(last + 1);
            break;
        }
    }
    next.into()
}

/// The first row key after those of `key` that begin with `word`, whether an id follows on the key or not.
pub(crate) fn after_key(word: &[u8], key: &str) -> Bytes {
    // Longer keys go on with a byte above the end's.
    [&of_key(word, key)[..], &[ESCAPE]].concat().into()
}

/// The first row key after `row`.
pub(crate) fn after(row: &[u8]) -> Bytes {
    [row, &[END]].concat().into()
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
