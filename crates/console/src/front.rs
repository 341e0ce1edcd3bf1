//! The entry point: the server calls [`Console::answer`] for each request.

use crate::app::{App, Components};
use crate::attempts::Attempts;
use crate::failure::Failure;
use crate::fetch_site::{Admission, admit};
use crate::headers::protect;
use crate::record::Record;
use crate::sessions::Sessions;
use crate::signing_in::principal_of;
use crate::transfers::Transfers;
use crate::transport::Transport;
use crate::ui::layout::{Page, Rendered, Section, bare, page};
use crate::ui::message::failure;
use crate::visitor::{Received, Visitor};
use crate::{address, assets, compression, cookie, router};
use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Redirect};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, USER_AGENT, VARY};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use maud::html;
use serde_json::json;
use std::sync::Arc;
use strongroom_audit::RequestId;
use strongroom_identity::IdentityError;
use strongroom_permission::Judge;
use tower::ServiceExt as _;

/// Header of requests of scripts. It makes a browser ask first before a page of another origin may send it.
const BY_SCRIPT: &str = "x-strongroom";

/// The web console of a server.
pub struct Console {
    app: Arc<App>,
    router: Router,
}

impl Console {
    /// Creates the console, and reads the sessions that are not over.
    ///
    /// # Errors
    /// [`IdentityError::Rows`].
    pub async fn open(components: Components) -> Result<Self, IdentityError> {
        let Components {
            engine,
            signers,
            audit,
            settings,
            now,
            random,
        } = components;
        let limits = (settings.idle, settings.longest);
        let identities = signers.identities().clone();
        let sessions = Sessions::open(identities, Arc::clone(&random), limits, now()).await?;
        let app = Arc::new(App {
            judge: Judge::new(engine.clone(), signers.identities().clone()),
            engine,
            signers,
            audit,
            settings,
            now,
            random,
            sessions,
            attempts: Attempts::default(),
            transfers: Transfers::default(),
        });
        let router = router::routes().with_state(Arc::clone(&app));
        Ok(Self { app, router })
    }

    /// Answers a request. `signed`: called when a valid session made it.
    ///
    /// The body of this function lists all steps of a request, in order.
    pub async fn answer(
        &self,
        transport: Transport,
        mut request: Request<Body>,
        signed: impl FnOnce(),
    ) -> Response<Body> {
        let (method, headers) = (request.method().clone(), request.headers().clone());
        // 1. The files of the pages are the same for everybody.
        if let Some(asset) = assets::at(request.uri().path()) {
            return file(asset, &method, &headers);
        }
        // 2. Give the request an id, for its response and the log.
        let received = Received {
            app: Arc::clone(&self.app),
            transport,
            id: RequestId::new(&*self.app.random),
            agent: text(&headers, USER_AGENT.as_str()).to_owned(),
            now: self.app.now(),
            theme: cookie::theme(&headers),
            record: Record::new(&self.app.audit),
        };
        // 3. Refuse what another page caused.
        let reveals = router::reveals(request.uri().path());
        match admit(&method, &headers, reveals) {
            Admission::Admitted => {}
            Admission::AskAgain => return written(ask_again(&received), &received, &headers, None),
            Admission::Refused => return written(foreign().into_response(), &received, &headers, None),
        }
        // 4. Find the session, and who its caller is by now.
        let visitor = match self.visitor(&received, &headers).await {
            Ok(visitor) => visitor,
            Err(failure) => return written(failure.into_response(), &received, &headers, None),
        };
        if let Some(visitor) = &visitor {
            signed();
            request.extensions_mut().insert(visitor.clone());
        }
        request.extensions_mut().insert(received.clone());
        // 5. Ask the page. It decides about each operation by the crate `permission`.
        let (address, is_read) = (request.uri().to_string(), method == Method::GET);
        let answered = self.router.clone().oneshot(request).await;
        let Ok(mut response) = answered;
        let failure = response.extensions().get::<Failure>().map(|failure| failure.code);
        received.record.complete(response.status().as_u16(), failure);
        // 6. Lead whoever is not signed in to the page where one signs in.
        let signed_out = response
            .extensions()
            .get::<Failure>()
            .is_some_and(|failure| failure.code == "SignedOut");
        if signed_out && !is_by_script(&headers) {
            let next = if is_read { address.as_str() } else { "" };
            let next = if next == "/" || next == "/buckets" {
                ""
            } else {
                next
            };
            response = Redirect::to(&address::with_query("/sign-in", &[("next", next)])).into_response();
        }
        // 7. Write pages and failures, and add the headers that every response has.
        let response = written(response, &received, &headers, visitor.as_ref());
        tracing::debug!(
            request = %received.id,
            %method,
            status = response.status().as_u16(),
            "answered by the console"
        );
        response
    }

