//! Walking rows of keys in order, for listings. What a delimiter rolls up is skipped by seeking, and not opened but for
//! the first row of each common prefix: the cost follows the answer.

use crate::engine::Engine;
use crate::model::error::Result;
use crate::process::buckets_in_use::Bucket;
use crate::rows::key;
use crate::rows::record::Record;
use bytes::Bytes;

/// Rows read at a time: few at first, as most of what lies behind the first key of a common prefix is passed over.
const FIRST_BATCH: usize = 4;
/// Most rows read at a time.
const MOST_BATCH: usize = 1000;

/// Which keys to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only keys that begin with this.
    pub prefix: String,
    /// Keys that hold this behind the prefix are rolled up into common prefixes that end with it.
    pub delimiter: Option<String>,
}

impl Scope {
    /// The common prefix that a key is rolled up into.
    pub(crate) fn common_prefix<'a>(&self, object: &'a str) -> Option<&'a str> {
        let delimiter = self
            .delimiter
            .as_deref()
            .filter(|delimiter| !delimiter.is_empty())?;
        let rest = object.strip_prefix(self.prefix.as_str())?;
        let at = rest.find(delimiter)?;
        Some(&object[..self.prefix.len() + at + delimiter.len()])
    }

    /// The first row that begins with `word` and can be part of a listing of what comes after the key `after`.
    pub(crate) fn start(&self, word: &[u8], after: &str) -> Bytes {
        let first = key::of_key(word, &self.prefix);
        if after.is_empty() {
            return first;
        }
        // After a common prefix, or a key in it, come the keys behind it: it does not come after itself.
        let next = match self.common_prefix(after) {
            Some(prefix) => key::after_prefix(&key::of_key(word, prefix)),
            None => key::after_key(word, after),
        };
        next.max(first)
    }
}

/// A page of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// In byte order of their keys.
    pub entries: Vec<Entry<T>>,
    /// There are more after the last one.
    pub truncated: bool,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            truncated: false,
        }
    }
}

/// One line of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry<T> {
    /// What is listed.
    Item(T),
    /// A common prefix, the delimiter included.
    Prefix(String),
}

/// A row on the way: its key, the id behind that, and its record.
pub(crate) struct Step<R> {
    pub(crate) object: String,
    pub(crate) id: Option<[u8; 16]>,
    pub(crate) record: R,
}

impl Engine {
    /// Lists rows that begin with `word`, from the row `from` on, `limit` entries at most. `make` makes an item of each
    /// that is not rolled up.
    pub(crate) async fn walk<R: Record, T>(
        &self,
        bucket: &Bucket,
        word: &'static [u8],
        scope: &Scope,
        mut from: Bytes,
        limit: usize,
        mut make: impl FnMut(Step<R>) -> T,
    ) -> Result<Page<T>> {
        let prefix_row = key::of_key(word, &scope.prefix);
        let mut page = Page::default();
        let mut batch = FIRST_BATCH;
        'pages: loop {
            // One more than can be used tells whether there are more.
            let wanted = (limit - page.entries.len()).saturating_add(1).min(batch);
            let rows = self
                .rows
                .scan_sealed(bucket.id, &prefix_row, from.clone(), wanted)
                .await?;
            let exhausted = rows.len() < wanted;
            let mut rolled_up = false;
            for row in rows {
                rolled_up = row.key < from;
                if rolled_up {
                    continue;
                }
                let Some((object, id)) = key::object_key(&row.key, word) else {
                    from = key::after(&row.key);
                    continue;
                };
                if page.entries.len() == limit {
                    page.truncated = true;
                    break 'pages;
                }
                let record = self.rows.open(bucket.id, &row.key, &row.value)?;
                if let Some(prefix) = scope.common_prefix(&object) {
                    from = key::after_prefix(&key::of_key(word, prefix));
                    rolled_up = true;
                    page.entries.push(Entry::Prefix(prefix.to_owned()));
                } else {
                    from = key::after(&row.key);
                    page.entries.push(Entry::Item(make(Step { object, id, record })));
                }
            }
            if exhausted {
                break;
            }
            // Where the last row belongs to a common prefix, there may be any number of the like behind it: the next
            // look goes past them all. It need not be long to find where that is.
            batch = if rolled_up {
                FIRST_BATCH
            } else {
                (batch * 4).min(MOST_BATCH)
            };
        }
        Ok(page)
    }
}
