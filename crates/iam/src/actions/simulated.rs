//! Policies and callers of simulations.

use crate::call::Call;
use crate::error::{ApiError, Result};
use std::sync::Arc;
use strongroom_access::arn::{AccountId, Arn, Name};
use strongroom_access::evaluation::{CallerPolicies, NamedPolicy};
use strongroom_access::policy::{self, Account, Conditions, Policy, PolicyKind};
use strongroom_identity::model::group::Group;
use strongroom_identity::principal::Principal;

/// Maximum number of policies that a request may bring.
const MAX_POLICIES: usize = 20;
/// Policies of a simulation, and the caller that has them.
pub(super) struct Simulated {
    pub(super) caller: Caller,
    identity: Vec<NamedPolicy>,
    pub(super) boundary: Option<NamedPolicy>,
    /// Policy of the resource.
    pub(super) resource: Option<NamedPolicy>,
    /// Account of the resource.
    pub(super) owner: AccountId,
}

/// Caller of a simulation.
pub(super) enum Caller {
    /// Somebody of the account who has the policies and of whom nothing else is known: a member of a group, or nobody in
    /// particular.
    Unnamed(AccountId),
    /// A user or role that exists.
    Known(Box<Principal>),
    /// A user that need not exist: its account, and its path and name without the first slash.
    User(AccountId, String),
}

impl Caller {
    /// Returns the caller as policies name it.
    pub(super) fn principal(&self) -> policy::Principal<'_> {
        let (account, name) = match self {
            Self::Known(principal) => return principal.as_policy_principal(),
            Self::Unnamed(account) => (account, ""),
            Self::User(account, name) => (account, name.as_str()),
        };
        let account = Account {
            id: account.as_str(),
            canonical_id: "",
        };
        policy::Principal::User(policy::User {
            account,
            name,
            id: "",
        })
    }

    /// Returns the condition keys of the caller.
    pub(super) fn conditions(&self) -> Conditions<'_> {
        match self {
            Self::Unnamed(_) => Conditions::new(),
            Self::User(..) => Conditions::of(&self.principal()),
            Self::Known(principal) => {
                let mut conditions = Conditions::of(&self.principal());
                principal.add_conditions(&mut conditions);
                conditions
            }
        }
    }

    /// Parses the parameter `CallerArn`: the ARN of a user, which need not exist.
    fn parse(arn: &str) -> Result<Self> {
        let Ok(Arn::User { account, path, name }) = Arn::parse(arn) else {
            let text = format!("Invalid Caller Arn: {arn}");
            return Err(ApiError::new(400, "InvalidInput", text));
        };
        let within = path.as_str().trim_start_matches('/');
        Ok(Self::User(account, [within, name.as_str()].concat()))
    }
}

impl Simulated {
    /// Reads the policies of the user, group or role in `PolicySourceArn`, and those in the request.
    ///
    /// # Errors
    /// `NoSuchEntity`, `InvalidInput`, `ValidationError`.
    pub(super) async fn of_principal(call: &Call<'_>) -> Result<Self> {
        let arn = call.parameters.require("PolicySourceArn")?;
        let invalid = || ApiError::new(400, "InvalidInput", format!("Invalid Entity Arn: {arn}"));
        let source = Arn::parse(arn).map_err(|_| invalid())?;
        let account = call.account();
        if source.account() != Some(account) {
            return Err(invalid());
        }
        let identities = call.identities;
        let (caller, mut identity, boundary) = match source {
            Arn::User { name, .. } => {
                let principal = identities.principal_of_user(account, &name).await?;
                known(principal)
            }
            Arn::Role { name, .. } => {
                let session = Name::of_session("simulation").map_err(|_| invalid())?;
                let principal = identities.principal_of_role(account, &name, &session).await?;
                known(principal)
            }
            Arn::Group { name, .. } => {
                let policies = identities.policies_of::<Group>(account, &name).await?;
                (Caller::Unnamed(account), policies, None)
            }
            _ => return Err(invalid()),
        };
        let mut simulated = Self::of_documents(call)?;
        // The policies of the request come on top; a boundary of the request replaces the one of the entity.
        identity.append(&mut simulated.identity);
        simulated.identity = identity;
        simulated.boundary = simulated.boundary.or(boundary);
        if call.parameters.get("CallerArn").is_none() {
            simulated.caller = caller;
        }
        Ok(simulated)
    }

