//! Managed policies and their versions.

use crate::actions::attachments::USAGES;
use crate::call::{Call, Reply};
use crate::documents::{self, Detail, date, flag, page, policy_document, version_id};
use crate::error::{ApiError, Result};
use strongroom_access::arn::Path;
use strongroom_identity::model::policy::PolicyVersion;
use strongroom_identity::page::Page;
use strongroom_identity::policies::{NewPolicy, PolicyFilter, PolicyInfo, Scope};
use strongroom_sigv4::xml::Xml;

/// Values of the parameter `Scope`.
const SCOPES: [(&str, Scope); 3] = [("All", Scope::All), ("AWS", Scope::Aws), ("Local", Scope::Local)];

pub(super) async fn create(call: &Call<'_>) -> Result<Reply> {
    let parameters = call.parameters;
    let path = parameters
        .get("Path")
        .map_or(Ok(Path::default()), Path::of_policy);
    let new = NewPolicy {
        name: parameters.policy_name()?,
        path: path.map_err(|error| ApiError::identifier("Path", &error))?,
        description: parameters.get("Description").map(str::to_owned),
        document: parameters.require("PolicyDocument")?.to_owned(),
        tags: parameters.tags()?,
    };
    let policy = call.identities.create_policy(call.account(), new).await?;
    Ok(reply(&policy))
}

pub(super) async fn get(call: &Call<'_>) -> Result<Reply> {
    let arn = call.parameters.require("PolicyArn")?;
    Ok(reply(&call.identities.policy(call.account(), arn).await?))
}

pub(super) async fn list(call: &Call<'_>) -> Result<Reply> {
    let parameters = call.parameters;
    let filter = PolicyFilter {
        scope: parameters.one_of("Scope", &SCOPES)?.unwrap_or(Scope::All),
        only_attached: parameters.flag("OnlyAttached")?,
        usage: parameters.one_of("PolicyUsageFilter", &USAGES)?,
    };
    let part = parameters.part()?;
    let policies = call.identities.policies(call.account(), filter, part).await?;
    Ok(Reply::of(|xml| {
        page(xml, "Policies", &policies, |xml, policy| {
            documents::policy(xml, policy, Detail::Listed);
        });
    }))
}

pub(super) async fn delete(call: &Call<'_>) -> Result<Reply> {
    let arn = call.parameters.require("PolicyArn")?;
    call.identities.delete_policy(call.account(), arn).await?;
    Ok(Reply::Empty)
}

pub(super) async fn create_version(call: &Call<'_>) -> Result<Reply> {
    let parameters = call.parameters;
    let set_default = parameters.flag("SetAsDefault")?;
    let created = call.identities.create_policy_version(
        call.account(),
        parameters.require("PolicyArn")?,
        parameters.require("PolicyDocument")?,
        set_default,
    );
    let created = created.await?;
    Ok(Reply::of(|xml| {
        xml.nest("PolicyVersion", |xml| version(xml, &created, set_default));
    }))
}

pub(super) async fn get_version(call: &Call<'_>) -> Result<Reply> {
    let arn = call.parameters.require("PolicyArn")?;
    let number = version_number(call)?;
    let policy = call.identities.policy(call.account(), arn).await?.policy;
    let found = call.identities.policy_document(call.account(), arn, Some(number));
    let (found, document) = found.await?;
    Ok(Reply::of(|xml| {
        xml.nest("PolicyVersion", |xml| {
            policy_document(xml, "Document", &document);
            version(xml, &found, policy.default == number);
        });
    }))
}

/// Lists the versions of a policy, the newest first.
pub(super) async fn list_versions(call: &Call<'_>) -> Result<Reply> {
    let arn = call.parameters.require("PolicyArn")?;
    let part = call.parameters.part()?;
    let policy = call.identities.policy(call.account(), arn).await?.policy;
    let before = match part.after {
        "" => u32::MAX,
        marker => parse_version(marker)
            .ok_or_else(|| ApiError::validation("The Marker is not one of this listing."))?,
    };
    let mut rest = policy
        .versions
        .iter()
        .rev()
        .filter(|version| version.number < before);
    let entries: Vec<PolicyVersion> = rest.by_ref().take(part.limit).copied().collect();
    let next = rest
        .next()
        .and_then(|_| entries.last())
        .map(|version| version_id(version.number));
    let versions = Page { entries, next };
    Ok(Reply::of(|xml| {
        page(xml, "Versions", &versions, |xml, one| {
            version(xml, one, one.number == policy.default);
        });
    }))
}

pub(super) async fn delete_version(call: &Call<'_>) -> Result<Reply> {
    let arn = call.parameters.require("PolicyArn")?;
    let number = version_number(call)?;
    call.identities
        .delete_policy_version(call.account(), arn, number)
        .await?;
    Ok(Reply::Empty)
}

pub(super) async fn set_default_version(call: &Call<'_>) -> Result<Reply> {
    let arn = call.parameters.require("PolicyArn")?;
    let number = version_number(call)?;
    call.identities
        .set_default_version(call.account(), arn, number)
        .await?;
    Ok(Reply::Empty)
}

fn reply(policy: &PolicyInfo) -> Reply {
    Reply::of(|xml| xml.nest("Policy", |xml| documents::policy(xml, policy, Detail::Full)))
}

fn version(xml: &mut Xml, version: &PolicyVersion, is_default: bool) {
    xml.text("VersionId", &version_id(version.number));
    flag(xml, "IsDefaultVersion", is_default);
    date(xml, "CreateDate", version.created);
}

fn version_number(call: &Call<'_>) -> Result<u32> {
    let text = call.parameters.require("VersionId")?;
    parse_version(text).ok_or_else(|| {
        let constraint = "Member must satisfy regular expression pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?";
        ApiError::value("VersionId", text, constraint)
    })
}

fn parse_version(text: &str) -> Option<u32> {
    let digits = text.strip_prefix('v')?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| is_number)
}
