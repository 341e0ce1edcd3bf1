//! Requests of pages of other origins (the Fetch standard, section "CORS protocol"), by the rules of the bucket.
//!
//! A browser asks by OPTIONS what it may send, without a signature: that is answered here and goes no further. What it
//! then sends is a request like others, whose answer, error or not, says that the page may see it.

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
use strongroom_engine::settings::{CorsMethod, CorsRule};
use strongroom_engine::{Engine, Error};

#[cfg(test)]
mod tests;

/// What an answer depends on besides its address.
const VARIES: &str = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

/// The headers that tell a browser what it may do.
pub(crate) type Permission = Vec<(HeaderName, HeaderValue)>;

/// Answers what a browser asks before it sends a request.
///
/// # Errors
/// The answer to send.
pub(crate) async fn preflight<B>(
    engine: &Engine,
    hosts: &Hosts,
    request: &Request<B>,
) -> Result<Response<Body>, ErrorResponse> {
    let asked = Asked::preflight(request.headers())?;
    let (level, bucket) = (Level::of(hosts, request), bucket_of(hosts, request));
    let forbidden = |message| {
        ErrorResponse::coded(403, "AccessForbidden", message)
            .with("Method", asked.method_named.unwrap_or("OPTIONS"))
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
        Err(error) => return Err(ErrorResponse::of(&error)),
    };
    if settings.cors.is_empty() {
        return Err(forbidden("CORSResponse: CORS is not enabled for this bucket."));
    }
    let asked = asked.with_method()?;
    let permission = asked.permission(&settings.cors).ok_or_else(|| {
        // With the misspelling of AWS.
        forbidden(
            "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request \
             method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the \
             resource's CORS spec.",
        )
    })?;
    let mut response = Response::new(Body::empty());
    response.headers_mut().extend(permission);
    response
        .headers_mut()
        .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    Ok(response)
}

/// What the answer to a request tells the browser; nothing if no page of another origin sends it, or it may not.
pub(crate) async fn permission<B>(engine: &Engine, hosts: &Hosts, request: &Request<B>) -> Permission {
    let Some(asked) = Asked::of(request) else {
        return Permission::new();
    };
    let Some(bucket) = bucket_of(hosts, request) else {
        return Permission::new();
    };
    match engine.bucket_settings(&bucket).await {
        Ok(settings) => asked.permission(&settings.cors).unwrap_or_default(),
        // The request itself will find out.
        Err(_) => Permission::new(),
    }
}

/// What a browser asks, or does.
#[derive(Clone, Copy)]
struct Asked<'a> {
    origin: &'a HeaderValue,
    method: Option<CorsMethod>,
    method_named: Option<&'a str>,
    /// Headers that it wants to send, as they are listed.
    headers: &'a str,
}

impl<'a> Asked<'a> {
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
        let method_named = text(ACCESS_CONTROL_REQUEST_METHOD);
        Ok(Self {
            origin,
            method: method_named.and_then(CorsMethod::named),
            method_named,
            headers: text(ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default(),
        })
    }

    fn of<B>(request: &'a Request<B>) -> Option<Self> {
        Some(Self {
            origin: request.headers().get(ORIGIN)?,
            method: Some(CorsMethod::named(request.method().as_str())?),
            method_named: None,
            headers: "",
        })
    }

    fn with_method(self) -> Result<Self, ErrorResponse> {
        if self.method.is_some() {
            return Ok(self);
        }
        let named = self.method_named.unwrap_or("null");
        Err(ErrorResponse::bad_request(format!(
            "Invalid Access-Control-Request-Method: {named}"
        )))
    }

    /// What the first rule that allows it tells the browser.
    fn permission(&self, rules: &[CorsRule]) -> Option<Permission> {
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
        let mut permission = Permission::new();
        if allowed == "*" {
            permission.push((ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")));
        } else {
            permission.push((ACCESS_CONTROL_ALLOW_ORIGIN, self.origin.clone()));
            let credentials = (ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            permission.push(credentials);
        }
        let methods: Vec<_> = rule.methods.iter().map(|method| method.name()).collect();
        let headers: Vec<_> = names().collect();
        for (name, list) in [
            (ACCESS_CONTROL_ALLOW_METHODS, methods.join(", ")),
            (ACCESS_CONTROL_ALLOW_HEADERS, headers.join(", ")),
            (ACCESS_CONTROL_EXPOSE_HEADERS, rule.expose.join(", ")),
        ] {
            permission.extend(
                text(list)
                    .filter(|list| !list.is_empty())
                    .map(|list| (name, list)),
            );
        }
        permission.extend(
            rule.max_age
                .map(|seconds| (ACCESS_CONTROL_MAX_AGE, HeaderValue::from(seconds))),
        );
        permission.push((VARY, HeaderValue::from_static(VARIES)));
        Some(permission)
    }
}

/// Whether a text is what a rule says, in which one `*` stands for anything.
fn matches(allowed: &str, text: &str) -> bool {
    match allowed.split_once('*') {
        None => allowed == text,
        Some((start, end)) => text.strip_prefix(start).is_some_and(|rest| rest.ends_with(end)),
    }
}
