//! Kinds of policies, and the sizes that they may have.

use crate::policy::error::{Dialect, Fault};

/// Maximum length of a document of IAM in characters, white space included: a limit of its parameter `PolicyDocument`.
const MAX_DOCUMENT: usize = 131_072;

/// Kind of a policy. It decides which elements a policy must and must not have, and how large it may be.
///
/// Limits are from the IAM User Guide, "IAM and AWS STS quotas", and the S3 User Guide, "Bucket policies".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind<'a> {
    /// A managed policy: at most 6,144 characters, white space not counted. Permissions boundaries are managed policies.
    Managed,
    /// An inline policy of a user: at most 2,048 characters, white space not counted.
    ///
    /// The limit holds for all inline policies of one user, role or group together, which the caller must check with
    /// [`Policy::size`](crate::policy::Policy::size).
    InlineOfUser,
    /// An inline policy of a group: at most 5,120 characters, white space not counted.
    InlineOfGroup,
    /// An inline policy of a role: at most 10,240 characters, white space not counted.
    InlineOfRole,
    /// A policy that limits a session: at most 2,048 characters.
    Session,
    /// The trust policy of a role: at most 2,048 characters, white space not counted.
    Trust,
    /// The policy of the bucket with this name: at most 20 KiB.
    Bucket(&'a str),
}

impl PolicyKind<'_> {
    /// Returns the maximum size: bytes for buckets, characters for sessions, else characters without white space.
    pub const fn max_size(self) -> usize {
        match self {
            Self::Managed => 6_144,
            Self::InlineOfUser | Self::Session | Self::Trust => 2_048,
            Self::InlineOfGroup => 5_120,
            Self::InlineOfRole => 10_240,
            Self::Bucket(_) => 20 * 1024,
        }
    }

    /// Returns the size of a text, in the unit of the limit.
    pub(super) fn size_of(self, text: &str) -> usize {
        match self {
            Self::Bucket(_) => text.len(),
            Self::Session => text.chars().count(),
            _ => text.chars().filter(|char| !char.is_whitespace()).count(),
        }
    }

    pub(super) fn check_size(self, text: &str) -> Result<(), Fault> {
        let (size, max) = (self.size_of(text), self.max_size());
        if size > max {
            return Err(match self {
                Self::Bucket(_) => Fault::TooLong(size),
                _ => Fault::Quota { size, max },
            });
        }
        let (size, max) = (text.chars().count(), MAX_DOCUMENT);
        if size > max {
            return Err(Fault::Quota { size, max });
        }
        Ok(())
    }

    pub(super) fn dialect(self) -> Dialect {
        match self {
            Self::Bucket(_) => Dialect::S3,
            Self::Trust => Dialect::Trust,
            Self::Session => Dialect::Session,
            Self::Managed => Dialect::Managed,
            Self::InlineOfUser | Self::InlineOfGroup | Self::InlineOfRole => Dialect::Inline,
        }
    }
}
