//! Access control lists that have a name
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl>).

use crate::response::error::ErrorResponse;
use strongroom_access::arn::CanonicalId;
use strongroom_engine::model::acl::{Acl, Grant, Grantee, Permission};

/// Resource that the list is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AclTarget {
    /// A bucket.
    Bucket,
    /// A bucket that is being created.
    NewBucket,
    /// An object.
    Object,
}

/// An access control list that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Canned {
    Private,
    PublicRead,
    PublicReadWrite,
    AuthenticatedRead,
    BucketOwnerRead,
    BucketOwnerFullControl,
    LogDeliveryWrite,
    AwsExecRead,
}

impl Canned {
    /// Returns the list of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "private" => Self::Private,
            "public-read" => Self::PublicRead,
            "public-read-write" => Self::PublicReadWrite,
            "authenticated-read" => Self::AuthenticatedRead,
            "bucket-owner-read" => Self::BucketOwnerRead,
            "bucket-owner-full-control" => Self::BucketOwnerFullControl,
            "log-delivery-write" => Self::LogDeliveryWrite,
            "aws-exec-read" => Self::AwsExecRead,
            _ => return None,
        })
    }

    /// Returns the list for a resource of `owner` in a bucket of `bucket_owner`.
    ///
    /// # Errors
    /// The response to a list that there is not for the resource.
    pub(crate) fn list(
        self,
        target: AclTarget,
        owner: CanonicalId,
        bucket_owner: CanonicalId,
    ) -> Result<Acl, ErrorResponse> {
        let bucket_owner = Grantee::Account(bucket_owner);
        let more = match self {
            Self::Private => vec![],
            Self::PublicRead => vec![Grant::new(Grantee::AllUsers, Permission::Read)],
            Self::PublicReadWrite => vec![
                Grant::new(Grantee::AllUsers, Permission::Read),
                Grant::new(Grantee::AllUsers, Permission::Write),
            ],
            Self::AuthenticatedRead => vec![Grant::new(Grantee::AuthenticatedUsers, Permission::Read)],
            Self::BucketOwnerRead => vec![Grant::new(bucket_owner, Permission::Read)],
            Self::BucketOwnerFullControl => vec![Grant::new(bucket_owner, Permission::FullControl)],
            Self::LogDeliveryWrite if target == AclTarget::Object => {
                return Err(
                    ErrorResponse::invalid_argument("log-delivery-write is a list of buckets.")
                        .with("ArgumentName", "x-amz-acl"),
                );
            }
            Self::LogDeliveryWrite => vec![
                Grant::new(Grantee::LogDelivery, Permission::Write),
                Grant::new(Grantee::LogDelivery, Permission::ReadAcp),
            ],
            Self::AwsExecRead => {
                return Err(ErrorResponse::not_implemented(
                    "aws-exec-read grants access to a service of AWS that does not exist here.",
                ));
            }
        };
        // The owner has full control already.
        let more = more
            .into_iter()
            .filter(|grant| grant.grantee != Grantee::Account(owner));
        let own = Grant::new(Grantee::Account(owner), Permission::FullControl);
        Ok(Acl::new([own].into_iter().chain(more).collect()))
    }
}
