//! Walks rows of keys in order, for listings. Rows that a delimiter groups are skipped by seeking; only the first row
//! of each common prefix is opened. The cost is proportional to the response.

use crate::engine::Engine;
use crate::model::error::Result;
use crate::process::buckets_in_use::Bucket;
use crate::rows::key;
use bytes::Bytes;
use strongroom_rows::Record;
use strongroom_rows::key as row_key;

/// Rows read at a time: few at first, as most rows after the first key of a common prefix are skipped.
const FIRST_BATCH: usize = 4;
/// Maximum number of rows read at a time.
const MAX_BATCH: usize = 1000;

/// Keys to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only keys with this prefix.
    pub prefix: String,
    /// Keys that contain this after the prefix are grouped into common prefixes that end with it.
    pub delimiter: Option<String>,
}

impl Scope {
    /// Returns the common prefix that a key is grouped into.
    pub(crate) fn common_prefix<'a>(&self, object: &'a str) -> Option<&'a str> {
        let delimiter = self
            .delimiter
            .as_deref()
            .filter(|delimiter| !delimiter.is_empty())?;
        let rest = object.strip_prefix(self.prefix.as_str())?;
        let at = rest.find(delimiter)?;
        Some(&object[..self.prefix.len() + at + delimiter.len()])
    }

    /// Returns the first row that begins with `word` and can belong to a listing after the key `after`.
    pub(crate) fn start(&self, word: &[u8], after: &str) -> Bytes {
        let first = key::of_key(word, &self.prefix);
        if after.is_empty() {
            return first;
        }
        // A listing after a common prefix, or after a key in it, continues behind all its keys: the prefix was listed
        // already.
        let next = match self.common_prefix(after) {
            Some(prefix) => row_key::after_prefix(&key::of_key(word, prefix)),
            None => key::after_key(word, after),
        };
        next.max(first)
    }
}

/// Page of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// Entries in byte order of their keys.
    pub entries: Vec<Entry<T>>,
    /// True if there are more entries after the last one.
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

/// Entry of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry<T> {
    /// Listed item.
    Item(T),
    /// Common prefix, including the delimiter.
    Prefix(String),
}

/// Row of a walk: its object key, the id after that, and its record.
pub(crate) struct Step<R> {
    pub(crate) object: String,
    pub(crate) id: Option<[u8; 16]>,
    pub(crate) record: R,
}

impl Engine {
    /// Lists rows that begin with `word`, from the row `from` on, at most `limit` entries. `make` creates the item for
    /// each row that is not grouped.
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
            // Reads one row more than needed, to know whether there are more.
            let wanted = (limit - page.entries.len()).saturating_add(1).min(batch);
            let rows = bucket.rows.scan_sealed(&prefix_row, from.clone(), wanted).await?;
            let exhausted = rows.len() < wanted;
            let mut rolled_up = false;
            // Turn rows into entries, skipping those of the common prefix listed last.
            for row in rows {
                rolled_up = row.key < from;
                if rolled_up {
                    continue;
                }
                let Some((object, id)) = key::object_key(&row.key, word) else {
                    from = row_key::after(&row.key);
                    continue;
                };
                if page.entries.len() == limit {
                    page.truncated = true;
                    break 'pages;
                }
                let record = bucket.rows.open(&row.key, &row.value)?;
                if let Some(prefix) = scope.common_prefix(&object) {
                    from = row_key::after_prefix(&key::of_key(word, prefix));
                    rolled_up = true;
                    page.entries.push(Entry::Prefix(prefix.to_owned()));
                } else {
                    from = row_key::after(&row.key);
                    page.entries.push(Entry::Item(make(Step { object, id, record })));
                }
            }
            if exhausted {
                break;
            }
            // If the last row belongs to a common prefix, any number of its rows may follow, and the next scan starts
            // behind them all. A small batch suffices to get there.
            batch = if rolled_up {
                FIRST_BATCH
            } else {
                (batch * 4).min(MAX_BATCH)
            };
        }
        Ok(page)
    }
}
