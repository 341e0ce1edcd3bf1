//! The element `Principal`.

use crate::arn::{EntityId, EntityKind};
use crate::policy::effect::Effect;
use crate::policy::error::{Dialect, Fault};
use crate::policy::json::Json;
use crate::policy::principal::{Account, Principal, last_part};

/// Relation of a statement to a principal. Ordered: the more a statement is about this very principal, the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// The statement names the account of the user or session.
    Account,
    /// The statement names the role of the session.
    Role,
    /// The statement names the principal, or everybody.
    Direct,
}

/// The element `Principal` or `NotPrincipal`.
#[derive(Clone, Debug, Default)]
pub(super) struct Principals {
    /// `NotPrincipal`: all except these.
    except: bool,
    /// `*`
    pub(super) everybody: bool,
    /// An identity provider, with which anybody may have an account.
    pub(super) federated: bool,
    named: Vec<Named>,
}

/// A named principal.
#[derive(Clone, Debug)]
enum Named {
    /// An account id or a canonical id.
    Account(String),
    /// The account id, and path and name of the user.
    User(String, String),
    /// The account id, and path and name of the role.
    Role(String, String),
    /// The account id, the name of the role, a slash, and the name of the session.
    Session(String, String),
    /// The unique id of a user or role.
    Id(EntityId),
    /// An identity provider.
    Provider(String),
    Service(String),
}

/// Description of the valid shape of a principal element.
const SHAPE: &str =
    "\"*\", or an object of AWS, CanonicalUser, Service or Federated, each with a text or an array of texts";

impl Principals {
    /// Parses the element. (IAM User Guide, "AWS JSON policy elements: Principal"; `CanonicalUser` exists in S3 only.)
    pub(super) fn parse(
        element: &Json,
        except: bool,
        effect: Effect,
        dialect: Dialect,
    ) -> Result<Self, Fault> {
        let name = if except { "NotPrincipal" } else { "Principal" };
        if except && effect == Effect::Allow {
            return Err(Fault::AllowNotPrincipal);
        }
        let mut principals = Self {
            except,
            ..Self::default()
        };
        let kinds = match element {
            Json::Text(text) if text == "*" => {
                principals.everybody = true;
                return Ok(principals);
            }
            Json::Text(text) => return Err(Fault::Principal(text.clone())),
            Json::Object(kinds) if kinds.is_empty() => return Err(Fault::Empty(name)),
            Json::Object(kinds) => kinds,
            _ => return Err(Fault::Shape(name, SHAPE)),
        };
        for (kind, ids) in kinds {
            let ids = ids.texts().ok_or(Fault::Shape(name, SHAPE))?;
            if ids.is_empty() {
                return Err(Fault::Empty(name));
            }
            for id in ids {
                principals
                    .add(kind, id, dialect)
                    .ok_or_else(|| Fault::Principal(format!("{kind} {id}")))?;
            }
        }
        Ok(principals)
    }

    /// Adds one principal; `None` if it is not valid.
    fn add(&mut self, kind: &str, id: &str, dialect: Dialect) -> Option<()> {
        let named = match kind {
            "AWS" if id == "*" => {
                self.everybody = true;
                return Some(());
            }
            "AWS" if is_account(id) => Named::Account(id.to_owned()),
            "AWS" if let Ok(id) = EntityId::parse(id) => {
                matches!(id.kind(), EntityKind::User | EntityKind::Role).then_some(Named::Id(id))?
            }
            "AWS" => named_by_arn(id)?,
            "CanonicalUser"
                if dialect == Dialect::S3 && id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit()) =>
            {
                Named::Account(id.to_ascii_lowercase())
            }
            "Service" if id.contains('.') && is_plain(id) => Named::Service(id.to_owned()),
            "Federated" if is_plain(id) => {
                self.federated = true;
                Named::Provider(id.to_owned())
            }
            _ => return None,
        };
        self.named.push(named);
        Some(())
    }

    /// Returns how a statement with this effect relates to the principal; `None` if it does not.
    ///
    /// An account named in `Principal` includes its users. Named in `NotPrincipal` it means only itself: users are
    /// exempt if they are named themselves, as in AWS's example, where account and user are both named and "all
    /// principals except the user named Bob" are denied. So it is with roles and their sessions.
    pub(super) fn reach(&self, principal: &Principal<'_>, effect: Effect) -> Option<Reach> {
        let reach = self.reach_named(principal, effect);
        match reach {
            _ if !self.except => reach,
            Some(Reach::Direct) => None,
            Some(Reach::Account | Reach::Role) | None => Some(Reach::Direct),
        }
    }

    fn reach_named(&self, principal: &Principal<'_>, effect: Effect) -> Option<Reach> {
        // A role that any account may assume trusts no identity provider.
        let is_provided = matches!(principal, Principal::WebIdentity(_)) && effect == Effect::Allow;
        if self.everybody && !is_provided {
            return Some(Reach::Direct);
        }
        self.named.iter().filter_map(|named| named.reach(principal)).max()
    }
}

