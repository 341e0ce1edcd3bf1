//! Roles.

use crate::call::{Call, Reply};
use crate::documents::{self, Detail};
use crate::error::{ApiError, Result};
use std::sync::Arc;
use strongroom_access::evaluation::NamedPolicy;
use strongroom_access::policy::{Policy, PolicyKind};
use strongroom_identity::model::role::Role;
use strongroom_identity::roles::NewRole;

const TRUST: &str = "AssumeRolePolicyDocument";

pub(super) async fn create(call: &Call<'_>) -> Result<Reply> {
    let parameters = call.parameters;
    let new = NewRole {
        name: parameters.role()?,
        path: parameters.path("Path")?.unwrap_or_default(),
        trust: parameters.require(TRUST)?.to_owned(),
        description: parameters.get("Description").map(str::to_owned),
        max_session: parameters.number("MaxSessionDuration")?,
        boundary: parameters.get("PermissionsBoundary").map(str::to_owned),
        tags: parameters.tags()?,
    };
    let role = call.identities.create_role(call.account(), new).await?;
    reply(call, &role).await
}

pub(super) async fn get(call: &Call<'_>) -> Result<Reply> {
    let name = call.parameters.role()?;
    let role = call.identities.get::<Role>(call.account(), &name).await?;
    reply(call, &role).await
}

pub(super) async fn list(call: &Call<'_>) -> Result<Reply> {
    let part = call.parameters.part()?;
    let account = call.account();
    let roles = call.identities.list::<Role>(account, part).await?;
    let mut trusts = Vec::with_capacity(roles.entries.len());
    for role in &roles.entries {
        trusts.push(trust(call, role).await?);
    }
    Ok(Reply::of(|xml| {
        let entries = roles.entries.iter().zip(&trusts);
        documents::list(xml, "Roles", entries, |xml, (role, trust)| {
            documents::role(xml, account, role, trust, None, Detail::Listed);
        });
        documents::page_end(xml, &roles);
    }))
}

pub(super) async fn update(call: &Call<'_>) -> Result<Reply> {
    let parameters = call.parameters;
    let name = parameters.role()?;
    let updated = call.identities.update_role(
        call.account(),
        &name,
        parameters.get("Description"),
        parameters.number("MaxSessionDuration")?,
    );
    updated.await?;
    Ok(Reply::of(|_| ()))
}

pub(super) async fn update_trust(call: &Call<'_>) -> Result<Reply> {
    let name = call.parameters.role()?;
    let document = call.parameters.require("PolicyDocument")?;
    call.identities.set_trust(call.account(), &name, document).await?;
    Ok(Reply::Empty)
}

pub(super) async fn delete(call: &Call<'_>) -> Result<Reply> {
    let name = call.parameters.role()?;
    call.identities.delete_role(call.account(), &name).await?;
    Ok(Reply::Empty)
}

async fn reply(call: &Call<'_>, role: &Role) -> Result<Reply> {
    let last = call.identities.last_use(role.id.as_str()).await?;
    let last = last.map(|last| (last, call.caller.region.as_str()));
    let trust = trust(call, role).await?;
    Ok(Reply::of(|xml| {
        xml.nest("Role", |xml| {
            documents::role(xml, call.account(), role, &trust, last, Detail::Full);
        });
    }))
}

/// Returns the trust policy of a role, to decide who may assume it.
///
/// # Errors
/// `ServiceFailure` if it cannot be read.
pub(super) fn trust_policy(arn: &str, role: &Role) -> Result<NamedPolicy> {
    let policy = Policy::parse_as(&role.trust, PolicyKind::Trust).map_err(|error| {
        tracing::error!(%error, role = arn, "the trust policy of a role cannot be read");
        ApiError::new(
            500,
            "ServiceFailure",
            "The trust policy of the role cannot be read.",
        )
    })?;
    Ok(NamedPolicy {
        name: "trust policy".into(),
        policy: Arc::new(policy),
    })
}

/// Returns the trust policy with ARNs in place of unique ids.
pub(super) async fn trust(call: &Call<'_>, role: &Role) -> Result<String, ApiError> {
    let shown = call.identities.principals_to_arns(&role.trust, PolicyKind::Trust);
    Ok(shown.await?)
}
