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

/// Request whose body may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// The request names an access key that can be used.
    Signed,
    /// The request is not signed: its body may have the token of an identity provider, and
    /// [`MAX_UNSIGNED_BODY`](crate::MAX_UNSIGNED_BODY) bytes at most.
    Unsigned,
}

impl Iam {
    /// Refuses a request from its head alone if it names an access key that cannot be used: the signature covers the
    /// body, so it can only be checked when the body was read. Of somebody without a key the server reads little.
    ///
    /// # Errors
    /// The response to the request.
    pub async fn admit(&self, head: &Parts) -> Result<Admitted, Box<Response<Bytes>>> {
        let admitted = self.check_signer(head).await;
        admitted.map_err(|error| Box::new(Self::refuse(&error, Service::Iam, &self.request_id())))
    }

    async fn check_signer(&self, head: &Parts) -> Result<Admitted> {
        check_method(head)?;
        let signers = &self.components.signers;
        let head = Head::from(head);
        let query = Query::read(head.uri);
        let Some(signature) = self.signature(head, &query)? else {
            return Ok(Admitted::Unsigned);
        };
        let token = token::of(head, &query)?;
        signers.find(signature.access_key(), token).await?;
        Ok(Admitted::Signed)
    }
}
