//! The caller of a request: its signature, its access key and its session.

use crate::error::{ApiError, Result};
use crate::settings::{GLOBAL_REGION, Settings};
use http::request::Parts;
use std::sync::Arc;
use strongroom_access::AccessKeys;
use strongroom_access::arn::AccountId;
use strongroom_identity::Identities;
use strongroom_identity::model::last_use::Service;
use strongroom_identity::principal::{KeyAnswer, Principal, SigningKey};
use strongroom_identity::sessions::is_session_key;
use strongroom_sigv4::date;
use strongroom_sigv4::error::SignatureError;
use strongroom_sigv4::head::Head;
use strongroom_sigv4::query::Query;
use strongroom_sigv4::scope::{Credential, Expected};
use strongroom_sigv4::signature::Signature;
use strongroom_sigv4::verify::verify;
use time::OffsetDateTime;

const TOKEN_HEADER: &str = "x-amz-security-token";
const TOKEN_PARAMETER: &str = "X-Amz-Security-Token";

/// Caller of a request, whose signature is valid.
pub(crate) struct Caller {
    key: SigningKey,
    /// Service that the request was signed for.
    pub(crate) service: Service,
    /// Region that the request was signed for.
    pub(crate) region: String,
}

impl Caller {
    /// Authenticates a request. `root_keys`: access keys of the first account's root user that are not rows.
    ///
    /// # Errors
    /// The codes of the signature, and `MissingAuthenticationToken`, `InvalidClientTokenId`, `ExpiredToken`.
    pub(crate) async fn authenticate(
        identities: &Identities,
        root_keys: &AccessKeys,
        settings: &Settings,
        head: &Parts,
        body: &[u8],
        now: OffsetDateTime,
    ) -> Result<Self> {
        let head = Head::from(head);
        let query = Query::read(head.uri);
        let expected = Expected {
            regions: &[&settings.region, GLOBAL_REGION],
            services: &[Service::Iam.name(), Service::Sts.name()],
        };
        let Some(signature) = Signature::read(head, &query, expected)? else {
            let text = "Request is missing Authentication Token";
            return Err(ApiError::new(403, "MissingAuthenticationToken", text));
        };
        signature.check_headers(head)?;
        let date = date::check(head, &query, &signature, now)?;
        let token = token(head, &query, &signature)?;
        let key = find(identities, root_keys, signature.access_key(), token).await?;
        verify(head, &query, &signature, &date, body, key.secret())?;
        let credential = Credential::parse(&signature.credential)
            .map_err(|error| SignatureError::Scope(signature.location(), error))?;
        let service = if credential.service == Service::Sts.name() {
            Service::Sts
        } else {
            Service::Iam
        };
        identities.note_use(&key, service);
        Ok(Self {
            service,
            region: credential.region.to_owned(),
            key,
        })
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

/// Returns whether a query parameter belongs to the signature of a presigned URL.
pub(crate) fn is_of_signature(parameter: &str) -> bool {
    strongroom_sigv4::signature::is_of_signature(parameter) || parameter == TOKEN_PARAMETER
}

/// Returns the token of temporary credentials: in the query of a presigned URL, else in the header.
fn token<'a>(head: Head<'a>, query: &'a Query, signature: &Signature) -> Result<Option<&'a str>> {
    let in_query = query
        .pairs()
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(TOKEN_PARAMETER));
    let in_query: Vec<_> = in_query.collect();
    let in_header = head.headers.get(TOKEN_HEADER);
    match (in_query.as_slice(), in_header) {
        ([], None) => Ok(None),
        ([], Some(value)) => value.to_str().map(Some).map_err(|_| ApiError::invalid_token()),
        ([(name, value)], None) if signature.presigned && name == TOKEN_PARAMETER => Ok(Some(value)),
        _ => Err(ApiError::invalid_token()),
    }
}

/// Finds the secret and the principal of an access key.
async fn find(
    identities: &Identities,
    root_keys: &AccessKeys,
    id: &str,
    token: Option<&str>,
) -> Result<SigningKey> {
    let answer = match token {
        Some(token) if is_session_key(id) => return Ok(identities.open_session(token, id).await?),
        Some(_) => return Err(ApiError::invalid_token()),
        None => match root_keys.secret(id) {
            Some(secret) => {
                identities
                    .by_root_credentials(AccountId::ROOT, id, &secret)
                    .await?
            }
            None => identities.by_access_key(id).await?,
        },
    };
    match answer {
        KeyAnswer::Active(key) => Ok(key),
        KeyAnswer::Unknown | KeyAnswer::Inactive => Err(ApiError::invalid_token()),
        KeyAnswer::Suspended => Err(ApiError::access_denied("The account is suspended.")),
    }
}
