//! Users.

use crate::call::{Call, Reply, Subject};
use crate::documents::{self, Detail, page};
use crate::error::Result;
use crate::permission;
use crate::target::Resource;
use strongroom_access::arn::{Arn, Name};
use strongroom_identity::model::entity::Entity as _;
use strongroom_identity::model::user::User;
use strongroom_identity::principal::PrincipalKind;

pub(super) async fn create(call: &Call<'_>) -> Result<Reply> {
    let parameters = call.parameters;
    let (account, path) = (call.account(), parameters.path("Path")?);
    let boundary = parameters.get("PermissionsBoundary");
    let created = call.identities.create_user(
        account,
        parameters.user()?,
        path.unwrap_or_default(),
        parameters.tags()?,
        boundary,
    );
    let user = created.await?;
    Ok(user_reply(call, &user))
}

pub(super) async fn get(call: &Call<'_>) -> Result<Reply> {
    match call.user_or_caller()? {
        Subject::User(name) => {
            let user = call.identities.get::<User>(call.account(), &name).await?;
            Ok(user_reply(call, &user))
        }
        Subject::Root => {
            let account = call.identities.account(call.account()).await?;
            Ok(Reply::of(|xml| {
                xml.nest("User", |xml| {
                    xml.text("UserId", account.id.as_str());
                    xml.text("Arn", &account.arn().to_string());
                    documents::date(xml, "CreateDate", account.created);
                });
            }))
        }
    }
}

pub(super) async fn list(call: &Call<'_>) -> Result<Reply> {
    let part = call.parameters.part()?;
    let account = call.account();
    let users = call.identities.list::<User>(account, part).await?;
    Ok(Reply::of(|xml| {
        page(xml, "Users", &users, |xml, user| {
            documents::user(xml, account, user, Detail::Listed);
        });
    }))
}

pub(super) async fn update(call: &Call<'_>) -> Result<Reply> {
    let parameters = call.parameters;
    let account = call.account();
    let name = parameters.user()?;
    let new_name = parameters.optional_name("NewUserName", Name::of_user)?;
    let new_path = parameters.path("NewPath")?;
    let old = call.identities.get::<User>(account, &name).await?;
    // "To change a user name, the requester must have appropriate permissions on both the source object and the target
    // object." (IAM API Reference, "UpdateUser".)
    let target = Arn::User {
        account,
        path: new_path.clone().unwrap_or(old.path().clone()),
        name: new_name.clone().unwrap_or(old.name().clone()),
    };
    permission::require(call, "UpdateUser", &Resource::named(target.to_string())).await?;
    let renamed = call
        .identities
        .rename::<User>(account, &name, new_name.as_ref(), new_path.as_ref());
    renamed.await?;
    Ok(Reply::Empty)
}

pub(super) async fn delete(call: &Call<'_>) -> Result<Reply> {
    let name = call.parameters.user()?;
    call.identities.delete_user(call.account(), &name).await?;
    Ok(Reply::Empty)
}

/// Responds with a user. Its name is that of the caller's account.
fn user_reply(call: &Call<'_>, user: &User) -> Reply {
    Reply::of(|xml| {
        xml.nest("User", |xml| {
            documents::user(xml, call.account(), user, Detail::Full);
        });
    })
}

/// Returns the name that a response gives a root user: none.
pub(super) fn shown_name(call: &Call<'_>, subject: &Subject) -> Option<String> {
    match (subject, &call.principal().kind) {
        (Subject::User(name), PrincipalKind::User(user)) if user.name.folded() == name.folded() => {
            Some(user.name.to_string())
        }
        (Subject::User(name), _) => Some(name.to_string()),
        (Subject::Root, _) => None,
    }
}
