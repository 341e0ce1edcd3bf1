//! Condition keys of a request, and their values.

use crate::policy::key;
use crate::policy::principal::{Principal, last_part};
use std::borrow::Cow;

/// The condition context of one request: values by condition key.
///
/// Keys are case-insensitive, values are not. A key added several times has several values; a key never added is
/// absent, which conditions can test too (see the operator `Null`).
#[derive(Clone, Debug, Default)]
pub struct Conditions<'a> {
    entries: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Conditions<'a> {
    /// Creates an empty context.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a context with the keys of the principal: `aws:PrincipalType`, `aws:PrincipalAccount`,
    /// `aws:PrincipalArn`, `aws:PrincipalIsAWSService`, `aws:username`, `aws:userid`, `aws:FederatedProvider`, as far as
    /// the principal has them. Its tags are added by the caller.
    ///
    /// (IAM User Guide, "AWS global condition context keys", "Principal key values".)
    pub fn of(principal: &Principal<'a>) -> Self {
        let mut conditions = Self::new();
        if let Some(account) = principal.account() {
            conditions.add(key::PRINCIPAL_ACCOUNT, account.id);
            conditions.add(key::PRINCIPAL_IS_AWS_SERVICE, "false");
        }
        match *principal {
            Principal::Anonymous => {
                conditions.add(key::PRINCIPAL_TYPE, "Anonymous");
                conditions.add(key::PRINCIPAL_ACCOUNT, "anonymous");
            }
            Principal::Account(account) => {
                conditions.add(key::PRINCIPAL_TYPE, "Account");
                conditions.add(key::PRINCIPAL_ARN, account.arn());
                conditions.add(key::USERID, account.id);
            }
            Principal::User(user) => {
                conditions.add(key::PRINCIPAL_TYPE, "User");
                conditions.add(key::PRINCIPAL_ARN, user.arn());
                conditions.add(key::USERNAME, last_part(user.name));
                conditions.add(key::USERID, user.id);
            }
            Principal::Session(session) => {
                conditions.add(key::PRINCIPAL_TYPE, "AssumedRole");
                // The role's, not the session's.
                conditions.add(key::PRINCIPAL_ARN, session.role_arn());
                conditions.add(key::USERID, [session.role_id, ":", session.session].concat());
                if let Some(provider) = session.provider {
                    conditions.add(key::FEDERATED_PROVIDER, provider);
                }
            }
            Principal::WebIdentity(provider) => {
                conditions.add(key::FEDERATED_PROVIDER, provider);
            }
            Principal::Service(service) => {
                conditions.add(key::PRINCIPAL_IS_AWS_SERVICE, "true");
                conditions.add(key::PRINCIPAL_SERVICE_NAME, service);
            }
        }
        conditions
    }

    /// Adds a value of a key.
    pub fn add(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> &mut Self {
        self.entries.push((key.into(), value.into()));
        self
    }

    /// Returns whether a key has a value.
    pub fn has(&self, key: &str) -> bool {
        self.values(key).next().is_some()
    }

    /// Returns the values of a key.
    pub(super) fn values(&self, key: &str) -> impl Iterator<Item = &str> {
        self.entries
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(key))
            .map(|(_, value)| value.as_ref())
    }

    /// Returns the only value of a key; `None` if it has none or several, as a variable cannot stand for several.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        let mut values = self.values(key);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }
}
