//! The front door: what the server calls for each request.

use crate::dispatch::{AfterSignature, Dispatcher};
use crate::fence::unread_body::Leftover;
use crate::form::Forms;
use crate::ops::object_encryption::ObjectEncryption;
use crate::ops::operations::Operations;
use crate::permission::{NoSignatures, Permission};
use crate::request::host::Hosts;
use crate::request::target::is_form;
use crate::request::transport::Transport;
use crate::response::error::ErrorResponse;
use crate::response::reply::{self, ReplyContext};
use crate::response::request_id::RequestId;
use crate::settings::Settings;
use crate::{auth, cors, fence};
use http::{Method, Request, Response};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, S3};
use std::sync::Arc;
use std::time::Instant;
use strongroom_access::AccessKeys;
use strongroom_engine::Engine;
use strongroom_seal::Random;

/// Answers S3 requests.
pub struct Front {
    service: S3Service,
    forms: Forms,
    engine: Arc<Engine>,
    settings: Settings,
    hosts: Hosts,
    random: Arc<dyn Random>,
}

impl Front {
    /// Puts the protocol in front of an engine.
    pub fn new(
        engine: Arc<Engine>,
        keys: Arc<AccessKeys>,
        settings: Settings,
        random: Arc<dyn Random>,
    ) -> Self {
        let hosts = Hosts::new(&settings.hosts);
        let mut operations = S3ServiceBuilder::new(Operations::new(Arc::clone(&engine), settings.clone()));
        operations.set_host(hosts.clone());
        operations.set_auth(NoSignatures);
        let permission = Permission::new(Arc::clone(&engine));
        operations.set_access(permission.clone());
        operations.set_route(ObjectEncryption::new(Arc::clone(&engine), permission));
        let signed = Arc::new(Dispatcher::new(operations.build()));
        let forms = Forms::new(
            Arc::clone(&keys),
            Arc::clone(&signed),
            settings.clone(),
            hosts.clone(),
        );
        let mut signatures = S3ServiceBuilder::new(NoOperations);
        signatures.set_auth(auth::Auth::new(keys));
        signatures.set_host(hosts.clone());
        signatures.set_route(AfterSignature(signed));
        Self {
            service: signatures.build(),
            forms,
            engine,
            settings,
            hosts,
            random,
        }
    }

    /// Answers a request. Every failure is an S3 error document.
    pub async fn answer(&self, transport: Transport, request: Request<Body>) -> Response<Body> {
        let started = Instant::now();
        let id = RequestId::new(&*self.random);
        let told = ReplyContext::of(&request, id);
        let mut response = if request.method() == Method::OPTIONS {
            let answer = cors::preflight(&self.engine, &self.hosts, &request).await;
            answer.unwrap_or_else(|refusal| refusal.into_response(&told))
        } else {
            let permission = cors::permission(&self.engine, &self.hosts, &request).await;
            let (leftover, request) = Leftover::of(request);
            let mut response = match fence::pass(&self.settings, &self.hosts, transport, request) {
                Ok(request) if is_form(&request) => self.take_form(request, &told).await,
                Ok(request) => self.pass_on(request, &told).await,
                Err(refusal) => refusal.into_response(&told),
            };
            leftover.drop_for(&response).await;
            response.headers_mut().extend(permission);
            response
        };
        reply::complete(&mut response, &told);
        tracing::debug!(
            request = %told.id,
            method = %told.method,
            path = %told.path,
            status = response.status().as_u16(),
            micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
            "answered"
        );
        response
    }

    async fn take_form(&self, mut request: Request<Body>, told: &ReplyContext) -> Response<Body> {
        request.extensions_mut().insert(told.id);
        request.extensions_mut().insert(told.details.clone());
        match self.forms.take(request).await {
            Ok(response) => reply::with_details(response, told).await,
            Err(refusal) => refusal.into_response(told),
        }
    }

    async fn pass_on(&self, mut request: Request<Body>, told: &ReplyContext) -> Response<Body> {
        request.extensions_mut().insert(told.id);
        request.extensions_mut().insert(told.details.clone());
        match self.service.call(request).await {
            Ok(response) => reply::with_details(response, told).await,
            Err(error) => {
                let error = Box::<dyn std::error::Error + Send + Sync>::from(error);
                tracing::error!(request = %told.id, %error, "the protocol library gave up");
                ErrorResponse::internal().into_response(told)
            }
        }
    }
}

/// Behind the signature check everything goes to [`Dispatcher`].
struct NoOperations;

impl S3 for NoOperations {}