impl Named {
    fn reach(&self, principal: &Principal<'_>) -> Option<Reach> {
        let within = |account: &Account<'_>| match self {
            Self::Account(id) if id == account.id || id == account.canonical_id => Some(Reach::Account),
            _ => None,
        };
        match (principal, self) {
            (Principal::Account(account), _) => within(account).map(|_| Reach::Direct),
            (Principal::User(user), Self::User(account, name)) => {
                (account == user.account.id && name == user.name).then_some(Reach::Direct)
            }
            (Principal::User(user), Self::Id(id)) => (id.as_str() == user.id).then_some(Reach::Direct),
            (Principal::User(user), _) => within(&user.account),
            (Principal::Session(session), Self::Session(account, name)) => {
                let is_same = account == session.account.id
                    && name.split_once('/') == Some((last_part(session.role), session.session));
                is_same.then_some(Reach::Direct)
            }
            (Principal::Session(session), Self::Provider(name)) => {
                (session.provider == Some(name)).then_some(Reach::Direct)
            }
            (Principal::Session(session), Self::Role(account, name)) => {
                (account == session.account.id && name == session.role).then_some(Reach::Role)
            }
            (Principal::Session(session), Self::Id(id)) => {
                (id.as_str() == session.role_id).then_some(Reach::Role)
            }
            (Principal::Session(session), _) => within(&session.account),
            (Principal::WebIdentity(provider), Self::Provider(name)) => {
                (name == provider).then_some(Reach::Direct)
            }
            (Principal::Service(service), Self::Service(name)) => (name == service).then_some(Reach::Direct),
            (Principal::Anonymous | Principal::WebIdentity(_) | Principal::Service(_), _) => None,
        }
    }
}

/// Parses the ARN of an account, user, role or session; `None` if it is not valid.
fn named_by_arn(arn: &str) -> Option<Named> {
    let (service, rest) = arn.strip_prefix("arn:aws:")?.split_once("::")?;
    let (account, name) = rest.split_once(':')?;
    if !is_account(account) || !is_plain(name) {
        return None;
    }
    let account = account.to_owned();
    match (service, name.split_once('/')) {
        ("iam", None) if name == "root" => Some(Named::Account(account)),
        ("iam", Some(("user", user))) if !user.is_empty() => Some(Named::User(account, user.to_owned())),
        ("iam", Some(("role", role))) if !role.is_empty() => Some(Named::Role(account, role.to_owned())),
        ("sts", Some(("assumed-role", session))) if is_session(session) => {
            Some(Named::Session(account, session.to_owned()))
        }
        // There are no sessions of federated users here, so they may be named without effect: this is no role's.
        ("sts", Some(("federated-user", user))) if !user.is_empty() && !user.contains('/') => {
            Some(Named::Session(account, user.to_owned()))
        }
        _ => None,
    }
}

/// Returns whether a text is the name of a role, a slash, and the name of a session.
fn is_session(text: &str) -> bool {
    text.split_once('/')
        .is_some_and(|(role, session)| !role.is_empty() && !session.is_empty() && !session.contains('/'))
}

/// Returns whether a text is an account id: twelve digits.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Returns whether a text is not empty and has no wildcards: "You cannot use a wildcard to match part of a principal
/// name or ARN".
fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.contains(['*', '?'])
}
