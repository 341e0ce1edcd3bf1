//! Identity providers of OIDC.

use crate::tags::Tags;
use minicbor::{Decode, Encode};
use strongroom_access::arn::{AccountId, Arn};
use strongroom_rows::records;

records! {
    Provider = 1, "identity provider";
}

/// Identity provider of OIDC: the row `provider/<account>/<issuer>`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Provider {
    /// URL of the issuer without `https://`.
    #[n(0)]
    pub issuer: String,
    /// Client ids (audiences) that are accepted.
    #[n(1)]
    pub client_ids: Vec<String>,
    /// SHA-1 thumbprints of certificates, as 40 hex digits in lower case.
    #[n(2)]
    pub thumbprints: Vec<String>,
    /// Tags.
    #[n(3)]
    pub tags: Tags,
    /// Time of creation, in microseconds since 1970.
    #[n(4)]
    pub created: u64,
    /// True if the URL of the issuer begins with `http://`.
    #[cbor(n(5), skip_if = "is_false")]
    pub plain_http: bool,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that `skip_if` calls"
)]
fn is_false(value: &bool) -> bool {
    !value
}

impl Provider {
    /// Returns the URL of the issuer.
    pub fn url(&self) -> String {
        let scheme = if self.plain_http { "http://" } else { "https://" };
        [scheme, &self.issuer].concat()
    }

    /// Returns the ARN; the provider does not know its account.
    pub fn arn(&self, account: AccountId) -> Arn {
        Arn::OidcProvider {
            account,
            issuer: self.issuer.clone(),
        }
    }
}
