//! The session token of temporary credentials: a signed header, or a parameter of a presigned URL.

use crate::request::query::Query;
use crate::response::error::ErrorResponse;
use http::HeaderMap;
use std::sync::Arc;

/// Header of the token, and field of a form.
pub(crate) const SECURITY_TOKEN: &str = "x-amz-security-token";
/// Parameter of the token in a presigned URL.
pub(crate) const PARAMETER: &str = "X-Amz-Security-Token";

/// Returns the token of a signed request. `None`: it has none.
///
/// # Errors
/// `InvalidToken` for several tokens, or one that is no text.
pub(crate) fn of(headers: &HeaderMap, query: &Query) -> Result<Option<Arc<str>>, ErrorResponse> {
    let header = match headers.get(SECURITY_TOKEN) {
        None => None,
        Some(value) => Some(value.to_str().map_err(|_| ErrorResponse::invalid_token())?),
    };
    match (header, query.get(PARAMETER)) {
        (Some(_), Some(_)) => Err(ErrorResponse::invalid_token()),
        (header, parameter) => Ok(header.or(parameter).map(Arc::from)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn token(header: Option<&'static str>, uri: &str) -> Result<Option<Arc<str>>, u16> {
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert(SECURITY_TOKEN, HeaderValue::from_static(header));
        }
        of(&headers, &Query::read(&uri.parse().unwrap())).map_err(|error| error.status.as_u16())
    }

    #[test]
    fn a_token_is_sent_once() {
        assert_eq!(token(None, "/b"), Ok(None));
        assert_eq!(token(Some("a"), "/b"), Ok(Some("a".into())));
        assert_eq!(
            token(None, "/b?X-Amz-Security-Token=a%2Fb"),
            Ok(Some("a/b".into()))
        );
        assert_eq!(token(Some("a"), "/b?X-Amz-Security-Token=a"), Err(400));
    }
}
