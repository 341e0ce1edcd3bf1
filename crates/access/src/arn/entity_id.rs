//! Unique ids of entities.

use crate::arn::error::InvalidIdentifier;
use std::fmt;
use std::str;

/// Letters of a unique id after its prefix: those of base 32 (RFC 4648).
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Length of a unique id: a prefix of 4 letters and 17 random ones.
const LEN: usize = 21;

/// Kind of an entity of IAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityKind {
    /// A user.
    User,
    /// A role.
    Role,
    /// A group.
    Group,
    /// A managed policy.
    Policy,
}

impl EntityKind {
    const ALL: [Self; 4] = [Self::User, Self::Role, Self::Group, Self::Policy];

    /// Returns the prefix of the unique ids of this kind. (IAM User Guide, "IAM identifiers", "Understanding unique ID
    /// prefixes".)
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::User => "AIDA",
            Self::Role => "AROA",
            Self::Group => "AGPA",
            Self::Policy => "ANPA",
        }
    }
}

/// Unique id of a user, role, group or managed policy. Never given again, unlike names: policies that name a deleted
/// user must not apply to a new one of the same name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId {
    kind: EntityKind,
    text: [u8; LEN],
}

impl EntityId {
    /// Parses a unique id.
    ///
    /// # Errors
    /// [`InvalidIdentifier::EntityId`], also for the ids of access keys.
    pub fn parse(text: &str) -> Result<Self, InvalidIdentifier> {
        let kind = EntityKind::ALL
            .into_iter()
            .find(|kind| text.starts_with(kind.prefix()));
        match (kind, <[u8; LEN]>::try_from(text.as_bytes())) {
            (Some(kind), Ok(bytes))
                if bytes
                    .iter()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) =>
            {
                Ok(Self { kind, text: bytes })
            }
            _ => Err(InvalidIdentifier::EntityId(text.to_owned())),
        }
    }

    /// Creates a unique id from 17 random bytes: 85 bits, so no two ids are ever the same.
    pub fn from_random(kind: EntityKind, random: &[u8; 17]) -> Self {
        let letter = |byte: &u8| {
            LETTERS
                .get(usize::from(*byte) % LETTERS.len())
                .copied()
                .unwrap_or(b'A')
        };
        let mut text = [b'A'; LEN];
        let letters = kind.prefix().bytes().chain(random.iter().map(letter));
        for (place, letter) in text.iter_mut().zip(letters) {
            *place = letter;
        }
        Self { kind, text }
    }

    /// Returns the kind of the entity.
    pub fn kind(&self) -> EntityKind {
        self.kind
    }

    /// Returns the text of the id.
    pub fn as_str(&self) -> &str {
        // All bytes are ASCII letters and digits, so the fallback is never taken.
        str::from_utf8(&self.text).unwrap_or_default()
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
