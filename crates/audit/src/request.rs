//! Audit events for requests on data and settings, and for what the server removes by itself.

use std::fmt;

use strongroom_seal::Mode;

use crate::actor::Actor;

/// Category of a request, by which the operator selects what is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// Requests that change nothing.
    Reads,
    /// Changes of objects and uploads.
    Writes,
    /// Changes of buckets and their settings.
    Settings,
}

impl Category {
    /// All categories.
    pub const ALL: [Self; 3] = [Self::Reads, Self::Writes, Self::Settings];

    /// Returns the name, as written in the audit log and in the settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Writes => "writes",
            Self::Settings => "settings",
        }
    }
}

/// Set of categories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Categories {
    bits: u8,
}

impl Categories {
    /// Returns whether a category is in the set.
    pub fn contain(self, category: Category) -> bool {
        self.bits & bit(category) != 0
    }
}

impl FromIterator<Category> for Categories {
    fn from_iter<I: IntoIterator<Item = Category>>(categories: I) -> Self {
        Self {
            bits: categories
                .into_iter()
                .fold(0, |bits, category| bits | bit(category)),
        }
    }
}

/// Writes the names, separated by commas, or `none`.
impl fmt::Display for Categories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Category::ALL
            .into_iter()
            .filter(|category| self.contain(*category));
        let names: Vec<_> = names.map(Category::name).collect();
        f.write_str(
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(",")
            }
            .as_str(),
        )
    }
}

fn bit(category: Category) -> u8 {
    1 << category as u8
}

/// One request on data or settings, with its outcome; or one removal by the server itself.
#[derive(Clone, Debug)]
pub struct RequestEvent<'a> {
    /// Actor that requested it. `None`: the server itself.
    pub actor: Option<&'a Actor>,
    /// Operation, if there is no actor.
    pub operation: &'a str,
    /// Category of the operation.
    pub category: Category,
    /// Id of the caller's account. Empty: the request was not signed.
    pub account: &'a str,
    /// ARN of the caller. Empty: the request was not signed.
    pub principal: &'a str,
    /// Name of the bucket.
    pub bucket: &'a str,
    /// Object key. Empty: the request was about the bucket.
    pub object: &'a str,
    /// Version as named by clients: the one that was written, or else the one that was requested.
    pub version: Option<&'a str>,
    /// Encryption mode of the object.
    pub mode: Option<Mode>,
    /// Id of the KMS key.
    pub key_id: Option<&'a str>,
    /// Status of the response. `None`: there was none, or the object is one of several in the request.
    pub status: Option<u16>,
    /// `ok`, the code of the error, or `cut off` if no response was sent.
    pub result: &'a str,
    /// Transfer and duration of the request. `None`: the object is one of several in the request.
    pub transfer: Option<Transfer>,
}

/// Transfer and duration of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Bytes of the request's body, as received.
    pub received: u64,
    /// Bytes of the response's body, as sent.
    pub sent: u64,
    /// Time from the head of the request to the end of the response, in microseconds.
    pub micros: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_are_a_set() {
        let set = Categories::from_iter([Category::Settings, Category::Reads]);
        assert!(set.contain(Category::Reads) && set.contain(Category::Settings));
        assert!(!set.contain(Category::Writes));
        assert_eq!(set.to_string(), "reads,settings");
        assert_eq!(Categories::default().to_string(), "none");
    }
}
