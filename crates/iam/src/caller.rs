//! The caller of a request: its signature, its access key and its session.

use crate::error::Result;
use crate::settings::{GLOBAL_REGION, Settings};
use http::request::Parts;
use std::sync::Arc;
use strongroom_identity::model::last_use::Service;
use strongroom_identity::principal::{Principal, SigningKey};
use strongroom_identity::signers::Signers;
use strongroom_sigv4::date;
use strongroom_sigv4::error::SignatureError;
use strongroom_sigv4::head::Head;
use strongroom_sigv4::query::Query;
use strongroom_sigv4::scope::{Credential, Expected};
use strongroom_sigv4::signature::Signature;
use strongroom_sigv4::token;
use strongroom_sigv4::verify::verify;
use time::OffsetDateTime;

/// Caller of a request, whose signature is valid.
pub(crate) struct Caller {
    key: SigningKey,
    /// Service that the request was signed for.
    pub(crate) service: Service,
    /// Region that the request was signed for.
    pub(crate) region: String,
}

impl Caller {
    /// Authenticates a request. `None`: the request is not signed.
    ///
    /// # Errors
    /// The codes of the signature, and `InvalidClientTokenId`, `ExpiredToken`.
    pub(crate) async fn authenticate(
        signers: &Signers,
        settings: &Settings,
        head: &Parts,
        body: &[u8],
        now: OffsetDateTime,
    ) -> Result<Option<Self>> {
        let head = Head::from(head);
        let query = Query::read(head.uri);
        let Some(signature) = read_signature(settings, head, &query)? else {
            return Ok(None);
        };
        signature.check_headers(head)?;
        let date = date::check(head, &query, &signature, now)?;
        let token = token::of(head, &query)?;
        let key = signers.find(signature.access_key(), token).await?;
        verify(head, &query, &signature, &date, body, key.secret())?;
        let credential = Credential::parse(&signature.credential)
            .map_err(|error| SignatureError::Scope(signature.location(), error))?;
        let service = if credential.service == Service::Sts.name() {
            Service::Sts
        } else {
            Service::Iam
        };
        signers.identities().note_use(&key, service);
        Ok(Some(Self {
            service,
            region: credential.region.to_owned(),
            key,
        }))
    }

    pub(crate) fn principal(&self) -> &Arc<Principal> {
        self.key.principal()
    }

    /// Returns the ARN of the caller, as messages name it.
    pub(crate) fn arn(&self) -> String {
        let principal = self.principal().as_policy_principal();
        principal.arn().unwrap_or_default().into_owned()
    }
}

/// Reads the signature of a request to IAM or STS. `None`: the request is not signed.
///
/// # Errors
/// The codes of the signature.
pub(crate) fn read_signature(
    settings: &Settings,
    head: Head<'_>,
    query: &Query,
) -> Result<Option<Signature>> {
    let expected = Expected {
        regions: &[&settings.region, GLOBAL_REGION],
        services: &[Service::Iam.name(), Service::Sts.name()],
    };
    Ok(Signature::read(head, query, expected)?)
}
