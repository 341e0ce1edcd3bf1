//! Order of row keys. A row key contains no byte 0, which RADOS cannot store.

use bytes::Bytes;

#[cfg(test)]
mod tests;

/// Returns the first row key after all those that begin with `prefix`.
pub fn after_prefix(prefix: &[u8]) -> Bytes {
    let mut next = prefix.to_vec();
    while let Some(last) = next.pop() {
        if last < u8::MAX {
            next.push(last + 1);
            break;
        }
    }
    next.into()
}

/// Returns the first row key after `row`.
pub fn after(row: &[u8]) -> Bytes {
    [row, &[1]].concat().into()
}
