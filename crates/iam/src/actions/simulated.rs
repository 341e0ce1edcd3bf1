//! Policies and callers of simulations.

use crate::call::Call;
use crate::error::{ApiError, Result};
use std::sync::Arc;
use strongroom_access::arn::{AccountId, Arn, Name};
use strongroom_access::evaluation::{CallerPolicies, NamedPolicy};
use strongroom_access::policy::{
    Account, Conditions, Policy, PolicyKind, Principal, RoleSession, User as PolicyUser,
};
use strongroom_identity::IdentityError;
use strongroom_identity::model::entity::{Bounded, Entity, Holder};
use strongroom_identity::model::group::Group;
use strongroom_identity::model::role::Role;
use strongroom_identity::model::user::User;
use strongroom_identity::page::Part;

/// Maximum number of policies that a request may bring.
const MAX_POLICIES: usize = 100;
/// Everything in one page: quotas keep the policies and groups of an entity far below.
const ALL: Part<'static> = Part {
    path_prefix: "",
    after: "",
    limit: 1000,
};

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
pub(super) struct Caller {
    account: AccountId,
    kind: CallerKind,
}

/// Kind of a simulation's caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CallerKind {
    /// Somebody who has the policies and of whom nothing else is known: a member of a group, or nobody in particular.
    Unnamed,
    /// A user: path and name without the first slash, unique id.
    User(String, String),
    /// A session of a role: path and name without the first slash, unique id.
    Role(String, String),
}

impl Caller {
    /// Returns the caller as policies name it.
    pub(super) fn principal(&self) -> Principal<'_> {
        let account = Account {
            id: self.account.as_str(),
            canonical_id: "",
        };
        let user = |name, id| Principal::User(PolicyUser { account, name, id });
        match &self.kind {
            CallerKind::Unnamed => user("", ""),
            CallerKind::User(name, id) => user(name, id),
            CallerKind::Role(role, id) => Principal::Session(RoleSession {
                account,
                role,
                role_id: id,
                session: "simulation",
                provider: None,
            }),
        }
    }

    /// Returns the condition keys of the caller.
    pub(super) fn conditions(&self) -> Conditions<'_> {
        match self.kind {
            CallerKind::Unnamed => Conditions::new(),
            _ => Conditions::of(&self.principal()),
        }
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
        let account = call.account();
        let mut identity = Vec::new();
        let mut boundary = None;
        let caller = match Arn::parse(arn).map_err(|_| invalid())? {
            Arn::User {
                account: owner, name, ..
            } if owner == account => {
                let user = call.identities.get::<User>(account, &name).await?;
                collect::<User>(call, &name, &mut identity).await?;
                let groups = call.identities.groups_of(account, &name, ALL).await?;
                for group in groups.entries {
                    collect::<Group>(call, &group.name, &mut identity).await?;
                }
                boundary = boundary_of(call, &user).await?;
                Caller::user(account, &user)
            }
            Arn::Group {
                account: owner, name, ..
            } if owner == account => {
                collect::<Group>(call, &name, &mut identity).await?;
                Caller::unnamed(account)
            }
            Arn::Role {
                account: owner, name, ..
            } if owner == account => {
                let role = call.identities.get::<Role>(account, &name).await?;
                collect::<Role>(call, &name, &mut identity).await?;
                boundary = boundary_of(call, &role).await?;
                Caller::role(account, &role)
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
            None => Caller::unnamed(call.account()),
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

impl Caller {
    fn unnamed(account: AccountId) -> Self {
        let kind = CallerKind::Unnamed;
        Self { account, kind }
    }

    fn user(account: AccountId, user: &User) -> Self {
        let kind = CallerKind::User(path_and_name(user), user.id.to_string());
        Self { account, kind }
    }

    fn role(account: AccountId, role: &Role) -> Self {
        let kind = CallerKind::Role(path_and_name(role), role.id.to_string());
        Self { account, kind }
    }

    /// Parses the parameter `CallerArn`: the ARN of a user, which need not exist.
    fn parse(arn: &str) -> Result<Self> {
        match Arn::parse(arn) {
            Ok(Arn::User { account, path, name }) => {
                let within = path.as_str().trim_start_matches('/');
                let kind = CallerKind::User([within, name.as_str()].concat(), String::new());
                Ok(Self { account, kind })
            }
            _ => Err(ApiError::new(
                400,
                "InvalidInput",
                format!("Invalid Caller Arn: {arn}"),
            )),
        }
    }
}

fn path_and_name<E: Entity>(entity: &E) -> String {
    let within = entity.path().as_str().trim_start_matches('/');
    [within, entity.name().as_str()].concat()
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

/// Collects the inline and attached policies of a user, group or role.
async fn collect<H: Holder>(call: &Call<'_>, holder: &Name, all: &mut Vec<NamedPolicy>) -> Result<()> {
    let (identities, account) = (call.identities, call.account());
    let inline = identities.inline_names::<H>(account, holder, ALL).await?;
    for policy in inline.entries {
        let (policy, text) = identities.inline::<H>(account, holder, &policy).await?;
        let name = format!("{}/{holder}/{policy}", H::WORD);
        all.push(stored(&text, &name)?);
    }
    let attached = identities.attached::<H>(account, holder, ALL).await?;
    for policy in attached.entries {
        all.push(managed(call, &policy.arn).await?);
    }
    Ok(())
}

async fn boundary_of<B: Bounded>(call: &Call<'_>, entity: &B) -> Result<Option<NamedPolicy>> {
    match entity.boundary() {
        Some(arn) => Ok(Some(managed(call, arn).await?)),
        None => Ok(None),
    }
}

async fn managed(call: &Call<'_>, arn: &str) -> Result<NamedPolicy> {
    let document = call.identities.policy_document(call.account(), arn, None);
    let (_, text) = document.await?;
    stored(&text, arn)
}

/// Parses a stored policy. The largest kind is assumed, because its size was checked when it was stored.
fn stored(text: &str, name: &str) -> Result<NamedPolicy> {
    let policy = Policy::parse_as(text, PolicyKind::InlineOfRole)
        .map_err(|error| IdentityError::MalformedPolicyDocument(error.to_string()))?;
    Ok(NamedPolicy {
        name: name.into(),
        policy: Arc::new(policy),
    })
}
