//! A request for an action, after its signature was verified.

use crate::caller::Caller;
use crate::error::{ApiError, Result};
use crate::issuer_keys::IssuerKeys;
use crate::parameters::Parameters;
use crate::settings::{Settings, Transport};
use strongroom_access::arn::{AccountId, Name};
use strongroom_identity::Identities;
use strongroom_identity::principal::{Principal, PrincipalKind};
use strongroom_sigv4::xml::Xml;

/// Request for an action.
pub(crate) struct Call<'a> {
    pub(crate) identities: &'a Identities,
    pub(crate) caller: &'a Caller,
    pub(crate) parameters: &'a Parameters,
    pub(crate) context: Context<'a>,
    pub(crate) settings: &'a Settings,
}

/// Request of somebody without an access key, for whom an identity provider vouches.
pub(crate) struct Visit<'a> {
    pub(crate) identities: &'a Identities,
    pub(crate) keys: &'a IssuerKeys,
    pub(crate) parameters: &'a Parameters,
    pub(crate) context: Context<'a>,
    /// Region of the server.
    pub(crate) region: &'a str,
}

/// Person or program for whom an identity provider vouched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visitor {
    /// Account of the provider.
    pub(crate) account: AccountId,
    /// ARN of the provider, client id and subject, with colons between them.
    pub(crate) name: String,
}

/// Circumstances of a request, which policies may test.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) transport: Transport,
    /// Time of the request, in microseconds since 1970.
    pub(crate) now: u64,
    pub(crate) user_agent: Option<&'a str>,
}

/// Successful response of an action.
pub(crate) enum Reply {
    /// The action has no result.
    Empty,
    /// Elements of the result.
    Result(String),
}

/// User that a request is about: that of its parameter, or else its caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The root user of the account.
    Root,
    /// A user of the account.
    User(Name),
}

impl Call<'_> {
    pub(crate) fn principal(&self) -> &Principal {
        self.caller.principal()
    }

    /// Returns the account of the caller: the only one that it sees.
    pub(crate) fn account(&self) -> AccountId {
        self.principal().account
    }

    /// Returns the user in the parameter `UserName`, or else the caller.
    ///
    /// # Errors
    /// `ValidationError` without the parameter if the caller is a session of a role.
    pub(crate) fn user_or_caller(&self) -> Result<Subject> {
        if let Some(name) = self.parameters.optional_name("UserName", Name::of_user)? {
            return Ok(Subject::User(name));
        }
        match &self.principal().kind {
            PrincipalKind::Root => Ok(Subject::Root),
            PrincipalKind::User(user) => Ok(Subject::User(user.name.clone())),
            PrincipalKind::Role(_) => Err(ApiError::validation(
                "Must specify userName when calling with non-User credentials",
            )),
        }
    }
}

impl Reply {
    /// Writes a result.
    pub(crate) fn of(content: impl FnOnce(&mut Xml)) -> Self {
        Self::Result(Xml::elements(content))
    }
}
