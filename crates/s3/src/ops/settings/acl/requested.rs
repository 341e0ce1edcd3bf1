//! The access control list that a request sets: in a header, in grant headers, or in a document.

use crate::request::context::Authenticated;
use crate::request::document::Element;
use crate::response::error::ErrorResponse;
use http::HeaderMap;
use strongroom_access::arn::CanonicalId;
use strongroom_engine::model::settings::Ownership;

/// Resource that the list is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum AclTarget {
    /// A bucket.
    Bucket,
    /// A bucket that is being created.
    NewBucket,
    /// An object.
    Object,
}

/// Canned lists. The flags say whether the list of a bucket, or of an object, grants nothing to anyone but the owner.
const CANNED: [(&str, bool, bool); 8] = [
    ("private", true, true),
    ("bucket-owner-full-control", true, true),
    ("bucket-owner-read", false, true),
    ("public-read", false, false),
    ("public-read-write", false, false),
    ("authenticated-read", false, false),
    ("aws-exec-read", false, false),
    ("log-delivery-write", false, false),
];

const GRANT_HEADERS: [&str; 5] = [
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
];

/// The access control list that a request sets.
pub(crate) struct RequestedAcl<'a> {
    canned: Option<&'a str>,
    /// Headers that grant access: name and value.
    granted: Vec<(&'static str, &'a str)>,
    document: Option<&'a Element>,
}

impl<'a> RequestedAcl<'a> {
    pub(crate) fn of(headers: &'a HeaderMap, request: &'a Authenticated) -> Result<Self, ErrorResponse> {
        let mut acl = Self::of_headers(headers)?;
        // A document of another kind is not an access control list.
        if request.has_document() {
            acl.document = Some(request.document("AccessControlPolicy")?);
        }
        let ways = usize::from(acl.canned.is_some() || !acl.granted.is_empty());
        if ways + usize::from(acl.document.is_some()) > 1 {
            return Err(ErrorResponse::coded(
                400,
                "UnexpectedContent",
                "This request does not support content",
            ));
        }
        Ok(acl)
    }

    /// Reads the headers alone, of a request whose body is something else.
    pub(crate) fn of_headers(headers: &'a HeaderMap) -> Result<Self, ErrorResponse> {
        let text = |name: &str| {
            let value = headers.get(name).map(|value| value.to_str());
            value.transpose().map_err(|_| {
                ErrorResponse::invalid_argument(format!("The header {name} must be plain ASCII text."))
            })
        };
        let canned = text("x-amz-acl")?;
        let mut granted = Vec::new();
        for name in GRANT_HEADERS {
            granted.extend(text(name)?.map(|value| (name, value)));
        }
        if canned.is_some() && !granted.is_empty() {
            return Err(ErrorResponse::invalid_request(
                "Specifying both Canned ACLs and Header Grants is not allowed",
            ));
        }
        Ok(Self {
            canned,
            granted,
            document: None,
        })
    }

    /// Returns whether the request sets no list.
    pub(crate) fn is_empty(&self) -> bool {
        self.canned.is_none() && self.granted.is_empty() && self.document.is_none()
    }

    /// Refuses a request that must set a list and does not.
    pub(super) fn expect_some(&self) -> Result<(), ErrorResponse> {
        if self.is_empty() {
            return Err(ErrorResponse::coded(
                400,
                "MissingSecurityHeader",
                "Your request was missing a required header",
            )
            .with("MissingHeaderName", "x-amz-acl"));
        }
        Ok(())
    }

    /// Refuses every list but that of `owner` alone.
    pub(crate) fn judge(
        &self,
        target: AclTarget,
        ownership: Option<Ownership>,
        owner: CanonicalId,
    ) -> Result<(), ErrorResponse> {
        if self.is_owners_alone(target, owner.as_str())? {
            return Ok(());
        }
        let enforced = matches!(ownership, None | Some(Ownership::BucketOwnerEnforced));
        Err(match target {
            _ if !enforced => ErrorResponse::not_implemented(
                "Access control lists that grant access to others are not implemented; use a bucket policy.",
            ),
            AclTarget::NewBucket => ErrorResponse::coded(
                400,
                "InvalidBucketAclWithObjectOwnership",
                "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
            ),
            AclTarget::Bucket | AclTarget::Object => ErrorResponse::coded(
                400,
                "AccessControlListNotSupported",
                "The bucket does not allow ACLs",
            ),
        })
    }

    /// Returns whether the list grants everything to the owner and nothing to anyone else.
    fn is_owners_alone(&self, target: AclTarget, owner: &str) -> Result<bool, ErrorResponse> {
        if let Some(canned) = self.canned {
            let known = CANNED.iter().find(|(name, ..)| *name == canned);
            let (_, of_bucket, of_object) = known.ok_or_else(|| {
                ErrorResponse::invalid_argument("Invalid canned ACL")
                    .with("ArgumentName", "x-amz-acl")
                    .with("ArgumentValue", canned)
            })?;
            return Ok(if target == AclTarget::Object {
                *of_object
            } else {
                *of_bucket
            });
        }
        if let Some(document) = self.document {
            return is_owners(document, owner);
        }
        for (name, value) in &self.granted {
            for grantee in value.split(',') {
                if *name != "x-amz-grant-full-control" || !is_owner(grantee.trim(), owner)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// Returns whether a grantee of a header, such as `id="..."`, is the owner.
fn is_owner(grantee: &str, owner: &str) -> Result<bool, ErrorResponse> {
    let (kind, value) = grantee
        .split_once('=')
        .ok_or_else(|| ErrorResponse::invalid_argument("Argument format not recognized"))?;
    Ok(kind.trim() == "id" && value.trim().trim_matches('"') == owner)
}

/// Returns whether a document grants everything to the owner and nothing to anyone else.
fn is_owners(document: &Element, account: &str) -> Result<bool, ErrorResponse> {
    document.expect_only(&["Owner", "AccessControlList"])?;
    let owner = document
        .expect_one("Owner")?
        .expect_only(&["ID", "DisplayName"])?;
    let list = document
        .expect_one("AccessControlList")?
        .expect_only(&["Grant"])?;
    let mut grants = 0;
    for grant in list.each("Grant") {
        grant.expect_only(&["Grantee", "Permission"])?;
        let grantee = grant.expect_one("Grantee")?;
        grantee.expect_only(&["ID", "DisplayName", "EmailAddress", "URI"])?;
        let is_owner = grantee.kind() == Some("CanonicalUser") && grantee.word_of("ID")? == Some(account);
        if !is_owner || grant.word_of("Permission")? != Some("FULL_CONTROL") {
            return Ok(false);
        }
        grants += 1;
    }
    Ok(owner.word_of("ID")? == Some(account) && grants > 0)
}
