//! Messages of IAM and STS, where they differ from those of S3.

use crate::policy::error::{Dialect, Fault};

const SYNTAX: &str = "Syntax errors in policy.";

impl Fault {
    /// Returns the message of IAM or STS; `None` if it is the one that the fault displays.
    pub(super) fn message_of_iam(&self, dialect: Dialect) -> Option<String> {
        let message = match (self, dialect) {
            (_, Dialect::S3) | (Self::Missing(_), Dialect::Trust) => return None,
            (Self::Quota { max, .. }, Dialect::Trust) => {
                format!("Cannot exceed quota for ACLSizePerRole: {max}")
            }
            (Self::Quota { max, .. }, Dialect::Inline) => {
                format!("Maximum policy size of {max} bytes exceeded")
            }
            (Self::Quota { max, .. }, Dialect::Session) => {
                format!("The session policy must have length less than or equal to {max}")
            }
            (Self::Principal(principal), _) => {
                let (kind, id) = principal.split_once(' ').unwrap_or(("AWS", principal));
                format!("Invalid principal in policy: \"{kind}\":\"{id}\"")
            }
            (Self::FirstByte | Self::Json(_), Dialect::Trust) => {
                "This policy contains invalid Json".to_owned()
            }
            (Self::UnknownField(field, _), Dialect::Trust) => format!("Has prohibited field {field}"),
            (Self::Prohibited("Principal"), _) => {
                "Policy document should not specify a principal.".to_owned()
            }
            (Self::Missing("Action") | Self::Empty("Action"), _) => {
                "Policy statement must contain actions.".to_owned()
            }
            (Self::Missing("Resource") | Self::Empty("Resource"), _) => {
                "Policy statement must contain resources.".to_owned()
            }
            (
                Self::FirstByte
                | Self::Json(_)
                | Self::Shape(..)
                | Self::UnknownField(..)
                | Self::Missing(_)
                | Self::Empty(_)
                | Self::NoStatements
                | Self::Both(_)
                | Self::Effect(_),
                _,
            ) => SYNTAX.to_owned(),
            _ => return None,
        };
        Some(message)
    }
}
