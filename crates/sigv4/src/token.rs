//! The session token of temporary credentials: a signed header, or a parameter of a presigned URL.

use crate::error::SignatureError;
use crate::head::Head;
use crate::query::Query;

/// Header of the token, and field of a form.
pub const SECURITY_TOKEN: &str = "x-amz-security-token";
/// Parameter of the token in a presigned URL.
pub const PARAMETER: &str = "X-Amz-Security-Token";

/// Returns the token of a signed request. `None`: it has none.
///
/// # Errors
/// [`SignatureError::Token`] for several tokens, one that is no text, or one in a parameter that is spelt otherwise.
pub fn of<'a>(head: Head<'a>, query: &'a Query) -> Result<Option<&'a str>, SignatureError> {
    let invalid = || SignatureError::Token;
    let header = match head.headers.get(SECURITY_TOKEN) {
        None => None,
        Some(value) => Some(value.to_str().map_err(|_| invalid())?),
    };
    let is_token = |(name, _): &&(String, String)| name.eq_ignore_ascii_case(PARAMETER);
    let mut parameters = query.pairs().iter().filter(is_token);
    match (header, parameters.next(), parameters.next()) {
        (header, None, None) => Ok(header),
        (None, Some((name, value)), None) if name == PARAMETER && query.is_literal(PARAMETER) => {
            Ok(Some(value))
        }
        _ => Err(invalid()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderValue, Request};

    fn token(header: Option<&'static str>, uri: &str) -> Result<Option<String>, SignatureError> {
        let mut request = Request::new(());
        *request.uri_mut() = uri.parse().unwrap();
        if let Some(header) = header {
            let header = HeaderValue::from_static(header);
            request.headers_mut().insert(SECURITY_TOKEN, header);
        }
        let query = Query::read(request.uri());
        let found = of(Head::from(&request), &query)?;
        Ok(found.map(str::to_owned))
    }

    #[test]
    fn a_token_is_sent_once() {
        let a = Ok(Some("a/b".to_owned()));
        assert_eq!(token(None, "/b"), Ok(None));
        assert_eq!(token(Some("a/b"), "/b"), a);
        assert_eq!(token(None, "/b?X-Amz-Security-Token=a%2Fb"), a);
        for (header, uri) in [
            (Some("a"), "/b?X-Amz-Security-Token=a"),
            (None, "/b?X-Amz-Security-Token=a&X-Amz-Security-Token=a"),
            (None, "/b?x-amz-security-token=a"),
            (None, "/b?X%2DAmz-Security-Token=a"),
        ] {
            assert_eq!(token(header, uri), Err(SignatureError::Token), "{uri}");
        }
    }
}
