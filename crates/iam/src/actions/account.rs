//! The account: its summary and its alias.

use crate::call::{Call, Reply};
use crate::documents::{flag, texts};
use crate::error::{ApiError, Result};

pub(super) async fn summary(call: &Call<'_>) -> Result<Reply> {
    let summary = call.identities.account_summary(call.account()).await?;
    Ok(Reply::of(|xml| {
        xml.nest("SummaryMap", |xml| {
            for (key, value) in summary {
                xml.nest("entry", |xml| {
                    xml.text("key", key);
                    xml.text("value", &value.to_string());
                });
            }
        });
    }))
}

pub(super) async fn list_aliases(call: &Call<'_>) -> Result<Reply> {
    call.parameters.part()?;
    let account = call.identities.account(call.account()).await?;
    Ok(Reply::of(|xml| {
        texts(xml, "AccountAliases", account.alias.as_deref());
        flag(xml, "IsTruncated", false);
    }))
}

pub(super) async fn create_alias(call: &Call<'_>) -> Result<Reply> {
    let alias = call.parameters.require("AccountAlias")?;
    call.identities
        .set_account_alias(call.account(), Some(alias))
        .await?;
    Ok(Reply::Empty)
}

pub(super) async fn delete_alias(call: &Call<'_>) -> Result<Reply> {
    let alias = call.parameters.require("AccountAlias")?;
    let account = call.identities.account(call.account()).await?;
    if account.alias.as_deref() != Some(alias) {
        let text = format!("The account alias {alias} cannot be found.");
        return Err(ApiError::new(404, "NoSuchEntity", text));
    }
    call.identities.set_account_alias(call.account(), None).await?;
    Ok(Reply::Empty)
}
