//! Access keys.

use crate::actions::users::shown_name;
use crate::call::{Call, Reply, Subject};
use crate::documents::date;
use crate::error::{ApiError, Result};
use strongroom_identity::access_keys::Owner;
use strongroom_identity::model::access_key::{AccessKey, KeyStatus};
use strongroom_identity::page::Page;
use strongroom_sigv4::xml::Xml;

/// Status of an access key in parameters.
const STATUS: [(&str, KeyStatus); 2] = [("Active", KeyStatus::Active), ("Inactive", KeyStatus::Inactive)];

pub(super) async fn create(call: &Call<'_>) -> Result<Reply> {
    let subject = call.user_or_caller()?;
    let created = call
        .identities
        .create_access_key(call.account(), owner(&subject))
        .await?;
    Ok(Reply::of(|xml| {
        xml.nest("AccessKey", |xml| {
            user_name(xml, call, &subject);
            xml.text("AccessKeyId", &created.key.id);
            xml.text("Status", status(&created.key));
            xml.text("SecretAccessKey", created.secret.expose());
            date(xml, "CreateDate", created.key.created);
        });
    }))
}

pub(super) async fn list(call: &Call<'_>) -> Result<Reply> {
    let subject = call.user_or_caller()?;
    let part = call.parameters.part()?;
    let keys = call
        .identities
        .access_keys(call.account(), owner(&subject))
        .await?;
    // The keys of a user are few and in the order of their creation; the marker is the last id of a page.
    let begin = match part.after {
        "" => 0,
        after => keys
            .iter()
            .position(|key| key.id == after)
            .map_or(keys.len(), |at| at + 1),
    };
    let mut rest = keys.into_iter().skip(begin);
    let entries: Vec<AccessKey> = rest.by_ref().take(part.limit).collect();
    let next = rest.next().and_then(|_| entries.last()).map(|key| key.id.clone());
    let keys = Page { entries, next };
    Ok(Reply::of(|xml| {
        crate::documents::page(xml, "AccessKeyMetadata", &keys, |xml, key| {
            user_name(xml, call, &subject);
            xml.text("AccessKeyId", &key.id);
            xml.text("Status", status(key));
            date(xml, "CreateDate", key.created);
        });
    }))
}

pub(super) async fn update(call: &Call<'_>) -> Result<Reply> {
    let subject = call.user_or_caller()?;
    let id = call.parameters.require("AccessKeyId")?;
    let status = call.parameters.one_of("Status", &STATUS)?;
    let status = status.ok_or_else(|| ApiError::missing("Status"))?;
    let set = call
        .identities
        .set_key_status(call.account(), owner(&subject), id, status);
    set.await?;
    Ok(Reply::Empty)
}

pub(super) async fn delete(call: &Call<'_>) -> Result<Reply> {
    let subject = call.user_or_caller()?;
    let id = call.parameters.require("AccessKeyId")?;
    let deleted = call
        .identities
        .delete_access_key(call.account(), owner(&subject), id);
    deleted.await?;
    Ok(Reply::Empty)
}

pub(super) async fn last_used(call: &Call<'_>) -> Result<Reply> {
    let id = call.parameters.require("AccessKeyId")?;
    let owner = call.identities.owner_of_key(id).await?;
    // A key of another account is answered like one that does not exist.
    let Some((_, user)) = owner.filter(|(account, _)| *account == call.account()) else {
        return Err(ApiError::new(
            404,
            "NoSuchEntity",
            format!("The Access Key with id {id} cannot be found."),
        ));
    };
    let last = call.identities.last_use(id).await?;
    Ok(Reply::of(|xml| {
        if let Some(user) = &user {
            xml.text("UserName", user.as_str());
        }
        xml.nest("AccessKeyLastUsed", |xml| {
            if let Some(last) = last {
                date(xml, "LastUsedDate", last.time);
            }
            let service = last.map_or("N/A", |last| last.service.name());
            xml.text("ServiceName", service);
            let region = last.map_or("N/A", |_| &*call.caller.region);
            xml.text("Region", region);
        });
    }))
}

fn owner(subject: &Subject) -> Owner<'_> {
    match subject {
        Subject::Root => Owner::Root,
        Subject::User(name) => Owner::User(name),
    }
}

fn user_name(xml: &mut Xml, call: &Call<'_>, subject: &Subject) {
    if let Some(name) = shown_name(call, subject) {
        xml.text("UserName", &name);
    }
}

/// Returns the status of a key. One that a restore revived is not active.
fn status(key: &AccessKey) -> &'static str {
    match key.status {
        KeyStatus::Active if !key.is_unconfirmed => "Active",
        _ => "Inactive",
    }
}
