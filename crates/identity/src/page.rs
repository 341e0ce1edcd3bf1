//! Pages of listings.

/// Page of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// Entries, in the order of their names without case.
    pub entries: Vec<T>,
    /// Marker to continue after. `None`: there are no more entries.
    pub next: Option<String>,
}

/// Part of a listing that is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part<'a> {
    /// Only entities whose path begins with this. Empty: all.
    pub path_prefix: &'a str,
    /// Marker of the page before. Empty: from the beginning.
    pub after: &'a str,
    /// Maximum number of entries; 0 counts as 1.
    pub limit: usize,
}

impl<T> Page<T> {
    /// Returns the page of a list in memory that is sorted by `marker`.
    pub(crate) fn of(
        entries: impl IntoIterator<Item = T>,
        part: Part<'_>,
        marker: impl Fn(&T) -> String,
    ) -> Self {
        let limit = part.limit.max(1);
        let mut entries = entries
            .into_iter()
            .filter(|entry| part.after.is_empty() || marker(entry).as_str() > part.after);
        let page: Vec<T> = entries.by_ref().take(limit).collect();
        let next = match entries.next() {
            Some(_) => page.last().map(marker),
            None => None,
        };
        Self { entries: page, next }
    }
}
