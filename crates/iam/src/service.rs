//! The entry point: all steps of a request, in order.

use crate::actions::table::{Action, ForCaller, ForVisitor, Run};
use crate::call::{Call, Context, Reply, Visit};
use crate::caller::{Caller, read_signature};
use crate::error::{ApiError, Result};
use crate::instant;
use crate::issuer_keys::{Documents, IssuerKeys};
use crate::parameters::Parameters;
use crate::permission;
use crate::record::{AdminEvent, Record};
use crate::settings::{Settings, Transport};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use std::sync::Arc;
use strongroom_access::arn::Arn;
use strongroom_identity::Now;
use strongroom_identity::model::last_use::Service;
use strongroom_identity::principal::PrincipalKind;
use strongroom_identity::signers::Signers;
use strongroom_seal::Random;
use strongroom_sigv4::head::Head;
use strongroom_sigv4::query::Query;
use strongroom_sigv4::signature::{self, Signature};
use strongroom_sigv4::xml::Xml;

/// Maximum length of a body in bytes. AWS's largest parameter has 128 KiB.
pub const MAX_BODY: usize = 1 << 20;

/// Maximum length of the body of a request that is not signed: the longest token, and policies.
pub const MAX_UNSIGNED_BODY: usize = 1 << 16;

/// The access key in records of requests with a token of an identity provider, which have none.
const WEB_IDENTITY: &str = "web-identity";

const FORM: &str = "application/x-www-form-urlencoded";

/// IAM and STS.
pub struct Iam {
    pub(crate) components: Components,
    issuer_keys: IssuerKeys,
}

/// Components of IAM and STS.
pub struct Components {
    /// Signers of requests, with the accounts and their entities.
    pub signers: Signers,
    /// Settings.
    pub settings: Settings,
    /// Time in microseconds since 1970.
    pub now: Now,
    /// Randomness for the ids of requests.
    pub random: Arc<dyn Random>,
    /// Receiver of the records of changes.
    pub record: Arc<dyn Record>,
    /// Source of the public documents of identity providers.
    pub documents: Arc<dyn Documents>,
}

impl Iam {
    /// Creates the service.
    pub fn new(components: Components) -> Self {
        let issuer_keys = IssuerKeys::new(Arc::clone(&components.documents), Arc::clone(&components.now));
        Self {
            components,
            issuer_keys,
        }
    }

    /// Responds to a request. `body` is the whole body: the caller refuses one that is longer than [`MAX_BODY`].
    pub async fn answer(&self, head: &Parts, body: Bytes, transport: Transport) -> Response<Bytes> {
        let request_id = self.request_id();
        let mut namespace = Service::Iam;
        let answered = self
            .handle(head, &body, transport, &request_id, &mut namespace)
            .await;
        let document = match answered {
            Ok((action, reply)) => document(action, &reply, &request_id),
            Err(error) => return Self::refuse(&error, namespace, &request_id),
        };
        response(200, document, &request_id)
    }

    /// Returns the response to a request that is refused.
    pub(crate) fn refuse(error: &ApiError, service: Service, request_id: &str) -> Response<Bytes> {
        response(
            error.status,
            error.document(namespace_of(service), request_id),
            request_id,
        )
    }

    /// Reads the signature of a request. `None`: the request is not signed.
    ///
    /// # Errors
    /// The codes of the signature.
    pub(crate) fn signature(&self, head: Head<'_>, query: &Query) -> Result<Option<Signature>> {
        read_signature(&self.components.settings, head, query)
    }

