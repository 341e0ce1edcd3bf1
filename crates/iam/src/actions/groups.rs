//! Groups and their members.

use crate::call::{Call, Reply};
use crate::documents::{self, Detail, page};
use crate::error::Result;
use crate::permission;
use crate::target::Resource;
use strongroom_access::arn::{Arn, Name};
use strongroom_identity::model::entity::Entity as _;
use strongroom_identity::model::group::Group;

pub(super) async fn create(call: &Call<'_>) -> Result<Reply> {
    let (name, path) = (call.parameters.group()?, call.parameters.path("Path")?);
    let account = call.account();
    let created = call
        .identities
        .create_group(account, name, path.unwrap_or_default());
    let group = created.await?;
    Ok(Reply::of(|xml| {
        xml.nest("Group", |xml| documents::group(xml, account, &group));
    }))
}

/// Returns a group and a page of its members.
pub(super) async fn get(call: &Call<'_>) -> Result<Reply> {
    let (name, part) = (call.parameters.group()?, call.parameters.part()?);
    let account = call.account();
    let group = call.identities.get::<Group>(account, &name).await?;
    let users = call.identities.members(account, &name, part).await?;
    Ok(Reply::of(|xml| {
        xml.nest("Group", |xml| documents::group(xml, account, &group));
        page(xml, "Users", &users, |xml, user| {
            documents::user(xml, account, user, Detail::Listed);
        });
    }))
}

pub(super) async fn list(call: &Call<'_>) -> Result<Reply> {
    let part = call.parameters.part()?;
    let account = call.account();
    let groups = call.identities.list::<Group>(account, part).await?;
    Ok(Reply::of(|xml| {
        page(xml, "Groups", &groups, |xml, group| {
            documents::group(xml, account, group);
        });
    }))
}

pub(super) async fn update(call: &Call<'_>) -> Result<Reply> {
    let parameters = call.parameters;
    let account = call.account();
    let name = parameters.group()?;
    let new_name = parameters.optional_name("NewGroupName", Name::of_group)?;
    let new_path = parameters.path("NewPath")?;
    let old = call.identities.get::<Group>(account, &name).await?;
    // As for users, both names are needed. (IAM API Reference, "UpdateGroup".)
    let target = Arn::Group {
        account,
        path: new_path.clone().unwrap_or(old.path().clone()),
        name: new_name.clone().unwrap_or(old.name().clone()),
    };
    permission::require(call, "UpdateGroup", &Resource::named(target.to_string())).await?;
    let renamed = call
        .identities
        .rename::<Group>(account, &name, new_name.as_ref(), new_path.as_ref());
    renamed.await?;
    Ok(Reply::Empty)
}

pub(super) async fn delete(call: &Call<'_>) -> Result<Reply> {
    let name = call.parameters.group()?;
    call.identities.delete_group(call.account(), &name).await?;
    Ok(Reply::Empty)
}

pub(super) async fn add_user(call: &Call<'_>) -> Result<Reply> {
    let (group, user) = (call.parameters.group()?, call.parameters.user()?);
    call.identities.add_member(call.account(), &group, &user).await?;
    Ok(Reply::Empty)
}

pub(super) async fn remove_user(call: &Call<'_>) -> Result<Reply> {
    let (group, user) = (call.parameters.group()?, call.parameters.user()?);
    call.identities
        .remove_member(call.account(), &group, &user)
        .await?;
    Ok(Reply::Empty)
}

pub(super) async fn list_for_user(call: &Call<'_>) -> Result<Reply> {
    let (user, part) = (call.parameters.user()?, call.parameters.part()?);
    let account = call.account();
    let groups = call.identities.groups_of(account, &user, part).await?;
    Ok(Reply::of(|xml| {
        page(xml, "Groups", &groups, |xml, group| {
            documents::group(xml, account, group);
        });
    }))
}
