//! The web console as a handler of requests.

use std::sync::Arc;

use axum::body::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use strongroom_audit::Audit;
use strongroom_console::{Components, Console, Transport, may_bring_key};
use strongroom_engine::{Clock as _, Engine, SystemClock};
use strongroom_identity::IdentityError;
use strongroom_identity::signers::Signers;
use strongroom_s3::Standing;
use strongroom_seal::Random;

use super::connection::Connection;
use super::listen::handler::Handler;
use super::listen::request_body::RequestBody;
use super::urls;
use crate::settings::{Listen, Settings};

/// Handler of requests to the console.
pub(super) struct ConsoleHandler(Console);

impl ConsoleHandler {
    /// Creates the console. `None`: the settings turn it off.
    pub(super) async fn open(
        settings: &Settings,
        engine: &Engine,
        signers: &Signers,
        audit: &Arc<dyn Audit>,
        random: &Arc<dyn Random>,
    ) -> Result<Option<Self>, IdentityError> {
        if settings.console.listen == Listen::Off {
            return Ok(None);
        }
        let components = Components {
            engine: engine.clone(),
            signers: signers.clone(),
            audit: Arc::clone(audit),
            settings: strongroom_console::Settings {
                idle: settings.console.session_idle,
                longest: settings.console.session_max,
                region: settings.region.as_ref().to_owned(),
                endpoint: urls::for_people(settings),
            },
            now: Arc::new(|| SystemClock.now()),
            random: Arc::clone(random),
        };
        Ok(Some(Self(Console::open(components).await?)))
    }
}

impl Handler for ConsoleHandler {
    type Body = Body;

    fn may_bring_key(&self, request: &Request<Incoming>) -> bool {
        may_bring_key(request)
    }

    async fn answer(
        &self,
        connection: Connection,
        standing: Standing,
        request: Request<RequestBody>,
    ) -> Response<Body> {
        let transport = Transport {
            address: connection.client,
            secure: connection.secure,
        };
        let request = request.map(Body::new);
        self.0.answer(transport, request, || standing.note_signed()).await
    }
}
