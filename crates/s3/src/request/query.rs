//! Query parameters of a request.

use http::{Request, Uri};
use percent_encoding::percent_decode_str;

/// Query parameters: names and values, decoded, and the query as sent.
pub(crate) struct Query(pub(crate) Vec<(String, String)>, String);

impl Query {
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        Self::read(request.uri())
    }

    pub(crate) fn read(uri: &Uri) -> Self {
        let query = uri.query().unwrap_or_default();
        let decode = |text: &str| {
            percent_decode_str(&text.replace('+', " "))
                .decode_utf8_lossy()
                .into_owned()
        };
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Self(
            pairs.map(|(name, value)| (decode(name), decode(value))).collect(),
            query.to_owned(),
        )
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Returns whether the query has this name without percent-encoding.
    pub(crate) fn is_spelt_out(&self, name: &str) -> bool {
        self.1.split('&').any(|pair| pair.split('=').next() == Some(name))
    }
}
