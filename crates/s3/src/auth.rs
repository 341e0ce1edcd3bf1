//! The signature check, by a service of s3s that has no operations.

use crate::auth::canonical::SignedHead;
use crate::request::host::Hosts;
use crate::request::payload::{self, Signed};
use crate::request::trailers::Trailers;
use crate::response::error::{self, ErrorResponse};
use crate::response::reply::ReplyContext;
use http::{Extensions, HeaderMap, Method, Request, Response, Uri};
use s3s::auth::{S3Auth, SecretKey};
use s3s::route::S3Route;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result};
use std::sync::{Arc, Mutex, PoisonError};
use strongroom_access::AccessKeys;

pub(crate) mod canonical;

/// Checks signatures.
pub(crate) struct Signatures {
    service: S3Service,
    keys: Arc<AccessKeys>,
}

/// The result of a check.
pub(crate) enum Checked {
    /// The signature is valid, or there is none. The trailers are those of an aws-chunked body.
    Passed(Box<S3Request<Body>>, Option<Trailers>),
    /// The response of s3s to a request that it refuses.
    Refused(Response<Body>),
}

impl Signatures {
    /// Creates a check against these access keys.
    pub(crate) fn new(keys: Arc<AccessKeys>, hosts: Hosts) -> Self {
        let mut service = S3ServiceBuilder::new(NoOperations);
        service.set_auth(Secrets {
            keys: Arc::clone(&keys),
        });
        service.set_host(hosts);
        service.set_route(HandBack);
        Self {
            service: service.build(),
            keys,
        }
    }

    /// Checks the signature of a request, from its head alone. The body gets checks that run while it is read. `signed` is
    /// what the fence read; `reply` gets the texts that explain a wrong signature.
    ///
    /// # Errors
    /// An internal error if s3s itself fails, or finds a signature that the fence did not find.
    pub(crate) async fn check(
        &self,
        request: Request<Body>,
        signed: Option<&Signed>,
        reply: &Arc<ReplyContext>,
    ) -> Result<Checked, ErrorResponse> {
        let signed_head = signed.map(|signed| SignedHead::of(&request, &signed.signature));
        let (head, body) = request.into_parts();
        let response = self.service.call(Request::from_parts(head, Body::empty())).await;
        let mut response = response.map_err(ErrorResponse::of_library)?;
        let Some(handed_back) = response.extensions_mut().remove::<HandedBack>() else {
            if let Some(head) = signed_head {
                reply.set_signed_texts(head.elements());
            }
            return Ok(Checked::Refused(response));
        };
        let mut request = handed_back.take()?;
        let secret = request
            .credentials
            .as_ref()
            .map(|credentials| self.keys.secret(&credentials.access_key));
        let (body, trailers) = match secret {
            None => (body, None),
            Some(Some(secret)) => {
                let signed = signed.ok_or_else(ErrorResponse::internal)?;
                payload::verified(&request.headers, signed, &secret, body, reply)
            }
            // The key was replaced in this moment.
            Some(None) => return Err(ErrorResponse::slow_down()),
        };
        request.input = body;
        Ok(Checked::Passed(Box::new(request), trailers))
    }
}

/// The secrets of the access keys in force.
struct Secrets {
    keys: Arc<AccessKeys>,
}

#[async_trait::async_trait]
impl S3Auth for Secrets {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        match self.keys.secret(access_key) {
            Some(secret) => Ok(SecretKey::from(secret.expose())),
            None => Err(S3Error::with_message(
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
