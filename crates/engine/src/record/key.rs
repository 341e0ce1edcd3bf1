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

/// The row of the current version of `key`; also the prefix of the rows of all keys that begin with `key`.
pub(crate) fn current(key: &str) -> Bytes {
    let mut row = CURRENT.to_vec();
    escape(key, &mut row);
    row.into()
}

pub(crate) fn version(key: &str, version: [u8; 16]) -> Bytes {
    let mut row = b"version/".to_vec();
    escape(key, &mut row);
    row.push(END);
    row.extend_from_slice(hex::encode(version).as_bytes());
    row.into()
}

pub(crate) fn inline(version: [u8; 16]) -> Bytes {
    [b"inline/", hex::encode(version).as_bytes()].concat().into()
}

pub(crate) fn blob(blob: [u8; 16]) -> Bytes {
    [b"blob/", hex::encode(blob).as_bytes()].concat().into()
}

pub(crate) fn garbage(blob: [u8; 16]) -> Bytes {
    [GARBAGE, hex::encode(blob).as_bytes()].concat().into()
}

/// The object key of a row that [`current`] made; `None` for anything else.
pub(crate) fn object_key(row: &[u8]) -> Option<String> {
    unescape(row.strip_prefix(CURRENT)?)
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
