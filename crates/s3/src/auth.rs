//! The signature check, by a service of s3s that has no operations.

use crate::auth::canonical::SignedHead;
use crate::request::host::Hosts;
use crate::request::payload::{self, Signed};
use crate::request::trailers::Trailers;
use crate::response::error::{self, ErrorResponse};
use crate::response::reply::ReplyContext;
use http::{Extensions, HeaderMap, Method, Request, Response, Uri};
use s3s::auth::{S3Auth, SecretKey};
use s3s::config::{S3ConfigProvider, StaticConfigProvider};
use s3s::route::S3Route;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result};
use std::sync::{Arc, Mutex, PoisonError};
use strongroom_identity::model::last_use::Service;
use strongroom_identity::principal::SigningKey;
use strongroom_identity::signers::{SignerError, Signers};
use strongroom_permission::Identity;

pub(crate) mod canonical;

/// Checks signatures.
pub(crate) struct Signatures {
    signers: Signers,
    hosts: Hosts,
    config: Arc<dyn S3ConfigProvider>,
}

/// The result of a check.
pub(crate) enum Checked {
    /// The signature is valid, or there is none.
    Passed(Box<Passed>),
    /// The response of s3s to a request that it refuses.
    Refused(Response<Body>),
}

/// A request that passed the check.
pub(crate) struct Passed {
    pub(crate) request: S3Request<Body>,
    pub(crate) identity: Identity,
    /// Trailers of an aws-chunked body.
    pub(crate) trailers: Option<Trailers>,
}

impl Signatures {
    /// Creates a check against the keys of these signers.
    pub(crate) fn new(signers: Signers, hosts: Hosts) -> Self {
        Self {
            signers,
            hosts,
            config: Arc::new(StaticConfigProvider::default()),
        }
    }

    /// Returns the service of s3s that checks one request. It knows the key of this request alone, because the secret of
    /// temporary credentials is in the request's token.
    fn service(&self, key: Option<SigningKey>) -> S3Service {
        let mut service = S3ServiceBuilder::new(NoOperations);
        service.set_config(Arc::clone(&self.config));
        service.set_auth(Secret(key));
        service.set_host(self.hosts.clone());
        service.set_route(HandBack);
        service.build()
    }

    /// Checks the signature of a request, from its head alone. The body gets checks that run while it is read. `signed` is
    /// what the fence read; `reply` gets the texts that explain a wrong signature.
    ///
    /// # Errors
    /// `InvalidAccessKeyId`, `InvalidToken`, `ExpiredToken` and the like for keys that cannot be used; an internal error if
    /// s3s itself fails, or finds a signature that the fence did not find.
    pub(crate) async fn check(
        &self,
        request: Request<Body>,
        signed: Option<&Signed>,
        reply: &Arc<ReplyContext>,
    ) -> Result<Checked, ErrorResponse> {
        let key = match signed {
            None => None,
            Some(signed) => {
                let id = signed.signature.access_key();
                let key = self.signers.find(id, signed.token.as_deref()).await;
                Some(key.map_err(refused_key)?)
            }
        };
        let signed_head = signed.map(|signed| SignedHead::of(&request, &signed.signature));
        let (head, body) = request.into_parts();
        let response = self
            .service(key.clone())
            .call(Request::from_parts(head, Body::empty()))
            .await;
        let mut response = response.map_err(ErrorResponse::of_library)?;
        let Some(handed_back) = response.extensions_mut().remove::<HandedBack>() else {
            if let Some(head) = signed_head {
                reply.set_signed_texts(head.elements());
            }
            return Ok(Checked::Refused(response));
        };
        let mut request = handed_back.take()?;
        let (body, trailers, identity) = match (signed, key) {
            (None, None) if request.credentials.is_none() => (body, None, Identity::Anonymous),
            (Some(signed), Some(key)) if request.credentials.is_some() => {
                let (body, trailers) = payload::verified(&request.headers, signed, key.secret(), body, reply);
                self.signers.identities().note_use(&key, Service::S3);
                (body, trailers, Identity::Principal(Arc::clone(key.principal())))
            }
            // The fence and s3s disagree about who signed.
            _ => return Err(ErrorResponse::internal()),
        };
        request.input = body;
        Ok(Checked::Passed(Box::new(Passed {
            request,
            identity,
            trailers,
        })))
    }
}

/// Returns the response to a request whose key cannot be used. It is not told apart from an unknown key to callers that
/// have not shown that they know the secret.
pub(crate) fn refused_key(error: SignerError) -> ErrorResponse {
    let coded = |status, code| ErrorResponse::coded(status, code, error::message_of(code));
    match error {
        SignerError::Unknown | SignerError::Inactive => coded(403, "InvalidAccessKeyId"),
        SignerError::Suspended => coded(403, "AccountProblem"),
        SignerError::Token => ErrorResponse::invalid_token(),
        SignerError::Expired => coded(400, "ExpiredToken"),
        SignerError::Identity(error) => {
            tracing::error!(%error, "cannot find the signer of a request");
            ErrorResponse::internal()
        }
    }
}

/// The secret of the key that signed a request. `None`: the request is not signed.
struct Secret(Option<SigningKey>);

#[async_trait::async_trait]
impl S3Auth for Secret {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        match &self.0 {
            Some(key) if key.principal().access_key_id == access_key => {
                Ok(SecretKey::from(key.secret().expose()))
            }
            _ => Err(S3Error::with_message(
                S3ErrorCode::InvalidAccessKeyId,
                error::message_of("InvalidAccessKeyId"),
            )),
        }
    }
}

/// A request that s3s has checked, inside the response that returns it.
#[derive(Clone)]
struct HandedBack(Arc<Mutex<Option<S3Request<Body>>>>);

impl HandedBack {
    fn take(&self) -> Result<S3Request<Body>, ErrorResponse> {
        let request = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        request.ok_or_else(ErrorResponse::internal)
    }
}

/// Route that returns every checked request in the extensions of the response.
struct HandBack;

#[async_trait::async_trait]
impl S3Route for HandBack {
    fn is_match(&self, _: &Method, _: &Uri, _: &HeaderMap, _: &mut Extensions) -> bool {
        true
    }

    /// Lets requests without a signature pass: [`crate::permission`] decides what they may do.
    async fn check_access(&self, _: &mut S3Request<Body>) -> S3Result<()> {
        Ok(())
    }

    async fn call(&self, request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let mut response = S3Response::new(Body::empty());
        let handed_back = HandedBack(Arc::new(Mutex::new(Some(request))));
        response.extensions.insert(handed_back);
        Ok(response)
    }
}

/// Requests never reach an operation of this service: [`HandBack`] takes all of them.
struct NoOperations;

impl S3 for NoOperations {}
