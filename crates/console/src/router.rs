//! The addresses of the console, and what answers them.

use crate::app::App;
use crate::failure::Failure;
use crate::pages::{
    account, browse, buckets, change_objects, content, delete_bucket, download, keys, new_bucket, object,
    protect, search, settings, share, sign_in, theme, try_keys, unfinished, upload,
};
use crate::visitor::Visitor;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::Redirect;
use axum::routing::{get, post, put};
use http::StatusCode;
use std::sync::Arc;

/// Maximum size of a form or a document, in bytes. 10,000 parts of an upload take half of it. Contents of objects, and forms
/// that the pages read by themselves, have no or another limit.
const MAX_DOCUMENT: usize = 1 << 20;

/// Returns the routes. The signed-in person is an extension of the request.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(async || Redirect::to("/buckets")))
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/signed-in", get(sign_in::arrive))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/theme", post(theme::set))
        .route("/account", get(account::show))
        .route("/account/sessions", post(account::end_sessions))
        .route("/keys", get(keys::show))
        .route("/buckets", get(buckets::show))
        .route("/buckets/new", get(new_bucket::show).post(new_bucket::submit))
        .route("/b/{bucket}", get(browse::show))
        .route("/b/{bucket}/object", get(object::show).put(upload::put))
        .route("/b/{bucket}/search", get(search::show))
        .route("/b/{bucket}/objects", post(change_objects::submit))
        .route("/b/{bucket}/download", get(download::show).post(download::submit))
        .route("/b/{bucket}/content", get(content::show))
        .route("/b/{bucket}/try-keys", post(try_keys::submit))
        .route("/b/{bucket}/protect", post(protect::submit))
        .route("/b/{bucket}/share", get(share::show).post(share::submit))
        .route("/b/{bucket}/uploads", get(unfinished::show).post(upload::begin))
        .route("/b/{bucket}/uploads/abort", post(unfinished::abort))
        .route(
            "/b/{bucket}/uploads/{id}",
            post(upload::complete).delete(upload::abort),
        )
        .route("/b/{bucket}/uploads/{id}/{part}", put(upload::put_part))
        .route("/b/{bucket}/settings", get(settings::show).post(settings::submit))
        .route(
            "/b/{bucket}/delete",
            get(delete_bucket::show).post(delete_bucket::submit),
        )
        .route("/transfers/{id}", get(download::report))
        .route("/-/csp", post(report_violation))
        .fallback(async || Failure::not_found())
        .method_not_allowed_fallback(async || {
            Failure::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "MethodNotAllowed",
                "This address takes no such request",
                "Go back and use the buttons of the page.",
            )
        })
        .layer(DefaultBodyLimit::max(MAX_DOCUMENT))
}

/// Returns whether the response of an address is read by a script and reveals what others want to know.
pub(crate) fn reveals(path: &str) -> bool {
    path.ends_with("/content") || path.starts_with("/transfers/")
}

/// Logs that a browser refused something that a page tried: an error of ours, or of an extension.
async fn report_violation(visitor: Option<Visitor>, body: axum::body::Bytes) -> StatusCode {
    /// Bytes of a report that are logged.
    const SHOWN: usize = 500;
    let report = String::from_utf8_lossy(body.get(..SHOWN).unwrap_or(&body)).into_owned();
    // Strangers do not write into the log.
    if visitor.is_some() {
        tracing::warn!(
            report,
            "a browser reports a violation of the content security policy"
        );
    }
    StatusCode::NO_CONTENT
}
