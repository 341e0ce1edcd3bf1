//! Attached policies and permissions boundaries.

use crate::actions::inline::Named;
use crate::call::{Call, Reply};
use crate::documents::{self, page, page_end};
use crate::error::Result;
use strongroom_access::arn::EntityKind;
use strongroom_identity::attachments::Usage;
use strongroom_identity::holders::{HolderFilter, PolicyHolder};
use strongroom_identity::model::entity::Bounded;

/// Values of the parameter `EntityFilter`.
const KINDS: [(&str, EntityKind); 5] = [
    ("User", EntityKind::User),
    ("Role", EntityKind::Role),
    ("Group", EntityKind::Group),
    // Nothing is attached to policies, so these list nothing.
    ("LocalManagedPolicy", EntityKind::Policy),
    ("AWSManagedPolicy", EntityKind::Policy),
];

/// Values of the parameter `PolicyUsageFilter`.
pub(super) const USAGES: [(&str, Usage); 2] = [
    ("PermissionsPolicy", Usage::Attached),
    ("PermissionsBoundary", Usage::Boundary),
];

pub(super) async fn attach<H: Named>(call: &Call<'_>) -> Result<Reply> {
    let (holder, arn) = (H::of(call)?, call.parameters.require("PolicyArn")?);
    call.identities.attach::<H>(call.account(), &holder, arn).await?;
    Ok(Reply::Empty)
}

pub(super) async fn detach<H: Named>(call: &Call<'_>) -> Result<Reply> {
    let (holder, arn) = (H::of(call)?, call.parameters.require("PolicyArn")?);
    call.identities.detach::<H>(call.account(), &holder, arn).await?;
    Ok(Reply::Empty)
}

pub(super) async fn list<H: Named>(call: &Call<'_>) -> Result<Reply> {
    let (holder, part) = (H::of(call)?, call.parameters.part()?);
    let attached = call
        .identities
        .attached::<H>(call.account(), &holder, part)
        .await?;
    Ok(Reply::of(|xml| {
        page(xml, "AttachedPolicies", &attached, documents::attached);
    }))
}

pub(super) async fn put_boundary<B: Named + Bounded>(call: &Call<'_>) -> Result<Reply> {
    let holder = B::of(call)?;
    let arn = call.parameters.require("PermissionsBoundary")?;
    call.identities
        .set_boundary::<B>(call.account(), &holder, Some(arn))
        .await?;
    Ok(Reply::Empty)
}

pub(super) async fn delete_boundary<B: Named + Bounded>(call: &Call<'_>) -> Result<Reply> {
    let holder = B::of(call)?;
    call.identities
        .set_boundary::<B>(call.account(), &holder, None)
        .await?;
    Ok(Reply::Empty)
}

/// Lists the groups, users and roles that have a policy.
pub(super) async fn entities(call: &Call<'_>) -> Result<Reply> {
    let parameters = call.parameters;
    let filter = HolderFilter {
        kind: parameters.one_of("EntityFilter", &KINDS)?,
        usage: parameters
            .one_of("PolicyUsageFilter", &USAGES)?
            .unwrap_or(Usage::Attached),
    };
    let holders = call.identities.holders(
        call.account(),
        parameters.require("PolicyArn")?,
        filter,
        parameters.part()?,
    );
    let holders = holders.await?;
    Ok(Reply::of(|xml| {
        for (element, word, kind) in [
            ("PolicyGroups", "Group", EntityKind::Group),
            ("PolicyUsers", "User", EntityKind::User),
            ("PolicyRoles", "Role", EntityKind::Role),
        ] {
            let of_kind = |holder: &&PolicyHolder| holder.kind == kind;
            let entries = holders.entries.iter().filter(of_kind);
            documents::list(xml, element, entries, |xml, holder| {
                xml.text(&[word, "Name"].concat(), holder.name.as_str());
                xml.text(&[word, "Id"].concat(), holder.id.as_str());
            });
        }
        page_end(xml, &holders);
    }))
}