    /// Handles a request. `service` becomes the one of the action, for the namespace of errors.
    async fn handle(
        &self,
        head: &Parts,
        body: &[u8],
        transport: Transport,
        request_id: &str,
        service: &mut Service,
    ) -> Result<(&'static Action, Reply)> {
        let Components {
            signers,
            settings,
            now,
            ..
        } = &self.components;
        let now = now();
        check_head(head, body)?;
        let time = instant::of_micros(now);
        let caller = Caller::authenticate(signers, settings, head, body, time).await?;
        *service = caller.as_ref().map_or(Service::Sts, |caller| caller.service);
        if caller.is_none() && body.len() > MAX_UNSIGNED_BODY {
            return Err(ApiError::not_signed());
        }
        let parameters = parameters(head, body)?;
        let action = match (find_action(&parameters, *service), &caller) {
            (Ok(action), _) => action,
            (Err(_), None) => return Err(ApiError::not_signed()),
            (Err(error), Some(_)) => return Err(error),
        };
        let context = Context {
            transport,
            now,
            user_agent: head.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()),
        };
        let reply = match (&action.run, &caller) {
            (Run::ByVisitor(run), _) => {
                let visit = Visit {
                    identities: signers.identities(),
                    keys: &self.issuer_keys,
                    parameters: &parameters,
                    context,
                    region: &settings.region,
                };
                self.receive(action, *run, &visit, request_id).await?
            }
            (Run::ByCaller(run), Some(caller)) => {
                let call = Call {
                    identities: signers.identities(),
                    caller,
                    parameters: &parameters,
                    context,
                    settings,
                };
                self.serve(action, *run, &call, request_id).await?
            }
            (Run::ByCaller(_), None) => return Err(ApiError::not_signed()),
        };
        Ok((action, reply))
    }

    /// Runs an action for its caller, and records it.
    async fn serve(
        &self,
        action: &'static Action,
        run: ForCaller,
        call: &Call<'_>,
        request_id: &str,
    ) -> Result<Reply> {
        let mut entity = String::from("*");
        let result = run_permitted(action, run, call, &mut entity).await;
        if action.is_recorded {
            let principal = call.principal();
            self.components.record.record(&AdminEvent {
                request: request_id,
                account: principal.account.as_str(),
                actor: &call.caller.arn(),
                access_key_id: &principal.access_key_id,
                address: call.context.transport.address,
                action: &action.full_name(),
                entity: &entity,
                outcome: result.as_ref().map_or_else(|error| error.code, |_| "ok"),
            });
        }
        result
    }

    /// Runs an action for somebody with a token of an identity provider. Recorded once the token is verified: otherwise
    /// everybody could fill the log.
    async fn receive(
        &self,
        action: &'static Action,
        run: ForVisitor,
        visit: &Visit<'_>,
        request_id: &str,
    ) -> Result<Reply> {
        visit.parameters.check(action.name, action.parameters)?;
        let mut visitor = None;
        let result = run(visit, &mut visitor).await;
        if let Some(visitor) = visitor {
            self.components.record.record(&AdminEvent {
                request: request_id,
                account: visitor.account.as_str(),
                actor: &visitor.name,
                access_key_id: WEB_IDENTITY,
                address: visit.context.transport.address,
                action: &action.full_name(),
                entity: visit.parameters.get("RoleArn").unwrap_or("*"),
                outcome: result.as_ref().map_or_else(|error| error.code, |_| "ok"),
            });
        }
        result
    }

    /// Returns an id in the form of a UUID. Without randomness ids repeat; nothing else depends on them.
    pub(crate) fn request_id(&self) -> String {
        let mut id = [0; 16];
        let _ = self.components.random.fill(&mut id);
        let digits = hex::encode(id);
        let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| digits.get(part).unwrap_or_default());
        parts.join("-")
    }
}

/// Runs an action if the caller may do it. `entity` becomes the ARN of its resource.
async fn run_permitted(
    action: &'static Action,
    run: ForCaller,
    call: &Call<'_>,
    entity: &mut String,
) -> Result<Reply> {
    call.parameters.check(action.name, action.parameters)?;
    // Only what is an ARN: the entity goes into the audit log, and a parameter may contain anything.
    if let Some(arn) = call.parameters.get("RoleArn")
        && Arn::parse(arn).is_ok()
    {
        arn.clone_into(entity);
    }
    if action.service == Service::Iam {
        check_session(call)?;
    }
    if let Some(resource) = action.target.resolve(call).await? {
        entity.clone_from(&resource.arn);
        permission::require(call, action.name, &resource).await?;
    }
    run(call).await
}

