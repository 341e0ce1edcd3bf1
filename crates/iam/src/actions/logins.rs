//! Login profiles: passwords of users, for the console.

use crate::call::{Call, Reply};
use crate::documents::{date, flag};
use crate::error::{ApiError, Result};
use strongroom_access::arn::Name;
use strongroom_identity::login::PasswordAnswer;
use strongroom_identity::model::login::Login;
use strongroom_identity::model::user::User;
use strongroom_identity::principal::PrincipalKind;
use strongroom_identity::{IdentityError, Subject};
use zeroize::Zeroizing;

pub(super) async fn create(call: &Call<'_>) -> Result<Reply> {
    let name = call.parameters.user()?;
    let password = password(call, "Password").ok_or_else(|| ApiError::missing("Password"))?;
    let reset_required = call.parameters.flag("PasswordResetRequired")?;
    call.identities
        .create_login(call.account(), &name, password, reset_required)
        .await?;
    reply(call, &name).await
}

pub(super) async fn get(call: &Call<'_>) -> Result<Reply> {
    let name = call.parameters.user()?;
    reply(call, &name).await
}

pub(super) async fn update(call: &Call<'_>) -> Result<Reply> {
    let name = call.parameters.user()?;
    let reset_required = match call.parameters.get("PasswordResetRequired") {
        Some(_) => Some(call.parameters.flag("PasswordResetRequired")?),
        None => None,
    };
    let password = password(call, "Password");
    call.identities
        .update_login(call.account(), &name, password, reset_required)
        .await?;
    Ok(Reply::Empty)
}

pub(super) async fn delete(call: &Call<'_>) -> Result<Reply> {
    let name = call.parameters.user()?;
    call.identities.delete_login(call.account(), &name).await?;
    Ok(Reply::Empty)
}

/// Changes the password of the caller, a user.
pub(super) async fn change_password(call: &Call<'_>) -> Result<Reply> {
    let PrincipalKind::User(user) = &call.principal().kind else {
        let text = "Only a user can change its password.";
        return Err(ApiError::new(400, "InvalidUserType", text));
    };
    let missing = |name| move || ApiError::missing(name);
    let old = password(call, "OldPassword").ok_or_else(missing("OldPassword"))?;
    let new = password(call, "NewPassword").ok_or_else(missing("NewPassword"))?;
    let identities = call.identities;
    match identities.check_password(call.account(), &user.name, old).await? {
        PasswordAnswer::Right { .. } => {}
        PasswordAnswer::Wrong => {
            return Err(ApiError::access_denied("The old password was incorrect."));
        }
    }
    identities
        .update_login(call.account(), &user.name, Some(new), Some(false))
        .await?;
    Ok(Reply::Empty)
}

fn password(call: &Call<'_>, parameter: &str) -> Option<Zeroizing<String>> {
    let text = call.parameters.get(parameter);
    text.map(|text| Zeroizing::new(text.to_owned()))
}

async fn reply(call: &Call<'_>, name: &Name) -> Result<Reply> {
    let user = call.identities.get::<User>(call.account(), name).await?;
    let Some(login) = &user.login else {
        let subject = Subject::LoginProfile(user.name.clone());
        return Err(IdentityError::NoSuchEntity(subject).into());
    };
    Ok(Reply::of(|xml| {
        xml.nest("LoginProfile", |xml| {
            let Login {
                created,
                reset_required,
                ..
            } = login;
            xml.text("UserName", user.name.as_str());
            date(xml, "CreateDate", *created);
            flag(xml, "PasswordResetRequired", *reset_required);
        });
    }))
}
