//! Handler of requests, and the data shared by the connections of a server.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use strongroom_s3::Standing;

use super::pace::MinRate;
use super::request_body::RequestBody;
use crate::server::connection::Connection;
use crate::settings::Network;

/// Handler of requests. All S3 code is behind it.
pub(crate) trait Handler: Send + Sync + 'static {
    type Body: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static;

    /// Returns whether a request may contain a customer key, judging by its head.
    fn may_bring_key(&self, request: &Request<Incoming>) -> bool;

    fn answer(
        &self,
        connection: Connection,
        standing: Standing,
        request: Request<RequestBody>,
    ) -> impl Future<Output = Response<Self::Body>> + Send;
}

/// State shared by the connections of a server.
pub(super) struct Shared<H> {
    pub(super) handler: Arc<H>,
    pub(super) trusted_proxies: Vec<Network>,
    pub(super) min_rate: MinRate,
}

/// Passes a request of a connection to the handler.
pub(super) async fn answer<H: Handler>(
    shared: Arc<Shared<H>>,
    (connection, standing): (Connection, Standing),
    request: Request<RequestBody>,
) -> Result<Response<H::Body>, Infallible> {
    let connection = connection.of_request(request.headers(), &shared.trusted_proxies);
    Ok(shared.handler.answer(connection, standing, request).await)
}
