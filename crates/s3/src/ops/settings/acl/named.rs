//! Grantees, as requests name them.

use crate::request::document::Element;
use crate::response::error::ErrorResponse;
use strongroom_access::arn::CanonicalId;
use strongroom_engine::model::acl::Grantee;

/// Groups by their addresses.
pub(super) const GROUPS: [(&str, Grantee); 3] = [
    (
        "http://acs.amazonaws.com/groups/global/AllUsers",
        Grantee::AllUsers,
    ),
    (
        "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
        Grantee::AuthenticatedUsers,
    ),
    (
        "http://acs.amazonaws.com/groups/s3/LogDelivery",
        Grantee::LogDelivery,
    ),
];

/// A grantee as a request names it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named<'a> {
    /// Canonical id of an account.
    Id(&'a str),
    /// Address of a group.
    Uri(&'a str),
    /// E-mail address of an account.
    Email(&'a str),
}

impl Named<'_> {
    pub(super) fn grantee(self) -> Result<Grantee, ErrorResponse> {
        match self {
            Self::Id(id) => CanonicalId::parse(id)
                .map(Grantee::Account)
                .map_err(|_| invalid_id(id)),
            Self::Uri(uri) => {
                let known = GROUPS.iter().find(|(address, _)| *address == uri);
                known.map(|(_, group)| *group).ok_or_else(|| {
                    ErrorResponse::invalid_argument("Invalid group uri")
                        .with("ArgumentName", "uri")
                        .with("ArgumentValue", uri)
                })
            }
            // AWS resolves e-mail addresses in some of its regions only; here accounts are named by their canonical id.
            Self::Email(email) => Err(ErrorResponse::coded(
                400,
                "UnresolvableGrantByEmailAddress",
                "The email address you provided does not match any account on record.",
            )
            .with("ArgumentValue", email)),
        }
    }
}

pub(super) fn invalid_id(id: &str) -> ErrorResponse {
    ErrorResponse::invalid_argument("Invalid id")
        .with("ArgumentName", "id")
        .with("ArgumentValue", id)
}

pub(super) fn malformed_acl(why: &str) -> ErrorResponse {
    ErrorResponse::coded(
        400,
        "MalformedACLError",
        "The ACL that you provided was not well formed or did not validate against our published schema",
    )
    .with("Hint", why)
}

/// Reads a grantee of a header, such as `id="..."`.
pub(super) fn of_header(grantee: &str) -> Result<Named<'_>, ErrorResponse> {
    let unreadable = || {
        ErrorResponse::invalid_argument("Argument format not recognized")
            .with("ArgumentValue", grantee.trim())
    };
    let (kind, value) = grantee.split_once('=').ok_or_else(unreadable)?;
    let value = value.trim().trim_matches('"');
    match kind.trim().to_ascii_lowercase().as_str() {
        "id" => Ok(Named::Id(value)),
        "uri" => Ok(Named::Uri(value)),
        "emailaddress" => Ok(Named::Email(value)),
        _ => Err(unreadable()),
    }
}

/// Reads a grantee of a document.
pub(super) fn of_element(grantee: &Element) -> Result<Named<'_>, ErrorResponse> {
    grantee.expect_only(&["ID", "DisplayName", "EmailAddress", "URI"])?;
    let text = |name| {
        let missing = || malformed_acl(&format!("The Grantee has no {name}."));
        grantee.word_of(name)?.ok_or_else(missing)
    };
    Ok(match grantee.kind() {
        Some("CanonicalUser") => Named::Id(text("ID")?),
        Some("Group") => Named::Uri(text("URI")?),
        Some("AmazonCustomerByEmail") => Named::Email(text("EmailAddress")?),
        _ => {
            return Err(malformed_acl(
                "The attribute xsi:type of a Grantee must be CanonicalUser, Group or AmazonCustomerByEmail.",
            ));
        }
    })
}