    /// Reads the policies in the request.
    ///
    /// # Errors
    /// `InvalidInput`, `ValidationError`.
    pub(super) fn of_documents(call: &Call<'_>) -> Result<Self> {
        let parameters = call.parameters;
        let identity = documents(parameters.list("PolicyInputList"), "PolicyInputList")?;
        let list = "PermissionsBoundaryPolicyInputList";
        let mut boundaries = documents(parameters.list(list), list)?;
        if boundaries.len() > 1 {
            return Err(ApiError::validation("There is at most one permissions boundary."));
        }
        let caller = match parameters.get("CallerArn") {
            Some(arn) => Caller::parse(arn)?,
            None => Caller::Unnamed(call.account()),
        };
        let owner = match parameters.get("ResourceOwner") {
            None => call.account(),
            Some(text) => match (AccountId::parse(text), Arn::parse(text)) {
                (Ok(account), _) | (_, Ok(Arn::Root(account))) => account,
                _ => {
                    let text = format!("Invalid Resource Owner: {text}");
                    return Err(ApiError::new(400, "InvalidInput", text));
                }
            },
        };
        Ok(Self {
            caller,
            identity,
            boundary: boundaries.pop(),
            resource: resource_policy(call)?,
            owner,
        })
    }

    /// Returns the policies of the caller.
    pub(super) fn policies(&self) -> CallerPolicies<'_> {
        CallerPolicies {
            identity: &self.identity,
            boundary: self.boundary.as_ref(),
            session: &[],
        }
    }
}

/// Takes the policies out of a principal.
fn known(mut principal: Principal) -> (Caller, Vec<NamedPolicy>, Option<NamedPolicy>) {
    let identity = std::mem::take(&mut principal.identity);
    let boundary = principal.boundary.take();
    (Caller::Known(Box::new(principal)), identity, boundary)
}

/// Parses documents of the request, which are named by their place, as on AWS.
fn documents(texts: Vec<&str>, list: &str) -> Result<Vec<NamedPolicy>> {
    if texts.len() > MAX_POLICIES {
        let text = format!("{list} has at most {MAX_POLICIES} policies.");
        return Err(ApiError::validation(text));
    }
    let parse = |(at, text): (usize, &str)| {
        let name = format!("{list}.{}", at + 1);
        named(text, PolicyKind::Managed, &name)
    };
    texts.into_iter().enumerate().map(parse).collect()
}

/// Parses the policy of the resource, whose bucket is that of the first resource.
fn resource_policy(call: &Call<'_>) -> Result<Option<NamedPolicy>> {
    let Some(text) = call.parameters.get("ResourcePolicy") else {
        return Ok(None);
    };
    if call.parameters.get("CallerArn").is_none() && call.parameters.get("PolicySourceArn").is_none() {
        return Err(ApiError::missing("CallerArn"));
    }
    let resources = call.parameters.list("ResourceArns");
    let first = resources
        .first()
        .and_then(|arn| arn.strip_prefix("arn:aws:s3:::"));
    let Some(bucket) = first.and_then(|id| id.split('/').next()) else {
        let text = "A ResourcePolicy is the policy of a bucket: the first of ResourceArns must be in it.";
        return Err(ApiError::new(400, "InvalidInput", text));
    };
    named(text, PolicyKind::Bucket(bucket), "ResourcePolicy").map(Some)
}

fn named(text: &str, kind: PolicyKind<'_>, name: &str) -> Result<NamedPolicy> {
    let policy = Policy::parse_as(text, kind)
        .map_err(|error| ApiError::new(400, "InvalidInput", format!("{name}: {error}")))?;
    Ok(NamedPolicy {
        name: name.into(),
        policy: Arc::new(policy),
    })
}
