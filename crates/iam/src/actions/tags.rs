//! Tags of users, roles, managed policies and identity providers.

use crate::actions::inline::Named;
use crate::call::{Call, Reply};
use crate::documents::{self, page_end};
use crate::error::{ApiError, Result};
use strongroom_access::arn::{Arn, Name};
use strongroom_identity::IdentityError;
use strongroom_identity::model::entity::Tagged;
use strongroom_identity::model::policy::ManagedPolicy;
use strongroom_identity::page::{Page, Part};
use strongroom_identity::tags::Tags;

/// Parameter with the ARN of an identity provider.
pub(super) const PROVIDER: &str = "OpenIDConnectProviderArn";

pub(super) async fn tag<E: Named + Tagged>(call: &Call<'_>) -> Result<Reply> {
    let (name, tags) = (E::of(call)?, new_tags(call)?);
    call.identities.tag::<E>(call.account(), &name, &tags).await?;
    Ok(Reply::Empty)
}

pub(super) async fn untag<E: Named + Tagged>(call: &Call<'_>) -> Result<Reply> {
    let (name, keys) = (E::of(call)?, keys(call)?);
    call.identities.untag::<E>(call.account(), &name, &keys).await?;
    Ok(Reply::Empty)
}

pub(super) async fn list<E: Named + Tagged>(call: &Call<'_>) -> Result<Reply> {
    let (name, part) = (E::of(call)?, call.parameters.part()?);
    let entity = call.identities.get::<E>(call.account(), &name).await?;
    Ok(reply(entity.tags(), part))
}

pub(super) async fn tag_policy(call: &Call<'_>) -> Result<Reply> {
    let (name, tags) = (own_policy(call).await?, new_tags(call)?);
    call.identities
        .tag::<ManagedPolicy>(call.account(), &name, &tags)
        .await?;
    Ok(Reply::Empty)
}

pub(super) async fn untag_policy(call: &Call<'_>) -> Result<Reply> {
    let (name, keys) = (own_policy(call).await?, keys(call)?);
    call.identities
        .untag::<ManagedPolicy>(call.account(), &name, &keys)
        .await?;
    Ok(Reply::Empty)
}

pub(super) async fn list_of_policy(call: &Call<'_>) -> Result<Reply> {
    let arn = call.parameters.require("PolicyArn")?;
    let part = call.parameters.part()?;
    let policy = call.identities.policy(call.account(), arn).await?.policy;
    Ok(reply(&policy.tags, part))
}

pub(super) async fn tag_provider(call: &Call<'_>) -> Result<Reply> {
    let (arn, tags) = (call.parameters.require(PROVIDER)?, new_tags(call)?);
    call.identities.tag_provider(call.account(), arn, &tags).await?;
    Ok(Reply::Empty)
}

pub(super) async fn untag_provider(call: &Call<'_>) -> Result<Reply> {
    let (arn, keys) = (call.parameters.require(PROVIDER)?, keys(call)?);
    call.identities.untag_provider(call.account(), arn, &keys).await?;
    Ok(Reply::Empty)
}

pub(super) async fn list_of_provider(call: &Call<'_>) -> Result<Reply> {
    let (arn, part) = (call.parameters.require(PROVIDER)?, call.parameters.part()?);
    let provider = call.identities.provider(call.account(), arn).await?;
    Ok(reply(&provider.tags, part))
}

/// Returns the name of the policy in `PolicyArn`, which must belong to the account.
async fn own_policy(call: &Call<'_>) -> Result<Name> {
    let arn = call.parameters.require("PolicyArn")?;
    let found = call.identities.policy(call.account(), arn).await?;
    match Arn::parse(&found.arn) {
        Ok(Arn::Policy {
            account: Some(_),
            name,
            ..
        }) => Ok(name),
        _ => Err(IdentityError::UnmodifiablePolicy(found.arn).into()),
    }
}

fn new_tags(call: &Call<'_>) -> Result<Tags> {
    if call.parameters.fields("Tags", "Key").is_empty() {
        return Err(ApiError::missing("Tags"));
    }
    call.parameters.tags()
}

fn keys(call: &Call<'_>) -> Result<Vec<String>> {
    let keys = call.parameters.list("TagKeys");
    if keys.is_empty() {
        return Err(ApiError::missing("TagKeys"));
    }
    Ok(keys.into_iter().map(str::to_owned).collect())
}

/// Responds with a page of tags. The marker is the key of the last one.
fn reply(tags: &Tags, part: Part<'_>) -> Reply {
    let after = |(key, _): &(&str, &str)| part.after.is_empty() || *key > part.after;
    let mut rest = tags.iter().filter(after);
    let entries: Vec<(&str, &str)> = rest.by_ref().take(part.limit).collect();
    let next = rest
        .next()
        .and_then(|_| entries.last())
        .map(|(key, _)| (*key).to_owned());
    let page = Page { entries, next };
    Reply::of(|xml| {
        documents::list(xml, "Tags", &page.entries, |xml, (key, value)| {
            xml.text("Key", key);
            xml.text("Value", value);
        });
        page_end(xml, &page);
    })
}
