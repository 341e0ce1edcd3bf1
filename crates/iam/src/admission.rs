//! The decision about a request before its body is read.

use crate::error::Result;
use crate::service::{Iam, check_method};
use bytes::Bytes;
use http::Response;
use http::request::Parts;
use strongroom_identity::model::last_use::Service;
use strongroom_sigv4::head::Head;
use strongroom_sigv4::query::Query;
use strongroom_sigv4::token;

impl Iam {
    /// Refuses a request from its head alone, unless it names an access key that can be used: the signature covers the
    /// body, so it can only be checked when the body was read, and nobody without a key shall make the server do that.
    ///
    /// # Errors
    /// The response to the request.
    pub async fn admit(&self, head: &Parts) -> Result<(), Box<Response<Bytes>>> {
        let admitted = self.check_signer(head).await;
        admitted.map_err(|error| Box::new(Self::refuse(&error, Service::Iam, &self.request_id())))
    }

    async fn check_signer(&self, head: &Parts) -> Result<()> {
        check_method(head)?;
        let signers = &self.components.signers;
        let head = Head::from(head);
        let query = Query::read(head.uri);
        let signature = self.signature(head, &query)?;
        let token = token::of(head, &query)?;
        signers.find(signature.access_key(), token).await?;
        Ok(())
    }
}
