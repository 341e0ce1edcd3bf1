//! The access control list that a request sets: in a header, in grant headers, or in a document.

use crate::ops::settings::acl::canned::{AclTarget, Canned};
use crate::ops::settings::acl::named::{Named, invalid_id, malformed_acl, of_element, of_header};
use crate::request::context::Authenticated;
use crate::request::document::Element;
use crate::response::error::ErrorResponse;
use http::HeaderMap;
use strongroom_access::arn::CanonicalId;
use strongroom_engine::model::acl::{Acl, Grant, Grantee, MAX_GRANTS, Permission};
use strongroom_engine::model::settings::BucketSettings;
use strongroom_identity::Identities;

/// Headers that grant access.
const GRANT_HEADERS: [(&str, Permission); 5] = [
    ("x-amz-grant-full-control", Permission::FullControl),
    ("x-amz-grant-read", Permission::Read),
    ("x-amz-grant-read-acp", Permission::ReadAcp),
    ("x-amz-grant-write", Permission::Write),
    ("x-amz-grant-write-acp", Permission::WriteAcp),
];

/// The access control list that a request sets.
pub(crate) enum RequestedAcl<'a> {
    /// None.
    Nothing,
    /// One of the lists that have a name.
    Canned(Canned),
    /// These grants.
    Grants(Vec<(Named<'a>, Permission)>),
    /// The grants of a document, which also names the owner of the resource.
    Document {
        owner: &'a str,
        grants: Vec<(Named<'a>, Permission)>,
    },
}

impl<'a> RequestedAcl<'a> {
    pub(crate) fn of(headers: &'a HeaderMap, request: &'a Authenticated) -> Result<Self, ErrorResponse> {
        let of_headers = Self::of_headers(headers)?;
        if !request.has_document() {
            return Ok(of_headers);
        }
        // A document of another kind is not an access control list.
        let document = request.document("AccessControlPolicy")?;
        if !of_headers.is_empty() {
            return Err(ErrorResponse::coded(
                400,
                "UnexpectedContent",
                "This request does not support content",
            ));
        }
        read(document)
    }

    /// Reads the headers alone, of a request whose body is something else.
    pub(crate) fn of_headers(headers: &'a HeaderMap) -> Result<Self, ErrorResponse> {
        let text = |name: &str| {
            let value = headers.get(name).map(|value| value.to_str());
            value.transpose().map_err(|_| {
                ErrorResponse::invalid_argument(format!("The header {name} must be plain ASCII text."))
            })
        };
        let mut granted = Vec::new();
        for (name, permission) in GRANT_HEADERS {
            for grantee in text(name)?.into_iter().flat_map(|value| value.split(',')) {
                granted.push((of_header(grantee)?, permission));
            }
        }
        match text("x-amz-acl")? {
            Some(_) if !granted.is_empty() => Err(ErrorResponse::invalid_request(
                "Specifying both Canned ACLs and Header Grants is not allowed",
            )),
            Some(name) => Canned::named(name).map(Self::Canned).ok_or_else(|| {
                ErrorResponse::invalid_argument("Invalid canned ACL")
                    .with("ArgumentName", "x-amz-acl")
                    .with("ArgumentValue", name)
            }),
            None if granted.is_empty() => Ok(Self::Nothing),
            None => Ok(Self::Grants(granted)),
        }
    }

    /// Returns whether the request sets no list.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// Returns whether the request has the list that gives the object to the bucket's owner, where the bucket prefers that.
    pub(crate) fn gives_to_bucket_owner(&self) -> bool {
        matches!(self, Self::Canned(Canned::BucketOwnerFullControl))
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

    /// Refuses every list but that of the bucket's owner alone: the bucket has disabled access control lists.
    pub(crate) fn expect_owners_alone(
        &self,
        target: AclTarget,
        owner: CanonicalId,
    ) -> Result<(), ErrorResponse> {
        let is_owners = |grants: &[(Named<'_>, Permission)]| {
            let full = (Named::Id(owner.as_str()), Permission::FullControl);
            !grants.is_empty() && grants.iter().all(|grant| *grant == full)
        };
        let is_owners = match self {
            Self::Nothing => true,
            Self::Canned(canned) => canned
                .list(target, owner, owner)
                .is_ok_and(|acl| acl == Acl::private(owner)),
            Self::Grants(grants) => is_owners(grants),
            Self::Document { owner: named, grants } => *named == owner.as_str() && is_owners(grants),
        };
        if is_owners {
            return Ok(());
        }
        Err(match target {
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

    /// Returns the list to store for a resource of `owner` in a bucket of `bucket_owner`, whose settings enable access control
    /// lists. `None`: that of [`Acl::private`].
    ///
    /// # Errors
    /// The response to a list that names unknown grantees, has too many grants, or is blocked because it is public.
    pub(crate) async fn resolve(
        &self,
        target: AclTarget,
        (owner, bucket_owner): (CanonicalId, CanonicalId),
        settings: &BucketSettings,
        accounts: &Identities,
    ) -> Result<Option<Acl>, ErrorResponse> {
        let acl = match self {
            Self::Nothing => return Ok(None),
            Self::Canned(canned) => canned.list(target, owner, bucket_owner)?,
            Self::Grants(grants) => resolved(grants, accounts).await?,
            Self::Document { owner: named, grants } => {
                if *named != owner.as_str() {
                    return Err(ErrorResponse::access_denied("Access Denied").with(
                        "Hint",
                        "The Owner in the document is not the owner of the resource, and cannot be changed.",
                    ));
                }
                resolved(grants, accounts).await?
            }
        };
        if acl.is_public() && settings.blocks_public_acls() {
            return Err(match target {
                AclTarget::NewBucket => ErrorResponse::coded(
                    400,
                    "InvalidBucketAclWithBlockPublicAccessError",
                    "Bucket cannot have public ACLs set with BlockPublicAccess enabled",
                ),
                AclTarget::Bucket | AclTarget::Object => ErrorResponse::public_acl_blocked(),
            });
        }
        Ok(acl.stored(owner))
    }
}

/// Returns the list of these grants, each once.
async fn resolved(grants: &[(Named<'_>, Permission)], accounts: &Identities) -> Result<Acl, ErrorResponse> {
    if grants.len() > MAX_GRANTS {
        return Err(malformed_acl(&format!(
            "An access control list has at most {MAX_GRANTS} grants; this one has {}.",
            grants.len()
        )));
    }
    let mut list: Vec<Grant> = Vec::new();
    for (named, permission) in grants {
        let grant = Grant::new(named.grantee()?, *permission);
        if list.contains(&grant) {
            continue;
        }
        // An account that was resolved once is not looked up again.
        let is_known = list.iter().any(|known| known.grantee == grant.grantee);
        if let Grantee::Account(id) = grant.grantee
            && !is_known
        {
            let account = accounts.account_by_canonical_id(id).await.map_err(|error| {
                tracing::error!(%error, "the grantee of an access control list cannot be read");
                ErrorResponse::internal()
            })?;
            if account.is_none() {
                return Err(invalid_id(id.as_str()));
            }
        }
        list.push(grant);
    }
    Ok(Acl::new(list))
}

/// Reads a document.
fn read(document: &Element) -> Result<RequestedAcl<'_>, ErrorResponse> {
    document.expect_only(&["Owner", "AccessControlList"])?;
    let owner = document
        .expect_one("Owner")?
        .expect_only(&["ID", "DisplayName"])?;
    let list = document
        .expect_one("AccessControlList")?
        .expect_only(&["Grant"])?;
    let mut grants = Vec::new();
    for grant in list.each("Grant") {
        grant.expect_only(&["Grantee", "Permission"])?;
        let named = of_element(grant.expect_one("Grantee")?)?;
        let permission = match grant.word_of("Permission")? {
            Some("FULL_CONTROL") => Permission::FullControl,
            Some("READ") => Permission::Read,
            Some("WRITE") => Permission::Write,
            Some("READ_ACP") => Permission::ReadAcp,
            Some("WRITE_ACP") => Permission::WriteAcp,
            _ => {
                return Err(malformed_acl(
                    "A Permission must be FULL_CONTROL, READ, WRITE, READ_ACP or WRITE_ACP.",
                ));
            }
        };
        grants.push((named, permission));
    }
    Ok(RequestedAcl::Document {
        owner: owner
            .word_of("ID")?
            .ok_or_else(|| malformed_acl("The Owner has no ID."))?,
        grants,
    })
}
