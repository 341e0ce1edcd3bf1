//! Identity providers of OIDC.

use crate::actions::tags::PROVIDER;
use crate::call::{Call, Reply};
use crate::documents::{self, date, texts};
use crate::error::{ApiError, Result};
use strongroom_identity::IdentityError;
use strongroom_identity::page::Part;

/// All providers of an account: there are at most 100.
const ALL: Part<'static> = Part {
    path_prefix: "",
    after: "",
    limit: 1000,
};

pub(super) async fn create(call: &Call<'_>) -> Result<Reply> {
    let parameters = call.parameters;
    let url = parameters.require("Url")?;
    if url.starts_with("http://") && !call.settings.plain_http_issuers {
        let text = format!(
            "{url:?} is not the URL of an issuer: it must begin with https://, unless the setting oidc.plain_http of the \
             server is true"
        );
        return Err(IdentityError::InvalidInput(text).into());
    }
    let created = call.identities.create_provider(
        call.account(),
        url,
        owned(&parameters.list("ClientIDList")),
        owned(&parameters.list("ThumbprintList")),
        parameters.tags()?,
    );
    let provider = created.await?;
    Ok(Reply::of(|xml| {
        xml.text(PROVIDER, &provider.arn(call.account()).to_string());
        documents::tags(xml, &provider.tags);
    }))
}

pub(super) async fn get(call: &Call<'_>) -> Result<Reply> {
    let arn = call.parameters.require(PROVIDER)?;
    let provider = call.identities.provider(call.account(), arn).await?;
    Ok(Reply::of(|xml| {
        xml.text("Url", &provider.issuer);
        texts(
            xml,
            "ClientIDList",
            provider.client_ids.iter().map(String::as_str),
        );
        texts(
            xml,
            "ThumbprintList",
            provider.thumbprints.iter().map(String::as_str),
        );
        date(xml, "CreateDate", provider.created);
        documents::tags(xml, &provider.tags);
    }))
}

pub(super) async fn list(call: &Call<'_>) -> Result<Reply> {
    let account = call.account();
    let providers = call.identities.providers(account, ALL).await?;
    Ok(Reply::of(|xml| {
        documents::list(
            xml,
            "OpenIDConnectProviderList",
            &providers.entries,
            |xml, provider| {
                xml.text("Arn", &provider.arn(account).to_string());
            },
        );
    }))
}

pub(super) async fn delete(call: &Call<'_>) -> Result<Reply> {
    let arn = call.parameters.require(PROVIDER)?;
    match call.identities.delete_provider(call.account(), arn).await {
        // "This operation does not fail if you call the operation for a provider that does not exist."
        // (IAM API Reference, "DeleteOpenIDConnectProvider".)
        Ok(()) | Err(IdentityError::NoSuchEntity(_)) => Ok(Reply::Empty),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn add_client_id(call: &Call<'_>) -> Result<Reply> {
    let (arn, id) = (
        call.parameters.require(PROVIDER)?,
        call.parameters.require("ClientID")?,
    );
    call.identities.add_client_id(call.account(), arn, id).await?;
    Ok(Reply::Empty)
}

pub(super) async fn remove_client_id(call: &Call<'_>) -> Result<Reply> {
    let (arn, id) = (
        call.parameters.require(PROVIDER)?,
        call.parameters.require("ClientID")?,
    );
    call.identities.remove_client_id(call.account(), arn, id).await?;
    Ok(Reply::Empty)
}

pub(super) async fn update_thumbprints(call: &Call<'_>) -> Result<Reply> {
    let arn = call.parameters.require(PROVIDER)?;
    let thumbprints = owned(&call.parameters.list("ThumbprintList"));
    if thumbprints.is_empty() {
        return Err(ApiError::missing("ThumbprintList"));
    }
    call.identities
        .set_thumbprints(call.account(), arn, thumbprints)
        .await?;
    Ok(Reply::Empty)
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