    async fn visitor(&self, received: &Received, headers: &HeaderMap) -> Result<Option<Visitor>, Failure> {
        let Some(token) = cookie::session(headers) else {
            return Ok(None);
        };
        let Some((digest, session)) = self.app.sessions.find(token, received.now) else {
            return Ok(None);
        };
        let Some(principal) = principal_of(&self.app, &session).await? else {
            // The key, the password or the account is gone.
            self.app.sessions.end(&[digest]).await;
            return Ok(None);
        };
        Ok(Some(Visitor::new(received.clone(), (digest, session), principal)))
    }
}

/// Returns whether a request may contain a customer key or another secret, judging by its head.
pub fn may_bring_key<B>(request: &Request<B>) -> bool {
    *request.method() == Method::POST || request.headers().contains_key(crate::customer_key::KEY)
}

fn file(asset: &assets::Asset, method: &Method, headers: &HeaderMap) -> Response<Body> {
    let is_gzip = compression::is_accepted(headers);
    let bytes = if is_gzip { &asset.gzip } else { &asset.plain };
    let body = if *method == Method::HEAD {
        Bytes::new()
    } else {
        bytes.clone()
    };
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if is_gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    protect(headers);
    response
}

/// Returns the page that asks for the same address again, as a page of the console, so that the browser sends the cookie.
fn ask_again(received: &Received) -> Response<Body> {
    let mut response = bare(
        received.theme,
        StatusCode::OK,
        "One moment",
        &html! { p { "One moment..." } },
    );
    // An empty address is that of the page itself.
    response
        .headers_mut()
        .insert("refresh", HeaderValue::from_static("0"));
    response
}

fn foreign() -> Failure {
    Failure::new(
        StatusCode::FORBIDDEN,
        "CrossSite",
        "Another page asked for this",
        "The console answers only to its own pages. Open it by its address.",
    )
}

fn is_by_script(headers: &HeaderMap) -> bool {
    headers.contains_key(BY_SCRIPT)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Writes the page or the failure that a response carries, and adds the headers that every response has.
fn written(
    mut response: Response<Body>,
    received: &Received,
    headers: &HeaderMap,
    visitor: Option<&Visitor>,
) -> Response<Body> {
    let failed = response.extensions_mut().remove::<Failure>();
    let is_unread = response.status().is_client_error() && response.extensions().get::<Rendered>().is_none();
    let failed = match failed {
        // An extractor of axum refused the request: its own text is not meant for people.
        None if is_unread => Some(Failure {
            status: response.status(),
            ..Failure::invalid("The request is not one that a page of the console makes.")
        }),
        failed => failed,
    };
    if let Some(failed) = failed {
        response = if is_by_script(headers) {
            document(&failed, received)
        } else {
            failure_page(&failed, received, visitor)
        };
    }
    if let Some(Rendered(text)) = response.extensions_mut().remove() {
        let is_gzip = compression::is_accepted(headers);
        let body = if is_gzip {
            compression::compressed(text.as_bytes())
        } else {
            text.into()
        };
        *response.body_mut() = Body::from(body);
        let headers = response.headers_mut();
        headers.remove(http::header::CONTENT_LENGTH);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        if is_gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
    let all = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(received.id.to_string()) {
        all.insert("x-request-id", id);
    }
    protect(all);
    response
}

fn document(failed: &Failure, received: &Received) -> Response<Body> {
    let document = json!({
        "code": failed.code,
        "title": failed.title,
        "text": failed.text,
        "action": failed.action,
        "request": received.id.to_string(),
    });
    (failed.status, axum::Json(document)).into_response()
}

fn failure_page(failed: &Failure, received: &Received, visitor: Option<&Visitor>) -> Response<Body> {
    let message = failure(failed, &received.id.to_string());
    let body = html! {
        h1 class="unseen" tabindex="-1" { (failed.title) }
        (message)
        p { a class="button" href="/" { "To the buckets" } }
    };
    match visitor {
        Some(visitor) => {
            let title = failed.title.clone();
            page(
                visitor,
                failed.status,
                &Page {
                    title,
                    section: Section::Buckets,
                    body,
                },
            )
        }
        None => bare(received.theme, failed.status, &failed.title, &body),
    }
}
