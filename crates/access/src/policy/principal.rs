//! Principals of requests and of statements.

use crate::policy::effect::Effect;
use crate::policy::error::Fault;
use crate::policy::json::Json;

/// Principal of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Principal<'a> {
    /// A request without a signature.
    Anonymous,
    /// An account, or a user of it.
    Account(Account<'a>),
}

/// An account, or a user of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account<'a> {
    /// Twelve digits, such as [`ROOT_ACCOUNT`](crate::ROOT_ACCOUNT).
    pub id: &'a str,
    /// 64 hex digits, such as [`ROOT_CANONICAL_ID`](crate::ROOT_CANONICAL_ID).
    pub canonical_id: &'a str,
    /// Text after `user/` in the user's ARN: its path, if any, and its name. `None`: the account itself.
    pub user: Option<&'a str>,
}

impl Account<'_> {
    /// Returns the ARN of the account or the user.
    pub fn arn(&self) -> String {
        match self.user {
            None => ["arn:aws:iam::", self.id, ":root"].concat(),
            Some(user) => ["arn:aws:iam::", self.id, ":user/", user].concat(),
        }
    }
}

/// Relation of a statement to a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The statement names the principal, or everybody.
    Direct,
    /// The statement names the account of the requesting user.
    Account,
}

/// The element `Principal` or `NotPrincipal`.
#[derive(Clone, Debug, Default)]
pub(super) struct Principals {
    /// `NotPrincipal`: all except these.
    except: bool,
    /// `*`
    pub(super) everybody: bool,
    /// A federated principal: nobody here, but the public to AWS.
    pub(super) federated: bool,
    /// Account ids and canonical ids.
    accounts: Vec<String>,
    /// Account ids and users.
    users: Vec<(String, String)>,
}

/// Description of the valid shape of a principal element.
const SHAPE: &str =
    "\"*\", or an object of AWS, CanonicalUser, Service or Federated, each with a text or an array of texts";

impl Principals {
    /// Parses the element. (IAM User Guide, "AWS JSON policy elements: Principal"; `CanonicalUser` exists in S3 only.)
    pub(super) fn parse(element: &Json, except: bool, effect: Effect) -> Result<Self, Fault> {
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
                    .add(kind, id)
                    .ok_or_else(|| Fault::Principal(format!("{kind} {id}")))?;
            }
        }
        Ok(principals)
    }

    /// Adds one principal; `None` if it is not valid.
    fn add(&mut self, kind: &str, id: &str) -> Option<()> {
        match kind {
            "AWS" if id == "*" => self.everybody = true,
            "AWS" if is_account(id) => self.accounts.push(id.to_owned()),
            "AWS" => self.add_arn(id)?,
            "CanonicalUser" if id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit()) => {
                self.accounts.push(id.to_ascii_lowercase());
            }
            // Services do not make requests here, so they may be named without effect.
            "Service" if id.contains('.') && is_plain(id) => {}
            "Federated" if is_plain(id) => self.federated = true,
            _ => return None,
        }
        Some(())
    }

    fn add_arn(&mut self, arn: &str) -> Option<()> {
        let (service, rest) = arn.strip_prefix("arn:aws:")?.split_once("::")?;
        let (account, name) = rest.split_once(':')?;
        if !is_account(account) || !is_plain(name) {
            return None;
        }
        match (service, name.split_once('/')) {
            ("iam", None) if name == "root" => self.accounts.push(account.to_owned()),
            ("iam", Some(("user", user))) if !user.is_empty() => {
                self.users.push((account.to_owned(), user.to_owned()));
            }
            // There are no roles and sessions here, so they may be named without effect.
            ("iam", Some(("role", role))) if !role.is_empty() => {}
            ("sts", Some(("assumed-role" | "federated-user", session))) if !session.is_empty() => {}
            _ => return None,
        }
        Some(())
    }

    /// Returns how the statement relates to the principal; `None` if it does not.
    ///
    /// An account named in `Principal` includes its users. Named in `NotPrincipal` it means only itself: users are
    /// exempt if they are named themselves, as in AWS's example, where account and user are both named and "all
    /// principals except the user named Bob" are denied.
    pub(super) fn reach(&self, principal: &Principal<'_>) -> Option<Reach> {
        let reach = self.reach_named(principal);
        match reach {
            _ if !self.except => reach,
            Some(Reach::Direct) => None,
            Some(Reach::Account) | None => Some(Reach::Direct),
        }
    }

    fn reach_named(&self, principal: &Principal<'_>) -> Option<Reach> {
        if self.everybody {
            return Some(Reach::Direct);
        }
        let Principal::Account(account) = principal else {
            return None;
        };
        let of_account = self
            .accounts
            .iter()
            .any(|id| id == account.id || id == account.canonical_id);
        match account.user {
            None => of_account.then_some(Reach::Direct),
            Some(user)
                if self
                    .users
                    .iter()
                    .any(|(id, name)| id == account.id && name == user) =>
            {
                Some(Reach::Direct)
            }
            Some(_) => of_account.then_some(Reach::Account),
        }
    }
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
