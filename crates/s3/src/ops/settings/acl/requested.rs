//! Which access control list a request asks for, in whichever of the three ways.

use crate::request::context::Authenticated;
use crate::request::document::Element;
use crate::response::error::ErrorResponse;
use http::HeaderMap;
use strongroom_access::ROOT_CANONICAL_ID;
use strongroom_engine::settings::Ownership;

/// What the list would be about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A bucket.
    Bucket,
    /// A bucket that is being made.
    NewBucket,
    /// An object.
    Object,
}

/// Canned lists. Whether one of a bucket, or of an object, gives nobody but the owner anything.
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

/// Which access control list a request asks for.
pub(crate) struct AclAsked<'a> {
    canned: Option<&'a str>,
    /// The headers that grant something: name and value.
    granted: Vec<(&'static str, &'a str)>,
    document: Option<&'a Element>,
}

impl<'a> AclAsked<'a> {
    pub(crate) fn of(headers: &'a HeaderMap, request: &'a Authenticated) -> Result<Self, ErrorResponse> {
        let mut asked = Self::of_headers(headers)?;
        // A document of another kind is no access control list, and a request without one is none either.
        if request.has_document() {
            asked.document = Some(request.document("AccessControlPolicy")?);
        }
        let ways = usize::from(asked.canned.is_some() || !asked.granted.is_empty());
        if ways + usize::from(asked.document.is_some()) > 1 {
            return Err(ErrorResponse::coded(
                400,
                "UnexpectedContent",
                "This request does not support content",
            ));
        }
        Ok(asked)
    }

    /// Of a request that can ask for a list beside something else.
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

    /// Whether nothing is asked.
    pub(crate) fn is_nothing(&self) -> bool {
        self.canned.is_none() && self.granted.is_empty() && self.document.is_none()
    }

    /// Refuses a request that asks for none and must ask for one.
    pub(super) fn needed(&self) -> Result<(), ErrorResponse> {
        if self.is_nothing() {
            return Err(ErrorResponse::coded(
                400,
                "MissingSecurityHeader",
                "Your request was missing a required header",
            )
            .with("MissingHeaderName", "x-amz-acl"));
        }
        Ok(())
    }

    /// Refuses every list but the one that there is.
    pub(crate) fn judge(&self, target: Target, ownership: Option<Ownership>) -> Result<(), ErrorResponse> {
        if self.is_owners_alone(target)? {
            return Ok(());
        }
        let enforced = matches!(ownership, None | Some(Ownership::BucketOwnerEnforced));
        Err(match target {
            _ if !enforced => ErrorResponse::not_implemented(
                "Access control lists that give access to others are not implemented; use a bucket policy.",
            ),
            Target::NewBucket => ErrorResponse::coded(
                400,
                "InvalidBucketAclWithObjectOwnership",
                "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
            ),
            Target::Bucket | Target::Object => ErrorResponse::coded(
                400,
                "AccessControlListNotSupported",
                "The bucket does not allow ACLs",
            ),
        })
    }

    /// Whether the list gives its owner everything and nobody else anything.
    fn is_owners_alone(&self, target: Target) -> Result<bool, ErrorResponse> {
        if let Some(canned) = self.canned {
            let known = CANNED.iter().find(|(name, ..)| *name == canned);
            let (_, of_bucket, of_object) = known.ok_or_else(|| {
                ErrorResponse::invalid_argument("Invalid canned ACL")
                    .with("ArgumentName", "x-amz-acl")
                    .with("ArgumentValue", canned)
            })?;
            return Ok(if target == Target::Object {
                *of_object
            } else {
                *of_bucket
            });
        }
        if let Some(document) = self.document {
            return is_owners(document);
        }
        for (name, value) in &self.granted {
            for grantee in value.split(',') {
                if *name != "x-amz-grant-full-control" || !is_owner(grantee.trim())? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// Whether a grantee of a header, such as `id="..."`, is the owner.
fn is_owner(grantee: &str) -> Result<bool, ErrorResponse> {
    let (kind, value) = grantee
        .split_once('=')
        .ok_or_else(|| ErrorResponse::invalid_argument("Argument format not recognized"))?;
    Ok(kind.trim() == "id" && value.trim().trim_matches('"') == ROOT_CANONICAL_ID)
}

/// Whether a document gives the owner everything and nobody else anything.
fn is_owners(document: &Element) -> Result<bool, ErrorResponse> {
    document.knows(&["Owner", "AccessControlList"])?;
    let owner = document.need("Owner")?.knows(&["ID", "DisplayName"])?;
    let list = document.need("AccessControlList")?.knows(&["Grant"])?;
    let mut grants = 0;
    for grant in list.each("Grant") {
        grant.knows(&["Grantee", "Permission"])?;
        let grantee = grant.need("Grantee")?;
        grantee.knows(&["ID", "DisplayName", "EmailAddress", "URI"])?;
        let is_owner =
            grantee.kind() == Some("CanonicalUser") && grantee.word_of("ID")? == Some(ROOT_CANONICAL_ID);
        if !is_owner || grant.word_of("Permission")? != Some("FULL_CONTROL") {
            return Ok(false);
        }
        grants += 1;
    }
    Ok(owner.word_of("ID")? == Some(ROOT_CANONICAL_ID) && grants > 0)
}
