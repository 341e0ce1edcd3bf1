//! Deletion of an empty bucket.

use crate::address;
use crate::failure::Failure;
use crate::operation::DELETE_BUCKET;
use crate::ui::layout::{Page, Section, heading, page};
use crate::ui::message::failure;
use crate::visitor::{Target, Values, Visitor};
use axum::Form;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::html;
use serde::Deserialize;

/// Form of the page.
#[derive(Deserialize)]
pub(crate) struct DeleteBucketForm {
    word: String,
}

/// Shows the page.
pub(crate) async fn show(visitor: Visitor, Path(bucket): Path<String>) -> Result<Response, Failure> {
    visitor.received.app.engine.head_bucket(&bucket).await?;
    Ok(render(&visitor, &bucket, None))
}

/// Deletes the bucket.
pub(crate) async fn submit(
    visitor: Visitor,
    Path(bucket): Path<String>,
    Form(form): Form<DeleteBucketForm>,
) -> Result<Response, Failure> {
    if form.word.trim() != bucket {
        let mistyped = Failure::new(
            StatusCode::BAD_REQUEST,
            "NotConfirmed",
            "The name is another one",
            "Type the name of the bucket exactly as it is shown.",
        );
        return Ok(render(&visitor, &bucket, Some(&mistyped)));
    }
    let engine = visitor
        .permit(&DELETE_BUCKET, Target::bucket(&bucket), Values::new())
        .await;
    let deleted = match engine {
        Ok(engine) => engine.delete_bucket(&bucket).await.map_err(Failure::from),
        Err(refused) => Err(refused),
    };
    match deleted {
        Ok(()) => Ok(Redirect::to("/buckets").into_response()),
        Err(refused) => Ok(render(&visitor, &bucket, Some(&refused))),
    }
}

fn render(visitor: &Visitor, bucket: &str, refused: Option<&Failure>) -> Response {
    let body = html! {
        (heading(
            &html! { nav class="crumbs" aria-label="Path" { a href="/buckets" { "Buckets" } " / " a href=(address::of_bucket(bucket, "")) { (bucket) } " / " } },
            &html! { "Delete this bucket" },
            &html! {},
        ))
        p class="lead" { "Only an empty bucket can be deleted. Its key is destroyed with it, and its name becomes free for everybody." }
        @if let Some(refused) = refused { (failure(refused, &visitor.received.id.to_string())) }
        form method="post" action=(address::of_bucket(bucket, "delete")) class="form" {
            label for="word" { "Type " strong { (bucket) } " to confirm" }
            input id="word" name="word" required autocomplete="off" autocapitalize="off" spellcheck="false";
            div class="form-actions" {
                button class="danger solid" { "Delete bucket" }
                a class="button" href=(address::of_bucket(bucket, "")) { "Cancel" }
            }
        }
    };
    let status = refused.map_or(StatusCode::OK, |refused| refused.status);
    page(
        visitor,
        status,
        &Page {
            title: "Delete a bucket".to_owned(),
            section: Section::Buckets,
            body,
        },
    )
}
