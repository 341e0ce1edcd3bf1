//! CORS rules: the cross-origin requests that browsers may let through.

use minicbor::{Decode, Encode};

/// CORS rule: the requests that pages of some origins may send.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CorsRule {
    /// Name of the rule, if it has one.
    #[n(0)]
    pub id: Option<String>,
    /// Origins, each with at most one `*`, which matches anything.
    #[n(1)]
    pub origins: Vec<String>,
    /// Allowed methods.
    #[n(2)]
    pub methods: Vec<CorsMethod>,
    /// Headers that a preflight may request, each with at most one `*`.
    #[cbor(n(3), skip_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    /// Response headers that the page may read.
    #[cbor(n(4), skip_if = "Vec::is_empty")]
    pub expose: Vec<String>,
    /// Seconds for which the browser may cache the response to a preflight.
    #[n(5)]
    pub max_age: Option<u32>,
}

/// HTTP method that a rule can allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum CorsMethod {
    #[n(0)]
    Get,
    #[n(1)]
    Put,
    #[n(2)]
    Post,
    #[n(3)]
    Delete,
    #[n(4)]
    Head,
}

impl CorsMethod {
    /// All methods that a rule can allow.
    pub const ALL: [Self; 5] = [Self::Get, Self::Put, Self::Post, Self::Delete, Self::Head];

    /// Returns the method's name in HTTP.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Head => "HEAD",
        }
    }

    /// Returns the method with this name in HTTP.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}