/// Refuses requests to IAM with the temporary credentials of a user: who has these for hours must not turn them into
/// lasting ones. ("You cannot call any IAM API operations unless MFA authentication information is included in the
/// request": AWS STS API Reference, "`GetSessionToken`".)
fn check_session(call: &Call<'_>) -> Result<()> {
    let principal = call.principal();
    match (&principal.kind, &principal.session) {
        (PrincipalKind::Root | PrincipalKind::User(_), Some(session)) if !session.mfa => {
            Err(ApiError::invalid_token())
        }
        _ => Ok(()),
    }
}

/// Refuses methods, paths and bodies that the protocol does not have.
fn check_head(head: &Parts, body: &[u8]) -> Result<()> {
    check_method(head)?;
    if body.len() > MAX_BODY {
        return Err(ApiError::new(
            413,
            "RequestEntityTooLarge",
            "The request is too large.",
        ));
    }
    if head.method == Method::GET && !body.is_empty() {
        return Err(method_not_allowed());
    }
    Ok(())
}

/// Refuses methods and paths that the protocol does not have.
pub(crate) fn check_method(head: &Parts) -> Result<()> {
    if head.uri.path() != "/" {
        return Err(ApiError::new(
            404,
            "NotFound",
            "IAM and STS have only the path /.",
        ));
    }
    match head.method {
        Method::POST => {
            let kind = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
            let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
            if !kind.trim().eq_ignore_ascii_case(FORM) {
                let text = format!("The Content-Type of the request must be {FORM}.");
                return Err(ApiError::new(400, "InvalidRequest", text));
            }
            Ok(())
        }
        Method::GET => Ok(()),
        _ => Err(method_not_allowed()),
    }
}

fn method_not_allowed() -> ApiError {
    ApiError::new(
        405,
        "MethodNotAllowed",
        "Requests are POST with a form, or GET with a query.",
    )
}

fn response(status: u16, document: String, request_id: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(document));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    if let Ok(id) = HeaderValue::try_from(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

/// Returns the parameters: of the body or of the query, never of both.
fn parameters(head: &Parts, body: &[u8]) -> Result<Parameters> {
    let of_query = Parameters::parse(head.uri.query().unwrap_or_default(), signature::is_of_signature)?;
    if head.method == Method::GET {
        return Ok(of_query);
    }
    if !of_query.is_empty() {
        return Err(ApiError::validation(
            "The parameters of a POST must be in its body.",
        ));
    }
    let text = std::str::from_utf8(body).map_err(|_| {
        ApiError::new(
            400,
            "MalformedQueryString",
            "The form cannot be read: it is not UTF-8.",
        )
    })?;
    Parameters::parse(text, |_| false)
}

/// Takes action and version out of the parameters.
fn find_action(parameters: &Parameters, service: Service) -> Result<&'static Action> {
    let Some(name) = parameters.get("Action") else {
        return Err(ApiError::new(
            400,
            "MissingAction",
            "The request must contain the parameter Action.",
        ));
    };
    let version = parameters.get("Version").unwrap_or_default();
    if version == version_of(service)
        && let Some(action) = Action::find(service, name)
    {
        return Ok(action);
    }
    let offered: Vec<&str> = Action::names(service).collect();
    let text = format!(
        "Could not find operation {name} for version {version}. Version {} of {} offers {}.",
        version_of(service),
        service.name(),
        offered.join(", "),
    );
    Err(ApiError::new(400, "InvalidAction", text))
}

fn version_of(service: Service) -> &'static str {
    match service {
        Service::Sts => "2011-06-15",
        Service::Iam | Service::S3 => "2010-05-08",
    }
}

fn namespace_of(service: Service) -> &'static str {
    match service {
        Service::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
        Service::Iam | Service::S3 => "https://iam.amazonaws.com/doc/2010-05-08/",
    }
}

/// Writes the document of a successful response.
fn document(action: &Action, reply: &Reply, request_id: &str) -> String {
    let root = [action.name, "Response"].concat();
    Xml::document_in(&root, namespace_of(action.service), |xml| {
        if let Reply::Result(elements) = reply {
            xml.escaped(&[action.name, "Result"].concat(), elements);
        }
        xml.nest("ResponseMetadata", |xml| xml.text("RequestId", request_id));
    })
}
