//! Elements of responses: users, groups, roles, policies, pages. (IAM API Reference, "Data Types".)

use crate::instant::iso_8601;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use strongroom_access::arn::AccountId;
use strongroom_identity::attachments::AttachedPolicy;
use strongroom_identity::model::entity::Entity;
use strongroom_identity::model::group::Group;
use strongroom_identity::model::last_use::LastUse;
use strongroom_identity::model::role::Role;
use strongroom_identity::model::user::User;
use strongroom_identity::page::Page;
use strongroom_identity::policies::PolicyInfo;
use strongroom_identity::tags::Tags;
use strongroom_sigv4::xml::Xml;

/// Characters of policy documents that are not percent-encoded: the unreserved ones of RFC 3986.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Details of an entity: listings leave some out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// As in a listing: without tags and boundary.
    Listed,
    /// Everything.
    Full,
}

/// Writes a policy document, encoded for URLs as AWS does it.
pub(crate) fn policy_document(xml: &mut Xml, element: &str, document: &str) {
    xml.escaped(element, &utf8_percent_encode(document, UNRESERVED).to_string());
}

/// Writes a time in microseconds since 1970.
pub(crate) fn date(xml: &mut Xml, element: &str, micros: u64) {
    xml.text(element, &iso_8601(micros));
}

/// Writes a truth value.
pub(crate) fn flag(xml: &mut Xml, element: &str, value: bool) {
    xml.text(element, if value { "true" } else { "false" });
}

/// Writes a list of structures.
pub(crate) fn list<T>(
    xml: &mut Xml,
    element: &str,
    entries: impl IntoIterator<Item = T>,
    mut member: impl FnMut(&mut Xml, T),
) {
    xml.nest(element, |xml| {
        for entry in entries {
            xml.nest("member", |xml| member(xml, entry));
        }
    });
}

/// Writes a list of texts.
pub(crate) fn texts<'a>(xml: &mut Xml, element: &str, entries: impl IntoIterator<Item = &'a str>) {
    xml.nest(element, |xml| {
        for entry in entries {
            xml.text("member", entry);
        }
    });
}

/// Writes whether a page has a next one, and how to ask for it.
pub(crate) fn page_end<T>(xml: &mut Xml, page: &Page<T>) {
    flag(xml, "IsTruncated", page.next.is_some());
    if let Some(marker) = &page.next {
        xml.text("Marker", marker);
    }
}

/// Writes a page of structures.
pub(crate) fn page<T>(xml: &mut Xml, element: &str, page: &Page<T>, mut member: impl FnMut(&mut Xml, &T)) {
    list(xml, element, &page.entries, |xml, entry| member(xml, entry));
    page_end(xml, page);
}

pub(crate) fn tags(xml: &mut Xml, tags: &Tags) {
    list(xml, "Tags", tags.iter(), |xml, (key, value)| {
        xml.text("Key", key);
        xml.text("Value", value);
    });
}

fn boundary(xml: &mut Xml, arn: Option<&str>) {
    if let Some(arn) = arn {
        xml.nest("PermissionsBoundary", |xml| {
            xml.text("PermissionsBoundaryType", "Policy");
            xml.text("PermissionsBoundaryArn", arn);
        });
    }
}

/// Writes the fields that users, groups and roles have; `word` begins the names of two of them.
fn entity<E: Entity>(xml: &mut Xml, word: &str, account: AccountId, entity: &E, created: u64) {
    xml.text("Path", entity.path().as_str());
    xml.text(&[word, "Name"].concat(), entity.name().as_str());
    xml.text(&[word, "Id"].concat(), entity.id().as_str());
    xml.text("Arn", &entity.arn(account).to_string());
    date(xml, "CreateDate", created);
}

pub(crate) fn user(xml: &mut Xml, account: AccountId, user: &User, detail: Detail) {
    entity(xml, "User", account, user, user.created);
    if detail == Detail::Full {
        boundary(xml, user.boundary.as_deref());
        tags(xml, &user.tags);
    }
}

pub(crate) fn group(xml: &mut Xml, account: AccountId, group: &Group) {
    entity(xml, "Group", account, group, group.created);
}

/// Writes a role. `trust`: its trust policy with ARNs; `last`: the last use of one of its sessions.
pub(crate) fn role(
    xml: &mut Xml,
    account: AccountId,
    role: &Role,
    trust: &str,
    last: Option<(LastUse, &str)>,
    detail: Detail,
) {
    entity(xml, "Role", account, role, role.created);
    policy_document(xml, "AssumeRolePolicyDocument", trust);
    if let Some(description) = &role.description {
        xml.text("Description", description);
    }
    xml.text("MaxSessionDuration", &role.max_session.to_string());
    if detail == Detail::Full {
        boundary(xml, role.boundary.as_deref());
        tags(xml, &role.tags);
        xml.nest("RoleLastUsed", |xml| {
            if let Some((last, region)) = last {
                date(xml, "LastUsedDate", last.time);
                xml.text("Region", region);
            }
        });
    }
}

pub(crate) fn policy(xml: &mut Xml, info: &PolicyInfo, detail: Detail) {
    let policy = &info.policy;
    xml.text("PolicyName", policy.name.as_str());
    xml.text("PolicyId", policy.id.as_str());
    xml.text("Arn", &info.arn);
    xml.text("Path", policy.path.as_str());
    xml.text("DefaultVersionId", &version_id(policy.default));
    xml.text("AttachmentCount", &policy.attachments.to_string());
    xml.text("PermissionsBoundaryUsageCount", &policy.boundaries.to_string());
    flag(xml, "IsAttachable", true);
    date(xml, "CreateDate", policy.created);
    date(xml, "UpdateDate", policy.updated);
    if detail == Detail::Full {
        if let Some(description) = &policy.description {
            xml.text("Description", description);
        }
        tags(xml, &policy.tags);
    }
}

pub(crate) fn attached(xml: &mut Xml, policy: &AttachedPolicy) {
    xml.text("PolicyName", &policy.name);
    xml.text("PolicyArn", &policy.arn);
}

/// Returns the name of a policy's version.
pub(crate) fn version_id(number: u32) -> String {
    format!("v{number}")
}
