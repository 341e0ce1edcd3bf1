//! Requests to a server: finds the job of a request, runs it, and sends its events.
//!
//! The router knows nothing of sockets: whoever calls it has admitted the client, as the [`Operator`] that it passes.

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::{self, Stream, StreamExt as _};
use http::header::{ALLOW, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use serde::Serialize;

use self::request_body::read;
use self::server_log::CommandInLog;
use super::failure::{Code, Failure};
use super::host::Host;
use super::job::{self, Event, EventOf, Job};
use super::jobs::accounts::{
    CreateAccount, CreateRootKey, DeleteAccount, DeleteRootKey, ListAccounts, SetAccountStatus,
};
use super::jobs::audit_ready::AuditReady;
use super::jobs::delete_master::DeleteMaster;
use super::jobs::explain::Explain;
use super::jobs::lost::{DeleteLost, ListLost, RestoreLost};
use super::jobs::purge_cache::PurgeCache;
use super::jobs::quotas::{ClearQuota, SetQuota, ShowQuota};
use super::jobs::record::Record;
use super::jobs::report_keys::ReportKeys;
use super::jobs::rewrap::Rewrap;
use super::jobs::rewrap_keys::RewrapKeys;
use super::jobs::show_endpoint::ShowEndpoint;
use super::jobs::show_store::ShowStore;
use super::jobs::shred::Shred;
use super::jobs::snapshot::WriteSnapshot;
use super::jobs::unconfirmed::{Confirm, ListUnconfirmed};
use super::jobs::usage::{RecountUsage, ShowUsage};
use super::jobs::verify::Verify;
use super::operator::Operator;
use super::wire::{JSON, JSON_LINES, VERSION, VERSION_HEADER};

mod request_body;
mod server_log;
#[cfg(test)]
mod tests;

/// Jobs that a server offers, in the order of docs/admin-api.md.
static ROUTES: [Route; 29] = [
    route::<ShowEndpoint>(),
    route::<ShowStore>(),
    route::<WriteSnapshot>(),
    route::<ListLost>(),
    route::<DeleteLost>(),
    route::<RestoreLost>(),
    route::<ListAccounts>(),
    route::<CreateAccount>(),
    route::<SetAccountStatus>(),
    route::<DeleteAccount>(),
    route::<CreateRootKey>(),
    route::<DeleteRootKey>(),
    route::<ListUnconfirmed>(),
    route::<Confirm>(),
    route::<Explain>(),
    route::<ShowQuota>(),
    route::<SetQuota>(),
    route::<ClearQuota>(),
    route::<ShowUsage>(),
    route::<RecountUsage>(),
    route::<ReportKeys>(),
    route::<DeleteMaster>(),
    route::<RewrapKeys>(),
    route::<Shred>(),
    route::<Verify>(),
    route::<Rewrap>(),
    route::<PurgeCache>(),
    route::<AuditReady>(),
    route::<Record>(),
];

type Run = fn(Host, Operator, Bytes) -> BoxFuture<'static, Result<Response<Answer>, Failure>>;

struct Route {
    method: Method,
    path: &'static str,
    run: Run,
}

const fn route<J: Job>() -> Route {
    Route {
        method: J::METHOD,
        path: J::PATH,
        run: |host, operator, body| Box::pin(run::<J>(host, operator, body)),
    }
}

/// Body of a response.
pub(super) type Answer = UnsyncBoxBody<Bytes, serde_json::Error>;

/// Runs the job of a request. Dropping the response's body cancels it.
pub(super) async fn answer<B>(host: Host, operator: Operator, request: Request<B>) -> Response<Answer>
where
    B: Body<Data = Bytes>,
{
    let (head, body) = request.into_parts();
    match find_and_run(host, operator, head, body).await {
        Ok(response) => response,
        Err(failure) => refuse(&failure),
    }
}

/// Returns the response with an error.
pub(super) fn refuse(failure: &Failure) -> Response<Answer> {
    document(failure.code.status(), failure)
}

async fn find_and_run<B>(
    host: Host,
    operator: Operator,
    head: Parts,
    body: B,
) -> Result<Response<Answer>, Failure>
where
    B: Body<Data = Bytes>,
{
    // Read first, also if the request is refused: a client that is still sending would miss the response.
    let body = read(body).await?;
    must_be_of_this_version(&head)?;
    let path = head.uri.path();
    let found: Vec<&Route> = ROUTES.iter().filter(|route| route.path == path).collect();
    if found.is_empty() {
        let what = format!("there is no {path}");
        return Err(not_understood(Code::NotFound, &what));
    }
    let Some(route) = found.iter().find(|route| route.method == head.method) else {
        let methods: Vec<&str> = found.iter().map(|route| route.method.as_str()).collect();
        let methods = methods.join(", ");
        let what = format!("the methods of {path} are {methods}");
        let mut response = refuse(&not_understood(Code::MethodNotAllowed, &what));
        if let Ok(methods) = HeaderValue::try_from(methods) {
            response.headers_mut().insert(ALLOW, methods);
        }
        return Ok(response);
    };
    if head.uri.query().is_some() {
        return Err(not_understood(
            Code::BadRequest,
            "put parameters into a JSON body, not into the query",
        ));
    }
    let media_type = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    if !body.is_empty() && media_type != Some(JSON.as_bytes()) {
        let what = format!("the body must be JSON, with the header Content-Type: {JSON}");
        return Err(not_understood(Code::UnsupportedMediaType, &what));
    }
    (route.run)(host, operator, body).await
}

/// Refuses a command of another version: the bodies may change with every release.
fn must_be_of_this_version(head: &Parts) -> Result<(), Failure> {
    let Some(version) = head.headers.get(VERSION_HEADER) else {
        return Ok(());
    };
    if version == VERSION {
        return Ok(());
    }
    let version = String::from_utf8_lossy(version.as_bytes());
    let what = format!("the command is of version {version}");
    Err(not_understood(Code::OtherVersion, &what))
}

/// Returns the error for a request that this version does not understand.
fn not_understood(code: Code, why: &str) -> Failure {
    let message = format!(
        "the server is Strongroom {VERSION} and does not understand this command: {why}; use the same version of \
         strongroom as the server, or restart the server"
    );
    Failure::new(code, message)
}

/// Runs a job to its first event, which decides the status, or to its end if the response is one document.
async fn run<J: Job>(host: Host, operator: Operator, body: Bytes) -> Result<Response<Answer>, Failure> {
    let job: J = parse(&body).map_err(|why| not_understood(Code::BadRequest, &why))?;
    let command = job.command();
    let mut log = CommandInLog::begin::<J>(command, operator.uid);
    let mut events = job::start(job, host.acting_as(operator, command)).inspect(move |event| log.note(event));
    while let Some(event) = events.next().await {
        match event {
            Event::Error(failure) => return Err(failure),
            event if J::STREAMS => return Ok(lines::<J>(stream::iter([event]).chain(events))),
            Event::Result(outcome) => return Ok(document(StatusCode::OK, &outcome)),
            Event::Progress { .. } | Event::Row(_) => {}
        }
    }
    Err(Failure::new(Code::Failed, "the command ended without a result"))
}

/// Parses the body of a request. Without a body, all fields have their defaults.
fn parse<J: Job>(body: &[u8]) -> Result<J, String> {
    let parsed = match body.trim_ascii_start() {
        [] => serde_json::from_slice(b"{}"),
        [b'{', ..] => serde_json::from_slice(body),
        // serde would accept an array of the fields' values, too.
        _ => return Err("the body must be a JSON object".to_owned()),
    };
    parsed.map_err(|error| error.to_string())
}

/// Returns a response of one document.
fn document(status: StatusCode, content: &impl Serialize) -> Response<Answer> {
    let body = match serde_json::to_vec(content) {
        Ok(text) => Full::from(text).map_err(|never| match never {}).boxed_unsync(),
        Err(error) => StreamBody::new(stream::iter([Err(error)])).boxed_unsync(),
    };
    response(status, JSON, body)
}

/// Returns a response with a line for each event.
fn lines<J: Job>(events: impl Stream<Item = EventOf<J>> + Send + 'static) -> Response<Answer> {
    let lines = events.map(|event| {
        let mut line = serde_json::to_vec(&event)?;
        line.push(b'\n');
        Ok(Frame::data(line.into()))
    });
    response(StatusCode::OK, JSON_LINES, StreamBody::new(lines).boxed_unsync())
}

fn response(status: StatusCode, media_type: &'static str, body: Answer) -> Response<Answer> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let media_type = HeaderValue::from_static(media_type);
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}
