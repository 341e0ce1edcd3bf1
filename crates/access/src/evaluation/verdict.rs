//! Verdicts and their reasons.

use crate::evaluation::layers::{Layer, Missing};
use crate::policy::StatementName;
use std::fmt;
use std::sync::Arc;

/// The verdict of all policies on a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// True if the request is allowed.
    pub allowed: bool,
    /// The reason.
    pub reason: Reason,
}

/// The reason of a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Allowed by these statements: one for each layer whose Allow was needed.
    Allowed(Vec<Decisive>),
    /// Allowed by an access control list, and by these statements of the caller's policies.
    Granted(Vec<Decisive>),
    /// Allowed because the caller is the root user of the account that owns the resource, and nothing denies it.
    Root,
    /// Denied by this statement.
    Denied(Decisive),
    /// Not allowed: no statement of this layer allows it.
    NotAllowed(Layer),
    /// Not allowed: the resource belongs to another account, whose policy of the resource does not allow it.
    NotAllowedByOwner,
}

/// A statement that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decisive {
    /// Layer of the policy.
    pub layer: Layer,
    /// Name of the policy: see [`NamedPolicy`](crate::evaluation::NamedPolicy).
    pub policy: Arc<str>,
    /// The statement.
    pub statement: StatementName,
}

impl Verdict {
    /// Creates the verdict that follows from statements of all layers whose Allow was needed, or from these and an access
    /// control list. Only a root user needs none.
    pub(super) fn allowed(by: Vec<Decisive>, is_granted: bool) -> Self {
        let reason = if is_granted {
            Reason::Granted(by)
        } else if by.is_empty() {
            Reason::Root
        } else {
            Reason::Allowed(by)
        };
        Self {
            allowed: true,
            reason,
        }
    }

    pub(super) fn denied(by: Decisive) -> Self {
        Self {
            allowed: false,
            reason: Reason::Denied(by),
        }
    }

    pub(super) fn not_allowed(missing: Missing) -> Self {
        Self {
            allowed: false,
            reason: match missing {
                Missing::Layer(layer) => Reason::NotAllowed(layer),
                Missing::OtherAccount => Reason::NotAllowedByOwner,
            },
        }
    }

    /// Returns the end of AWS's message to a caller that is refused an action, such as `because no identity-based policy
    /// allows the s3:GetObject action`; `None` if the request is allowed.
    ///
    /// (IAM User Guide, "Troubleshoot access denied error messages".)
    pub fn refusal(&self, action: &str) -> Option<String> {
        let without = |layer: Layer| format!("because no {layer} allows the {action} action");
        match &self.reason {
            Reason::Allowed(_) | Reason::Granted(_) | Reason::Root => None,
            Reason::Denied(by) => {
                let article = if by.layer == Layer::Identity { "an" } else { "a" };
                Some(format!("with an explicit deny in {article} {}", by.layer))
            }
            Reason::NotAllowed(layer) => Some(without(*layer)),
            Reason::NotAllowedByOwner => Some(without(Layer::Resource)),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.allowed { "allowed" } else { "denied" };
        write!(f, "{verdict}: {}", self.reason)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allowed(by) => write_all(f, "", by),
            Self::Granted(by) => write_all(f, "access control list", by),
            Self::Root => f.write_str("root user of the account"),
            Self::Denied(by) => by.fmt(f),
            Self::NotAllowed(layer) => write!(f, "no {layer} allows it"),
            Self::NotAllowedByOwner => f.write_str("no resource-based policy of the other account allows it"),
        }
    }
}

/// Writes items, separated by commas.
fn write_all(f: &mut fmt::Formatter<'_>, first: &str, others: &[Decisive]) -> fmt::Result {
    f.write_str(first)?;
    for (at, decisive) in others.iter().enumerate() {
        let comma = if at == 0 && first.is_empty() { "" } else { ", " };
        write!(f, "{comma}{decisive}")?;
    }
    Ok(())
}

impl fmt::Display for Decisive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} ({})", self.statement, self.policy, self.layer)
    }
}
