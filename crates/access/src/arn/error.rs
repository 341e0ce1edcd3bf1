//! Errors in identifiers.

use thiserror::Error;

/// A text that is not the identifier that it should be. Contains the text; identifiers are no secrets.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidIdentifier {
    /// The text is no account id.
    #[error("{0} is not an account id: twelve digits")]
    AccountId(String),
    /// The text is no canonical id.
    #[error("{0} is not a canonical id: 64 hex digits")]
    CanonicalId(String),
    /// The text is no unique id.
    #[error("{0} is not a unique id: AIDA, AROA, AGPA or ANPA and 17 letters or digits")]
    EntityId(String),
    /// The text is no path.
    #[error("{0} is not a path: a slash, or printable ASCII between two slashes, at most 512 characters")]
    Path(String),
    /// The text is no name: the text, and the minimum and the maximum number of characters.
    #[error("{0} is not a name: letters, digits and _+=,.@-, {1} to {2} characters")]
    Name(String, usize, usize),
    /// The text is no ARN of an entity.
    #[error("{0} is not the ARN of an account, user, group, role, policy, session or identity provider")]
    Arn(String),
}
