//! Which requests of pages of other origins browsers may let through.

use minicbor::{Decode, Encode};

/// A rule: what pages of some origins may ask.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CorsRule {
    /// The rule's name, if it has one.
    #[n(0)]
    pub id: Option<String>,
    /// Origins, each with one `*` at most, which stands for anything.
    #[n(1)]
    pub origins: Vec<String>,
    /// Methods.
    #[n(2)]
    pub methods: Vec<CorsMethod>,
    /// Headers that a preflight may ask for, each with one `*` at most.
    #[cbor(n(3), skip_if = "Vec::is_empty")]
    pub headers: Vec<String>,
    /// Headers of the answer that the page may see.
    #[cbor(n(4), skip_if = "Vec::is_empty")]
    pub expose: Vec<String>,
    /// Seconds for which the browser may keep the answer to a preflight.
    #[n(5)]
    pub max_age: Option<u32>,
}

/// A method that a rule can allow.
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
    /// All that there are.
    pub const ALL: [Self; 5] = [Self::Get, Self::Put, Self::Post, Self::Delete, Self::Head];

    /// As HTTP writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Head => "HEAD",
        }
    }

    /// The method of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}
