//! Permission: the policies of the caller, the trust policy of a role, and the values that they test.
//! (Service Authorization Reference, condition keys of IAM and STS; IAM User Guide, "AWS global condition context keys".)

use crate::call::{Call, Context, Visit};
use crate::error::{ApiError, Result};
use crate::instant;
use crate::target::Resource;
use strongroom_access::evaluation::{self, CallerPolicies, NamedPolicy, Verdict, evaluate};
use strongroom_access::policy::{Conditions, Principal, Request, key};
use strongroom_identity::IdentityError;

/// Actions of IAM about a policy of a user or role, which its boundary may decide.
const UNDER_BOUNDARY: [&str; 14] = [
    "AttachRolePolicy",
    "AttachUserPolicy",
    "CreateRole",
    "CreateUser",
    "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy",
    "DeleteUserPermissionsBoundary",
    "DeleteUserPolicy",
    "DetachRolePolicy",
    "DetachUserPolicy",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
    "PutUserPermissionsBoundary",
    "PutUserPolicy",
];

/// Action on a resource that a caller asks for.
pub(crate) struct Asked<'a> {
    /// Action with its service, such as `iam:CreateUser`.
    pub(crate) action: &'a str,
    pub(crate) resource: &'a Resource,
    /// Account of the resource.
    pub(crate) owner: &'a str,
    /// Trust policy of a role.
    pub(crate) trust: Option<&'a NamedPolicy>,
    /// Further condition keys and their values.
    pub(crate) values: &'a [(&'static str, String)],
}

/// Refuses an action of IAM on a resource of the caller's account.
///
/// # Errors
/// `AccessDenied`.
pub(crate) async fn require(call: &Call<'_>, action: &str, resource: &Resource) -> Result<()> {
    let owner = call.account();
    let named = ["iam:", action].concat();
    let values = values_of_iam(call, action, resource).await?;
    require_asked(
        call,
        &Asked {
            action: &named,
            resource,
            owner: owner.as_str(),
            trust: None,
            values: &values,
        },
    )
}

/// Refuses an action.
///
/// # Errors
/// `AccessDenied`.
pub(crate) fn require_asked(call: &Call<'_>, asked: &Asked<'_>) -> Result<()> {
    let verdict = decide(call, asked);
    if verdict.allowed {
        return Ok(());
    }
    let reason = verdict.refusal(asked.action).unwrap_or_default();
    Err(ApiError::access_denied(format!(
        "User: {} is not authorized to perform: {} on resource: {} {reason}",
        call.caller.arn(),
        asked.action,
        asked.resource.arn,
    )))
}

fn decide(call: &Call<'_>, asked: &Asked<'_>) -> Verdict {
    let principal = call.principal();
    let as_named = principal.as_policy_principal();
    let mut conditions = Conditions::of(&as_named);
    principal.add_conditions(&mut conditions);
    add_context(&mut conditions, call.context);
    conditions.add(key::REQUESTED_REGION, call.caller.region.as_str());
    conditions.add(key::OWNER_ACCOUNT, asked.owner);
    add_resource_tags(&mut conditions, asked.resource);
    let parameters = call.parameters;
    let tags = parameters.fields("Tags", "Key").into_iter();
    let values = parameters.fields("Tags", "Value");
    for (tag, value) in tags.clone().zip(values) {
        conditions.add([key::REQUEST_TAG, tag].concat(), value);
    }
    for tag in tags.chain(parameters.list("TagKeys")) {
        conditions.add(key::TAG_KEYS, tag);
    }
    for (name, value) in asked.values {
        conditions.add(*name, value.as_str());
    }
    let resource = evaluation::Resource {
        owner: asked.owner,
        policy: asked.trust,
        granted: false,
    };
    let request = Request {
        principal: as_named,
        action: asked.action,
        resource: &asked.resource.arn,
        conditions: &conditions,
    };
    evaluate(&principal.policies(), &resource, &request)
}

/// Returns the values of keys that only IAM has.
async fn values_of_iam(
    call: &Call<'_>,
    action: &str,
    resource: &Resource,
) -> Result<Vec<(&'static str, String)>> {
    let mut values = Vec::new();
    let attaches = action.starts_with("Attach") || action.starts_with("Detach");
    if let Some(arn) = call.parameters.get("PolicyArn").filter(|_| attaches) {
        values.push((key::POLICY_ARN, exact_arn(call, arn).await?));
    }
    if UNDER_BOUNDARY.contains(&action) {
        let boundary = match call.parameters.get("PermissionsBoundary") {
            Some(arn) => Some(exact_arn(call, arn).await?),
            None => resource.boundary.clone(),
        };
        values.extend(boundary.map(|arn| (key::PERMISSIONS_BOUNDARY, arn)));
    }
    Ok(values)
}

/// Returns the ARN of a managed policy as it is stored: it is found without regard to case, but policies compare it.
async fn exact_arn(call: &Call<'_>, arn: &str) -> Result<String> {
    match call.identities.policy(call.account(), arn).await {
        Ok(policy) => Ok(policy.arn),
        Err(IdentityError::NoSuchEntity(_) | IdentityError::InvalidInput(_)) => Ok(arn.to_owned()),
        Err(error) => Err(error.into()),
    }
}

/// Returns whether the trust policy of a role allows an action to somebody for whom an identity provider vouches.
/// `provider`: the ARN of the provider; `values`: the condition keys of the token and of the request.
pub(crate) fn trusts(
    visit: &Visit<'_>,
    provider: &str,
    action: &str,
    role: &Resource,
    trust: (&str, &NamedPolicy),
    values: &[(String, String)],
) -> bool {
    let principal = Principal::WebIdentity(provider);
    let mut conditions = Conditions::of(&principal);
    add_context(&mut conditions, visit.context);
    conditions.add(key::REQUESTED_REGION, visit.region);
    let (owner, policy) = trust;
    conditions.add(key::OWNER_ACCOUNT, owner);
    add_resource_tags(&mut conditions, role);
    for (name, value) in values {
        conditions.add(name.as_str(), value.as_str());
    }
    let resource = evaluation::Resource {
        owner,
        policy: Some(policy),
        granted: false,
    };
    let request = Request {
        principal,
        action,
        resource: &role.arn,
        conditions: &conditions,
    };
    evaluate(&CallerPolicies::default(), &resource, &request).allowed
}

/// Adds the tags of the resource.
fn add_resource_tags<'a>(conditions: &mut Conditions<'a>, resource: &'a Resource) {
    for (tag, value) in resource.tags.iter() {
        conditions.add([key::RESOURCE_TAG, tag].concat(), value);
        conditions.add([key::IAM_RESOURCE_TAG, tag].concat(), value);
    }
}

/// Adds the circumstances of a request.
fn add_context<'a>(conditions: &mut Conditions<'a>, context: Context<'a>) {
    let address = context.transport.address.to_canonical();
    conditions.add(key::SOURCE_IP, address.to_string());
    conditions.add(key::SECURE_TRANSPORT, context.transport.secure.to_string());
    conditions.add(key::CURRENT_TIME, instant::iso_8601(context.now));
    conditions.add(key::EPOCH_TIME, (context.now / 1_000_000).to_string());
    conditions.add(key::VIA_AWS_SERVICE, "false");
    if let Some(agent) = context.user_agent {
        conditions.add(key::USER_AGENT, agent);
    }
}
