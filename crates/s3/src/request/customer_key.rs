//! Requests that may carry a customer key.

use crate::request::sse::is_about_customer_key;
use crate::request::target::is_form;
use http::{HeaderName, Request};
use strongroom_sigv4::query::Query;

#[cfg(test)]
mod tests;

/// Returns whether the head of a request allows that it carries a customer key: in its headers, in its query (where
/// it is refused, but is in memory already), or in the fields of a form.
pub fn may_bring_customer_key<B>(request: &Request<B>) -> bool {
    let mut headers = request.headers().keys().map(HeaderName::as_str);
    let in_query = || {
        let query = Query::read(request.uri());
        let mut names = query.pairs().iter().map(|(name, _)| name.to_ascii_lowercase());
        names.any(|name| is_about_customer_key(&name))
    };
    headers.any(is_about_customer_key) || is_form(request) || in_query()
}
