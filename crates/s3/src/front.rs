//! The entry point: the server calls [`Front::answer`] for each request.

use crate::auth::{Checked, Signatures};
use crate::dispatch::{self, Dispatcher};
use crate::form::Forms;
use crate::ops::Operations;
use crate::ops::object_encryption::ObjectEncryption;
use crate::permission::{NoSignatures, Permission};
use crate::request::buffers::{self, Buffers};
use crate::request::context::Received;
use crate::request::host::Hosts;
use crate::request::record::Record;
use crate::request::shares::{Places, Sharer, Shares};
use crate::request::target::{Level, is_form};
use crate::request::transport::{Standing, Transport};
use crate::request::turns::Turns;
use crate::response::error::ErrorResponse;
use crate::response::reply::{self, ReplyContext};
use crate::response::shown;
use crate::settings::{RequestLimits, Settings};
use crate::{cors, fence};
use http::{Method, Request, Response};
use s3s::Body;
use s3s::service::S3ServiceBuilder;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Instant;
use strongroom_audit::RequestId;
use strongroom_engine::Engine;
use strongroom_identity::Identities;
use strongroom_identity::signers::Signers;
use strongroom_permission::Identity;
use strongroom_seal::Random;

/// Entry point for S3 requests.
pub struct Front {
    engine: Engine,
    signatures: Signatures,
    forms: Forms,
    permission: Permission,
    dispatcher: Dispatcher,
    buffers: Buffers,
    turns: Turns,
    shares: Shares,
    identities: Identities,
    settings: Arc<Settings>,
    hosts: Hosts,
    random: Arc<dyn Random>,
}

impl Front {
    /// Creates the entry point for requests to `engine`.
    pub fn new(engine: Engine, signers: Signers, settings: Settings, random: Arc<dyn Random>) -> Self {
        let hosts = Hosts::new(&settings.hosts);
        let identities = signers.identities().clone();
        let permission = Permission::new(engine.clone(), identities.clone());
        let mut operations = S3ServiceBuilder::new(Operations);
        operations.set_host(hosts.clone());
        operations.set_auth(NoSignatures);
        operations.set_access(permission.clone());
        operations.set_route(ObjectEncryption::new(permission.clone()));
        Self {
            engine,
            signatures: Signatures::new(signers.clone(), hosts.clone()),
            forms: Forms::new(signers, hosts.clone()),
            permission,
            dispatcher: Dispatcher::new(operations.build()),
            buffers: Buffers::new(settings.buffers),
            turns: Turns::default(),
            shares: Shares::new(settings.all_requests),
            identities,
            settings: Arc::new(settings),
            hosts,
            random,
        }
    }

    /// Returns whether a request is about a bucket or an object, by its host or its path. If not, it is about the service.
    pub fn names_bucket<B>(&self, request: &Request<B>) -> bool {
        Level::of(&self.hosts, request) != Level::Service
    }

    /// Answers a request. Every failure becomes an S3 error document.
    ///
    /// The body of this function lists all steps of a request, in order.
    pub async fn answer(
        &self,
        transport: Transport,
        standing: Standing,
        request: Request<Body>,
    ) -> Response<Body> {
        // 1. Give the request an id, for its response and the log.
        let started = Instant::now();
        let reply = Arc::new(ReplyContext::of(&request, RequestId::new(&*self.random)));
        let record = Record::new(self.engine.audit());
        let received = Received {
            reply: Arc::clone(&reply),
            transport,
            settings: Arc::clone(&self.settings),
            standing,
            turns: self.turns.clone(),
            reservation: self.buffers.reservation(),
            record: Arc::clone(&record),
        };
        let reservation = received.reservation.clone();
        let request = record.count_received(request);
        // 2. Answer preflight requests of browsers. They are not signed and go no further.
        let mut response = if request.method() == Method::OPTIONS {
            let response = cors::preflight(&self.engine, &self.hosts, &request).await;
            response.unwrap_or_else(|error| error.into_response(&reply))
        } else {
            // 3. Find the CORS headers of the response, whether it will be a success or an error.
            let cors_headers = cors::response_headers(&self.engine, &self.hosts, &request).await;
            let outcome = async {
                // 4. Refuse what s3s would misread.
                let (fenced, request) = fence::pass(&self.hosts, received, request)?;
                // 5. Check who signed the request, and take out what the second s3s must not see. A form becomes a PUT.
                let bucket = fenced.bucket.clone();
                let (form, places, authenticated, request) = if is_form(&request) {
                    let (form, authenticated, put) = self.forms.read(fenced, request).await?;
                    let places = self.admit(&authenticated.identity, bucket.as_deref()).await?;
                    (Some(form), places, authenticated, put)
                } else {
                    let passed = match self
                        .signatures
                        .check(request, fenced.signed.as_ref(), &reply)
                        .await?
                    {
                        Checked::Passed(passed) => *passed,
                        Checked::Refused(response) => {
                            return Ok(reply::complete_document(response, &reply).await);
                        }
                    };
                    // 6. Take a place in the share of the account. A form takes it before its file is read.
                    let places = self.admit(&passed.identity, bucket.as_deref()).await?;
                    let (authenticated, request) =
                        dispatch::extract(&self.permission, fenced, passed).await?;
                    (None, places, authenticated, request)
                };
                // 7. Decide whether the caller may do it (`permission`), parse the request, call the operation (`ops`).
                let response = self.dispatcher.call(authenticated, request).await?;
                Ok(places.keep(match form {
                    Some(form) => form.complete(response),
                    None => response,
                }))
            };
            let outcome: Result<Response<Body>, ErrorResponse> = outcome.await;
            let outcome = outcome.and_then(|response| buffers::keep(response, reservation));
            let mut response = outcome.unwrap_or_else(|error| error.into_response(&reply));
            response.headers_mut().extend(cors_headers);
            response
        };
        // 8. Add the headers that every response has, and the outcome to the line in the audit log.
        reply::complete(&mut response, &reply);
        let response = record.complete(response, reply.code());
        tracing::debug!(
            request = %reply.id,
            // A key may be in any place of a request.
            method = shown::of_encryption(reply.method.as_str()),
            path = %reply.path,
            status = response.status().as_u16(),
            micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
            "answered"
        );
        response
    }

    /// Admits a request to the share of its account; one without a signature to that of the owner of its bucket.
    async fn admit(&self, identity: &Identity, bucket: Option<&str>) -> Result<Places, ErrorResponse> {
        let sharer = match identity {
            Identity::Principal(principal) => Some(Sharer::Account(principal.account)),
            // A missing bucket is refused later.
            Identity::Anonymous => match bucket {
                Some(bucket) => match self.engine.bucket_access(bucket).await {
                    Ok((owner, _)) => Some(Sharer::Public(owner.account)),
                    Err(_) => None,
                },
                None => None,
            },
        };
        let of = sharer.map(|sharer| {
            let (Sharer::Account(account) | Sharer::Public(account)) = sharer;
            let quota = self.identities.quota(account);
            let limits = RequestLimits {
                per_second: quota.requests_per_second.and_then(NonZeroU32::new),
                at_once: quota.concurrency.and_then(NonZeroU32::new),
            };
            (sharer, limits.or(self.settings.account_requests))
        });
        self.shares.admit(of)
    }
}
