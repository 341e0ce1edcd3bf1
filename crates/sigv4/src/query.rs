//! Query parameters of a request.

use http::Uri;
use percent_encoding::percent_decode_str;

/// Query parameters: names and values, decoded, and the query as sent.
pub struct Query {
    pairs: Vec<(String, String)>,
    sent: String,
}

impl Query {
    /// Reads the query of an address. A `+` is a space.
    pub fn read(uri: &Uri) -> Self {
        let query = uri.query().unwrap_or_default();
        let decode = |text: &str| {
            percent_decode_str(&text.replace('+', " "))
                .decode_utf8_lossy()
                .into_owned()
        };
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Self {
            pairs: pairs.map(|(name, value)| (decode(name), decode(value))).collect(),
            sent: query.to_owned(),
        }
    }

    /// Returns all names and values, in the order in which they were sent.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// Returns the first value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns whether the query has a name.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Returns whether the query has this name without percent-encoding.
    pub fn is_literal(&self, name: &str) -> bool {
        self.sent
            .split('&')
            .any(|pair| pair.split('=').next() == Some(name))
    }
}
