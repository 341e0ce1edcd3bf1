//! LIST of objects. Its cost follows the answer: keys behind a common prefix are skipped by seeking.

use crate::record::{Facts, key};
use crate::{Engine, Mode, Result};
use bytes::Bytes;

#[cfg(test)]
mod tests;

/// Rows read at a time: few at first, as after each common prefix the rest of them is thrown away.
const FIRST_BATCH: usize = 16;
/// Most rows read at a time.
const MOST_BATCH: usize = 1000;

/// Which objects to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListObjects {
    /// Only keys that begin with this.
    pub prefix: String,
    /// Keys that hold this behind the prefix are rolled up into common prefixes that end with it.
    pub delimiter: Option<String>,
    /// Only keys, and common prefixes, after this.
    pub after: String,
    /// How many keys and common prefixes at most.
    pub limit: usize,
}

/// A page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Keys and common prefixes, in byte order.
    pub entries: Vec<Entry>,
    /// There are more after the last one.
    pub truncated: bool,
}

/// One line of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// An object.
    Object(ListedObject),
    /// A common prefix, the delimiter included.
    Prefix(String),
}

impl Entry {
    /// The key or the common prefix: what the next page comes after.
    pub fn name(&self) -> &str {
        match self {
            Self::Object(object) => &object.key,
            Self::Prefix(prefix) => prefix,
        }
    }
}

/// What a listing tells of an object. Needs no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedObject {
    /// The object key.
    pub key: String,
    /// Its `ETag`, without quotes.
    pub etag: String,
    /// Plain bytes.
    pub length: u64,
    /// When it was last modified, in microseconds since 1970.
    pub modified: u64,
    /// How it is encrypted.
    pub mode: Mode,
}

impl Engine {
    /// Lists objects of a bucket in byte order of their keys.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchBucket`], [`crate::Error::Damaged`], [`crate::Error::Store`].
    pub async fn list_objects(&self, bucket: &str, list: &ListObjects) -> Result<Listing> {
        let bucket = self.bucket(bucket).await?;
        let prefix_row = key::current(&list.prefix);
        let mut from = start(list);
        let mut listing = Listing::default();
        let mut batch = FIRST_BATCH;
        'pages: loop {
            // One more than can be used tells whether there are more.
            let wanted = (list.limit - listing.entries.len()).saturating_add(1).min(batch);
            let rows = self
                .rows
                .scan::<Facts>(bucket.id, &prefix_row, from.clone(), wanted)
                .await?;
            let exhausted = rows.len() < wanted;
            for (row, facts) in rows {
                let Some(object) = key::object_key(&row) else {
                    continue;
                };
                let rolled_up = common_prefix(&object, list).map(str::to_owned);
                let seek = rolled_up
                    .as_deref()
                    .map(|prefix| key::after_prefix(&key::current(prefix)));
                if listing.entries.len() == list.limit {
                    listing.truncated = true;
                    break 'pages;
                }
                listing.entries.push(match rolled_up {
                    Some(prefix) => Entry::Prefix(prefix),
                    None => Entry::Object(ListedObject {
                        mode: if facts.is_customer() {
                            Mode::Customer
                        } else {
                            Mode::S3
                        },
                        key: object,
                        etag: facts.etag,
                        length: facts.length,
                        modified: facts.modified,
                    }),
                });
                if let Some(seek) = seek {
                    from = seek;
                    batch = FIRST_BATCH;
                    continue 'pages;
                }
                from = key::after(&row);
            }
            if exhausted {
                break;
            }
            batch = (batch * 4).min(MOST_BATCH);
        }
        Ok(listing)
    }
}

/// The first row that can be part of the answer.
fn start(list: &ListObjects) -> Bytes {
    let first = key::current(&list.prefix);
    if list.after.is_empty() {
        return first;
    }
    let row = key::current(&list.after);
    // After a common prefix, or a key in it, come the keys behind it: it does not come after itself.
    let next = match common_prefix(&list.after, list) {
        Some(prefix) => key::after_prefix(&key::current(prefix)),
        None => key::after(&row),
    };
    next.max(first)
}

/// The common prefix that `object` is rolled up into.
fn common_prefix<'a>(object: &'a str, list: &ListObjects) -> Option<&'a str> {
    let delimiter = list
        .delimiter
        .as_deref()
        .filter(|delimiter| !delimiter.is_empty())?;
    let rest = object.strip_prefix(list.prefix.as_str())?;
    let at = rest.find(delimiter)?;
    Some(&object[..list.prefix.len() + at + delimiter.len()])
}
