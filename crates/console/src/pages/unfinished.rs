//! Uploads in parts that were neither completed nor aborted.

use crate::address;
use crate::failure::Failure;
use crate::operation::{ABORT_UPLOAD, LIST_UPLOADS};
use crate::text::{count, name, when};
use crate::ui::icon::{Icon, icon};
use crate::ui::layout::{Page, Section, heading, page};
use crate::ui::message::empty;
use crate::visitor::{Target, Values, Visitor};
use axum::Form;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::html;
use serde::Deserialize;
use strongroom_engine::object::walk::Entry;
use strongroom_engine::upload::{ListUploads, UploadName};

/// Rows of the page.
const ROWS: usize = 100;

/// Form of the button in a row.
#[derive(Deserialize)]
pub(crate) struct AbortForm {
    key: String,
    id: String,
}

/// Shows the page.
pub(crate) async fn show(visitor: Visitor, Path(bucket): Path<String>) -> Result<Response, Failure> {
    let engine = visitor
        .permit(&LIST_UPLOADS, Target::bucket(&bucket), Values::new())
        .await?;
    let list = ListUploads {
        limit: ROWS,
        ..ListUploads::default()
    };
    let listing = engine.list_uploads(&bucket, &list).await?;
    let uploads: Vec<_> = listing
        .entries
        .into_iter()
        .filter_map(|entry| match entry {
            Entry::Item(upload) => Some(upload),
            Entry::Prefix(_) => None,
        })
        .collect();
    let back = html! { a class="button" href=(address::of_bucket(&bucket, "")) { "Back to the objects" } };
    let body = html! {
        (heading(
            &html! { nav class="crumbs" aria-label="Path" { a href="/buckets" { "Buckets" } " / " a href=(address::of_bucket(&bucket, "")) { (bucket) } " / " } },
            &html! { "Unfinished uploads" },
            &html! {},
        ))
        @if uploads.is_empty() {
            (empty("Nothing is unfinished", &html! { "Uploads in parts that were broken off would be here. Their parts take space until they are aborted." }, &back))
        } @else {
            div class="table" { table {
                caption class="unseen" { "Unfinished uploads" }
                thead { tr { th scope="col" { "Name" } th scope="col" { "Begun" } th scope="col" { span class="unseen" { "Actions" } } } }
                tbody { @for upload in &uploads { tr {
                    th scope="row" { (icon(Icon::Upload)) (name(&upload.key)) }
                    td data-label="Begun" { (when(upload.begun, visitor.received.now)) }
                    td class="row-actions" {
                        form method="post" action=(address::of_bucket(&bucket, "uploads/abort")) class="inline" {
                            input type="hidden" name="key" value=(upload.key);
                            input type="hidden" name="id" value=(upload.id);
                            button class="danger quiet small" { "Abort" }
                        }
                    }
                } } }
            } }
            div class="pager" { span { (count(uploads.len(), "upload", "uploads")) @if listing.truncated { ", and more" } } }
        }
    };
    let title = "Unfinished uploads".to_owned();
    Ok(page(
        &visitor,
        StatusCode::OK,
        &Page {
            title,
            section: Section::Buckets,
            body,
        },
    ))
}

/// Aborts an upload.
pub(crate) async fn abort(
    visitor: Visitor,
    Path(bucket): Path<String>,
    Form(form): Form<AbortForm>,
) -> Result<Response, Failure> {
    let target = Target::object(&bucket, &form.key, None);
    let engine = visitor.permit(&ABORT_UPLOAD, target, Values::new()).await?;
    let upload = UploadName {
        key: form.key,
        id: form.id,
        bucket: bucket.clone(),
    };
    engine.abort_upload(&upload).await?;
    Ok(Redirect::to(&address::of_bucket(&bucket, "uploads")).into_response())
}
