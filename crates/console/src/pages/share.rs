//! Links for others: a presigned one of S3, or for an object under its owner's key the page of this console.

use crate::address;
use crate::failure::Failure;
use crate::operation::GET_OBJECT;
use crate::pages::object::ObjectQuery;
use crate::presigned::{Linked, link};
use crate::text::{full_text, name};
use crate::ui::layout::{Page, Section, heading, page};
use crate::ui::message::{command, note};
use crate::ui::path::crumbs;
use crate::visitor::{Target, Values, Visitor};
use axum::Form;
use axum::extract::{Path, Query};
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use std::time::Duration;
use strongroom_engine::Mode;
use strongroom_identity::model::console_session::Proof;

/// Times for which a link can be valid, in minutes. Seven days are the longest of S3.
const TIMES: [(u64, &str); 4] = [
    (15, "15 minutes"),
    (60, "1 hour"),
    (1440, "1 day"),
    (10_080, "7 days"),
];

/// Form of the page.
#[derive(Deserialize)]
pub(crate) struct ShareForm {
    key: String,
    version: String,
    minutes: u64,
}

/// Shows the page.
pub(crate) async fn show(
    visitor: Visitor,
    Path(bucket): Path<String>,
    Query(object): Query<ObjectQuery>,
) -> Result<Response, Failure> {
    render(&visitor, &bucket, &object, None).await
}

/// Makes a link and shows it.
pub(crate) async fn submit(
    visitor: Visitor,
    Path(bucket): Path<String>,
    Form(form): Form<ShareForm>,
) -> Result<Response, Failure> {
    if !TIMES.iter().any(|(minutes, _)| *minutes == form.minutes) {
        return Err(Failure::invalid(
            "A link is valid for one of the times that the page offers.",
        ));
    }
    let object = ObjectQuery {
        key: form.key,
        version: form.version,
    };
    render(&visitor, &bucket, &object, Some(form.minutes)).await
}

async fn render(
    visitor: &Visitor,
    bucket: &str,
    object: &ObjectQuery,
    minutes: Option<u64>,
) -> Result<Response, Failure> {
    let version = object.version()?;
    let target = Target::object(bucket, &object.key, version);
    // A link does what its signer may do, so nobody makes one that will be refused.
    let engine = visitor.permit(&GET_OBJECT, target, Values::new()).await?;
    let summary = match engine.object_summary(bucket, &object.key, version).await {
        Ok(summary) => summary,
        Err(error) => return Err(visitor.hide_missing(target, error).await),
    };
    let linked = Linked {
        bucket,
        key: &object.key,
        version,
    };
    let content = if summary.encrypted.mode == Mode::Customer {
        own(&linked)
    } else {
        presigned(visitor, &linked, object, minutes).await?
    };
    let prefix = object.key.rfind('/').map_or("", |at| &object.key[..=at]);
    let back = address::of_object(bucket, "object", &object.key, version);
    let body = html! {
        (heading(
            &crumbs(bucket, prefix),
            &html! { "Share " (name(object.key.get(prefix.len()..).unwrap_or(&object.key))) },
            &html! { a class="button" href=(back) { "Back to the object" } },
        ))
        (content)
    };
    let title = "Share".to_owned();
    Ok(page(
        visitor,
        StatusCode::OK,
        &Page {
            title,
            section: Section::Buckets,
            body,
        },
    ))
}

/// A link of S3 has no place for the key. (S3 refuses keys in addresses.)
fn own(linked: &Linked<'_>) -> Markup {
    let page = address::of_object(linked.bucket, "download", linked.key, linked.version);
    html! {
        (note(&html! {
            p class="strong" { "This object is protected with its owner's key" }
            p { "A link cannot bring the key. Send the link of the page below to somebody who may read the bucket and signs in to this console, and the key another way." }
        }))
        p class="js" data-link=(page) {}
        noscript { p { a href=(page) data-hard="" { "The page of the object" } } }
    }
}

async fn presigned(
    visitor: &Visitor,
    linked: &Linked<'_>,
    object: &ObjectQuery,
    minutes: Option<u64>,
) -> Result<Markup, Failure> {
    let app = &visitor.received.app;
    let unable = |why: &str| Ok(note(&html! { p { (why) } }));
    let Proof::AccessKey(id) = &visitor.session.proof else {
        return unable(
            "A link is signed with an access key, and you signed in with a password. Sign in with an access key to make links.",
        );
    };
    let Some(endpoint) = app.settings.endpoint.as_deref() else {
        return unable("This server does not tell the console the address of its S3 endpoint.");
    };
    let made = match minutes {
        None => None,
        Some(minutes) => {
            let signer = app.signers.find(id, None).await;
            let signer = signer.map_err(|_| Failure::invalid("Your access key is not active any more."))?;
            let valid = Duration::from_secs(minutes * 60);
            let now = visitor.received.now;
            let made = link((endpoint, &app.settings.region), &signer, linked, valid, now);
            let made =
                made.ok_or_else(|| Failure::invalid("The key of this object cannot be in an address."))?;
            Some((made, now + minutes * 60_000_000))
        }
    };
    let chosen = minutes.unwrap_or(60);
    Ok(html! {
        p class="lead" { "Whoever has the link reads this object at " strong { (endpoint) } " until it expires, without signing in. It stops working when your access key is deactivated." }
        form method="post" action=(address::of_bucket(linked.bucket, "share")) class="form" {
            input type="hidden" name="key" value=(object.key);
            input type="hidden" name="version" value=(object.version);
            label for="minutes" { "Valid for" }
            div class="with-button" {
                select id="minutes" name="minutes" { @for (minutes, words) in TIMES { option value=(minutes) selected[minutes == chosen] { (words) } } }
                button class="primary" { "Make a link" }
            }
        }
        @if let Some((made, until)) = &made {
            section class="card" {
                h2 { "The link" }
                p class="help" { "Valid until " (full_text(*until)) }
                (command(made))
                p class="help from-terminal" { "From a terminal:" }
                (command(&format!("curl --fail -o FILE '{made}'")))
            }
        }
    })
}
