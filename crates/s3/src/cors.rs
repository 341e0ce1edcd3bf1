//! Cross-origin requests (the Fetch standard, section "CORS protocol"), by the CORS rules of the bucket.
//!
//! A browser sends a preflight request (OPTIONS) without a signature to find out what it may send. It is answered
//! here and goes no further. The request that follows is an ordinary one; the CORS headers of its response, error or
//! not, allow the page to read it.

use crate::request::host::Hosts;
use crate::request::target::{Level, bucket_of};
use crate::response::error::ErrorResponse;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, CONTENT_LENGTH, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use s3s::Body;
use strongroom_engine::model::settings::{CorsMethod, CorsRule};
use strongroom_engine::{Engine, Error};

#[cfg(test)]
mod tests;

/// Request headers that a response depends on (`Vary`).
const VARIES: &str = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

/// CORS headers of a response.
pub(crate) type CorsHeaders = Vec<(HeaderName, HeaderValue)>;

/// Answers a preflight request.
///
/// # Errors
/// `AccessForbidden` if no rule of the bucket allows the request; `BadRequest`.
pub(crate) async fn preflight<B>(
    engine: &Engine,
    hosts: &Hosts,
    request: &Request<B>,
) -> Result<Response<Body>, ErrorResponse> {
    let cors = CorsRequest::preflight(request.headers())?;
    let (level, bucket) = (Level::of(hosts, request), bucket_of(hosts, request));
    let forbidden = |message| {
        ErrorResponse::coded(403, "AccessForbidden", message)
            .with("Method", cors.method_name.unwrap_or("OPTIONS"))
            .with(
                "ResourceType",
                if level == Level::Object {
                    "OBJECT"
                } else {
                    "BUCKET"
                },
            )
    };
    let settings = match bucket {
        Some(bucket) => engine.bucket_settings(&bucket).await,
        None => Err(Error::NoSuchBucket(String::new())),
    };
    let settings = match settings {
        Ok(settings) => settings,
        Err(Error::NoSuchBucket(_)) => return Err(forbidden("CORSResponse: Bucket not found")),
        Err(error) => return Err(error.into()),
    };
    if settings.cors.is_empty() {
        return Err(forbidden("CORSResponse: CORS is not enabled for this bucket."));
    }
    let cors = cors.with_method()?;
    let headers = cors.response_headers(&settings.cors).ok_or_else(|| {
        // The misspelling is AWS's.
        forbidden(
            "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request \
             method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the \
             resource's CORS spec.",
        )
    })?;
    let mut response = Response::new(Body::empty());
    response.headers_mut().extend(headers);
    response
        .headers_mut()
        .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    Ok(response)
}

/// Returns the CORS headers of the response to a request. Empty if the request has no `Origin`, or no rule allows it.
pub(crate) async fn response_headers<B>(engine: &Engine, hosts: &Hosts, request: &Request<B>) -> CorsHeaders {
    let Some(cors) = CorsRequest::of(request) else {
        return CorsHeaders::new();
    };
    let Some(bucket) = bucket_of(hosts, request) else {
        return CorsHeaders::new();
    };
    match engine.bucket_settings(&bucket).await {
        Ok(settings) => cors.response_headers(&settings.cors).unwrap_or_default(),
        // The request itself will report the error.
        Err(_) => CorsHeaders::new(),
    }
}

/// A cross-origin request, or the one that a preflight request announces.
#[derive(Clone, Copy)]
struct CorsRequest<'a> {
    origin: &'a HeaderValue,
    method: Option<CorsMethod>,
    /// Name of the method, as sent.
    method_name: Option<&'a str>,
    /// `Access-Control-Request-Headers`, as sent.
    headers: &'a str,
}

impl<'a> CorsRequest<'a> {
    fn preflight(headers: &'a HeaderMap) -> Result<Self, ErrorResponse> {
        let origin = headers.get(ORIGIN).ok_or_else(|| {
            ErrorResponse::coded(
                400,
                "BadRequest",
                "Insufficient information. Origin request header needed.",
            )
        })?;
        let text = |name| {
            headers
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
        };
        let method_name = text(ACCESS_CONTROL_REQUEST_METHOD);
        Ok(Self {
            origin,
            method: method_name.and_then(CorsMethod::named),
            method_name,
            headers: text(ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default(),
        })
    }

    fn of<B>(request: &'a Request<B>) -> Option<Self> {
        Some(Self {
            origin: request.headers().get(ORIGIN)?,
            method: Some(CorsMethod::named(request.method().as_str())?),
            method_name: None,
            headers: "",
        })
    }

    fn with_method(self) -> Result<Self, ErrorResponse> {
        if self.method.is_some() {
            return Ok(self);
        }
        let named = self.method_name.unwrap_or("null");
        Err(ErrorResponse::bad_request(format!(
            "Invalid Access-Control-Request-Method: {named}"
        )))
    }

    /// Returns the CORS headers that the first matching rule gives.
    fn response_headers(&self, rules: &[CorsRule]) -> Option<CorsHeaders> {
        let origin = self.origin.to_str().ok()?;
        let names = || {
            let names = self.headers.split(',').map(str::trim);
            names.filter(|name| !name.is_empty()).map(str::to_ascii_lowercase)
        };
        let (rule, allowed) = rules.iter().find_map(|rule| {
            let allowed = rule.origins.iter().find(|allowed| matches(allowed, origin))?;
            let method = rule.methods.contains(&self.method?);
            let headers = names().all(|name| {
                let mut allowed = rule.headers.iter();
                allowed.any(|allowed| matches(&allowed.to_ascii_lowercase(), &name))
            });
            (method && headers).then_some((rule, allowed))
        })?;
        let text = |text: String| HeaderValue::try_from(text).ok();
        let mut headers = CorsHeaders::new();
        if allowed == "*" {
            headers.push((ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")));
        } else {
            headers.push((ACCESS_CONTROL_ALLOW_ORIGIN, self.origin.clone()));
            let credentials = (ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            headers.push(credentials);
        }
        let methods: Vec<_> = rule.methods.iter().map(|method| method.name()).collect();
        let requested: Vec<_> = names().collect();
        for (name, list) in [
            (ACCESS_CONTROL_ALLOW_METHODS, methods.join(", ")),
            (ACCESS_CONTROL_ALLOW_HEADERS, requested.join(", ")),
            (ACCESS_CONTROL_EXPOSE_HEADERS, rule.expose.join(", ")),
        ] {
            headers.extend(
                text(list)
                    .filter(|list| !list.is_empty())
                    .map(|list| (name, list)),
            );
        }
        headers.extend(
            rule.max_age
                .map(|seconds| (ACCESS_CONTROL_MAX_AGE, HeaderValue::from(seconds))),
        );
        headers.push((VARY, HeaderValue::from_static(VARIES)));
        Some(headers)
    }
}

/// Returns whether a text matches a pattern of a rule, in which one `*` stands for any text.
fn matches(allowed: &str, text: &str) -> bool {
    match allowed.split_once('*') {
        None => allowed == text,
        Some((start, end)) => text.strip_prefix(start).is_some_and(|rest| rest.ends_with(end)),
    }
}
