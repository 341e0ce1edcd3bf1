//! The public documents of identity providers, fetched over HTTP.

use strongroom_iam::{Document, Documents, Fetching};
use strongroom_keys::documents::DocumentClient;
use strongroom_keys::kms::SetupError;

use crate::settings::Oidc;

/// Client of identity providers.
pub(super) struct IssuerDocuments(DocumentClient);

impl IssuerDocuments {
    pub(super) fn new(oidc: &Oidc) -> Result<Self, SetupError> {
        let allowed = oidc.clone();
        let client = DocumentClient::new(oidc.ca_file.as_deref(), move |address| allowed.allows(address));
        client.map(Self)
    }
}

impl Documents for IssuerDocuments {
    fn fetch<'a>(&'a self, url: &'a str) -> Fetching<'a> {
        Box::pin(async move {
            let fetched = self.0.fetch(url).await?;
            Ok(Document {
                body: fetched.body,
                cache_control: fetched.cache_control,
            })
        })
    }
}
