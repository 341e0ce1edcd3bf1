//! Inline policies of users, groups and roles.

use crate::call::{Call, Reply};
use crate::documents::{self, page_end, policy_document};
use crate::error::Result;
use strongroom_access::arn::Name;
use strongroom_identity::model::entity::Holder;

/// Parameter and element that name a user, group or role.
pub(super) trait Named: Holder {
    /// Name of the parameter and element.
    const PARAMETER: &'static str;

    /// Reads the parameter.
    fn of(call: &Call<'_>) -> Result<Name>;
}

impl Named for strongroom_identity::model::user::User {
    const PARAMETER: &'static str = "UserName";

    fn of(call: &Call<'_>) -> Result<Name> {
        call.parameters.user()
    }
}

impl Named for strongroom_identity::model::group::Group {
    const PARAMETER: &'static str = "GroupName";

    fn of(call: &Call<'_>) -> Result<Name> {
        call.parameters.group()
    }
}

impl Named for strongroom_identity::model::role::Role {
    const PARAMETER: &'static str = "RoleName";

    fn of(call: &Call<'_>) -> Result<Name> {
        call.parameters.role()
    }
}

pub(super) async fn put<H: Named>(call: &Call<'_>) -> Result<Reply> {
    let (holder, policy) = (H::of(call)?, call.parameters.policy_name()?);
    let document = call.parameters.require("PolicyDocument")?;
    call.identities
        .put_inline::<H>(call.account(), &holder, policy, document)
        .await?;
    Ok(Reply::Empty)
}

pub(super) async fn get<H: Named>(call: &Call<'_>) -> Result<Reply> {
    let (holder, policy) = (H::of(call)?, call.parameters.policy_name()?);
    let found = call.identities.inline::<H>(call.account(), &holder, &policy);
    let (name, document) = found.await?;
    Ok(Reply::of(|xml| {
        xml.text(H::PARAMETER, holder.as_str());
        xml.text("PolicyName", name.as_str());
        policy_document(xml, "PolicyDocument", &document);
    }))
}

pub(super) async fn list<H: Named>(call: &Call<'_>) -> Result<Reply> {
    let (holder, part) = (H::of(call)?, call.parameters.part()?);
    let names = call
        .identities
        .inline_names::<H>(call.account(), &holder, part)
        .await?;
    Ok(Reply::of(|xml| {
        documents::texts(xml, "PolicyNames", names.entries.iter().map(Name::as_str));
        page_end(xml, &names);
    }))
}

pub(super) async fn delete<H: Named>(call: &Call<'_>) -> Result<Reply> {
    let (holder, policy) = (H::of(call)?, call.parameters.policy_name()?);
    call.identities
        .delete_inline::<H>(call.account(), &holder, &policy)
        .await?;
    Ok(Reply::Empty)
}
