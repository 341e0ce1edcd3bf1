//! Last uses of access keys and roles.

use minicbor::{Decode, Encode};
use strongroom_rows::records;

records! {
    LastUse = 1, "last use";
}

/// Last use of an access key or a role: the row `last-used/<id>`. Up to a minute old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LastUse {
    /// Time, in microseconds since 1970.
    #[n(0)]
    pub time: u64,
    /// Service that was used.
    #[n(1)]
    pub service: Service,
}

/// Service of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Service {
    /// S3.
    #[n(0)]
    S3,
    /// IAM.
    #[n(1)]
    Iam,
    /// STS.
    #[n(2)]
    Sts,
}

impl Service {
    /// Returns the name of the service in responses.
    pub fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Iam => "iam",
            Self::Sts => "sts",
        }
    }
}
