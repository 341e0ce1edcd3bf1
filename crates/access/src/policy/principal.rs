//! Principals of requests.

use std::borrow::Cow;

/// Principal of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Principal<'a> {
    /// A request without a signature.
    Anonymous,
    /// The root user of an account.
    Account(Account<'a>),
    /// A user of an account.
    User(User<'a>),
    /// A session of a role.
    Session(RoleSession<'a>),
    /// Somebody whom an identity provider of the role's account vouches for: the ARN of the provider. Calls
    /// `sts:AssumeRoleWithWebIdentity` only; the session is a [`Principal::Session`].
    WebIdentity(&'a str),
    /// A service, such as `logging.s3.amazonaws.com`.
    Service(&'a str),
}

/// An account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account<'a> {
    /// Twelve digits, such as [`ROOT_ACCOUNT`](crate::ROOT_ACCOUNT).
    pub id: &'a str,
    /// 64 hex digits in lower case, such as [`ROOT_CANONICAL_ID`](crate::ROOT_CANONICAL_ID).
    pub canonical_id: &'a str,
}

/// A user of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User<'a> {
    /// The account.
    pub account: Account<'a>,
    /// Text after `user/` in the user's ARN: its path, if any, and its name.
    pub name: &'a str,
    /// Unique id, such as `AIDAQ3EGPZBA7PQ5ZBQ3A`.
    pub id: &'a str,
}

/// A session of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleSession<'a> {
    /// The account of the role.
    pub account: Account<'a>,
    /// Text after `role/` in the role's ARN: its path, if any, and its name.
    pub role: &'a str,
    /// Unique id of the role, such as `AROAQ3EGPZBA7PQ5ZBQ3A`.
    pub role_id: &'a str,
    /// Name of the session.
    pub session: &'a str,
    /// ARN of the identity provider that vouched for the owner of the session. `None`: the role was assumed otherwise.
    pub provider: Option<&'a str>,
}

impl Account<'_> {
    /// Returns the ARN of the account.
    pub fn arn(&self) -> String {
        ["arn:aws:iam::", self.id, ":root"].concat()
    }
}

impl User<'_> {
    /// Returns the ARN of the user.
    pub fn arn(&self) -> String {
        ["arn:aws:iam::", self.account.id, ":user/", self.name].concat()
    }
}

impl RoleSession<'_> {
    /// Returns the ARN of the session.
    pub fn arn(&self) -> String {
        let role = last_part(self.role);
        [
            "arn:aws:sts::",
            self.account.id,
            ":assumed-role/",
            role,
            "/",
            self.session,
        ]
        .concat()
    }

    /// Returns the ARN of the role.
    pub fn role_arn(&self) -> String {
        ["arn:aws:iam::", self.account.id, ":role/", self.role].concat()
    }
}

impl<'a> Principal<'a> {
    /// Returns the account of the principal; `None` for those outside of all accounts.
    pub fn account(&self) -> Option<Account<'a>> {
        match self {
            Self::Account(account) => Some(*account),
            Self::User(user) => Some(user.account),
            Self::Session(session) => Some(session.account),
            Self::Anonymous | Self::WebIdentity(_) | Self::Service(_) => None,
        }
    }

    /// Returns the ARN of the principal, or the name of the service; `None` for anonymous requests.
    pub fn arn(&self) -> Option<Cow<'a, str>> {
        match *self {
            Self::Anonymous => None,
            Self::Account(account) => Some(account.arn().into()),
            Self::User(user) => Some(user.arn().into()),
            Self::Session(session) => Some(session.arn().into()),
            Self::WebIdentity(name) | Self::Service(name) => Some(name.into()),
        }
    }
}

/// Returns the name without its path.
pub(super) fn last_part(path_and_name: &str) -> &str {
    path_and_name
        .rsplit_once('/')
        .map_or(path_and_name, |(_, name)| name)
}
