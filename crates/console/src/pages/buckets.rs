//! The buckets of the person's account.

use crate::address;
use crate::failure::Failure;
use crate::operation::{
    GET_ENCRYPTION, GET_LOCK, GET_POLICY_STATUS, GET_PUBLIC_ACCESS, GET_VERSIONING, LIST_BUCKETS,
};
use crate::text::{self, when};
use crate::ui::badge;
use crate::ui::icon::{Icon, icon};
use crate::ui::layout::{Page, Section, heading, page};
use crate::ui::message::{command, empty, failure};
use crate::visitor::{Target, Visitor};
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use strongroom_access::policy::Policy;
use strongroom_engine::Mode;
use strongroom_engine::bucket::BucketInfo;
use strongroom_engine::model::settings::{BucketSettings, Versioning};

/// Rows of a page.
const ROWS: usize = 100;

/// Query of the page.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct BucketsQuery {
    /// Only buckets whose names begin with this.
    q: String,
    /// Only buckets after this one.
    after: String,
    /// Bucket to open.
    open: String,
}

/// Properties of a bucket that the person may know. `None`: the person may not.
#[derive(Default)]
struct Shown {
    protection: Option<Mode>,
    versions: Option<&'static str>,
    access: Option<bool>,
}

/// Shows the page.
pub(crate) async fn show(visitor: Visitor, Query(query): Query<BucketsQuery>) -> Result<Response, Failure> {
    if !query.open.is_empty() {
        let bucket = query.open.trim();
        let is_name = !bucket.is_empty()
            && bucket
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
        let to = if is_name {
            address::of_bucket(bucket, "")
        } else {
            "/buckets".to_owned()
        };
        return Ok(Redirect::to(&to).into_response());
    }
    let listed = match visitor.permit_without_bucket(&LIST_BUCKETS, None) {
        Ok(engine) => {
            let found = engine
                .list_buckets(visitor.principal.account, &query.q, &query.after, ROWS + 1)
                .await;
            found.map_err(Failure::from)
        }
        Err(refused) => Err(refused),
    };
    let status = listed
        .as_ref()
        .err()
        .map_or(StatusCode::OK, |refused| refused.status);
    let table = match listed {
        Ok(buckets) => rows(&visitor, &query, buckets).await?,
        Err(refused) => failure(&refused, &visitor.received.id.to_string()),
    };
    let body = html! {
        (heading(
            &html! {},
            &html! { "Buckets" },
            &html! { a class="button primary" href="/buckets/new" { (icon(Icon::Plus)) "Create bucket" } },
        ))
        div class="toolbar" {
            form method="get" action="/buckets" class="search" role="search" {
                (icon(Icon::Search))
                input type="search" name="q" value=(query.q) placeholder="Find a bucket: starts with" aria-label="Find a bucket by the start of its name" data-shortcut="/";
            }
            form method="get" action="/buckets" class="inline" {
                input name="open" placeholder="Open by name" aria-label="Open a bucket by its name" autocapitalize="off" spellcheck="false";
                button { "Open" }
            }
        }
        (table)
    };
    let title = "Buckets".to_owned();
    Ok(page(
        &visitor,
        status,
        &Page {
            title,
            section: Section::Buckets,
            body,
        },
    ))
}

async fn rows(
    visitor: &Visitor,
    query: &BucketsQuery,
    mut buckets: Vec<BucketInfo>,
) -> Result<Markup, Failure> {
    let has_next = buckets.len() > ROWS;
    buckets.truncate(ROWS);
    if buckets.is_empty() && query.q.is_empty() && query.after.is_empty() {
        let text = html! { "A bucket holds objects. Everything in it is encrypted, whatever you choose." };
        return Ok(empty(
            "No bucket yet",
            &text,
            &terminal(visitor, "mb s3://my-bucket"),
        ));
    }
    if buckets.is_empty() {
        let clear = html! { a class="button" href="/buckets" { "Show all buckets" } };
        return Ok(empty(
            "No such bucket",
            &html! { "No bucket's name starts with " (text::name(&query.q)) "." },
            &clear,
        ));
    }
    let mut shown = Vec::with_capacity(buckets.len());
    for bucket in &buckets {
        shown.push(about(visitor, &bucket.name).await?);
    }
    let last = buckets
        .last()
        .map(|bucket| bucket.name.clone())
        .unwrap_or_default();
    Ok(html! {
        div class="table" {
            table {
                caption class="unseen" { "Buckets" }
                thead { tr {
                    th scope="col" { "Name" }
                    th scope="col" { "Protection" }
                    th scope="col" { "Versions" }
                    th scope="col" { "Access" }
                    th scope="col" { "Created" }
                } }
                tbody {
                    @for (bucket, shown) in buckets.iter().zip(&shown) {
                        tr {
                            th scope="row" { a href=(address::of_bucket(&bucket.name, "")) { (icon(Icon::Bucket)) (bucket.name) } }
                            td data-label="Protection" { @match shown.protection { Some(mode) => { (badge::protection(mode)) } None => { (unknown()) } } }
                            td data-label="Versions" { @match shown.versions { Some(words) => { (words) } None => { (unknown()) } } }
                            td data-label="Access" { @match shown.access {
                                Some(true) => { (badge::warning("Public")) }
                                Some(false) => { "Private" }
                                None => { (unknown()) }
                            } }
                            td data-label="Created" { (when(bucket.created, visitor.received.now)) }
                        }
                    }
                }
            }
        }
        div class="pager" {
            span { (text::count(buckets.len(), "bucket", "buckets")) @if !query.after.is_empty() { " after " (text::name(&query.after)) } }
            span class="grow" {}
            @if !query.after.is_empty() { a class="button small" href=(address::with_query("/buckets", &[("q", &query.q)])) { "First page" } }
            @if has_next { a class="button small" href=(address::with_query("/buckets", &[("q", &query.q), ("after", &last)])) { "Next " (ROWS) } }
        }
        (terminal(visitor, "ls"))
    })
}

async fn about(visitor: &Visitor, bucket: &str) -> Result<Shown, Failure> {
    let target = Target::bucket(bucket);
    let mut shown = Shown::default();
    // Deleted since it was listed: the row stays, and says nothing.
    let Ok((_, settings)) = visitor.received.app.engine.bucket_access(bucket).await else {
        return Ok(shown);
    };
    if visitor.may(&GET_ENCRYPTION, target).await? {
        let kms = settings
            .encryption
            .as_ref()
            .is_some_and(|encryption| encryption.kms.is_some());
        shown.protection = Some(if kms { Mode::Kms } else { Mode::S3 });
    }
    if visitor.may(&GET_VERSIONING, target).await? {
        let locked = visitor.may(&GET_LOCK, target).await? && settings.object_lock.is_some();
        shown.versions = Some(match settings.versioning {
            _ if locked => "On, with lock",
            Some(Versioning::Enabled) => "On",
            Some(Versioning::Suspended) => "Paused",
            None => "Off",
        });
    }
    if visitor.may(&GET_POLICY_STATUS, target).await? && visitor.may(&GET_PUBLIC_ACCESS, target).await? {
        shown.access = Some(is_public(&settings, bucket));
    }
    Ok(shown)
}

/// Returns whether everybody may do something in the bucket: its policy is public, and nothing restricts it.
pub(crate) fn is_public(settings: &BucketSettings, bucket: &str) -> bool {
    let restricted = settings
        .public_access_block()
        .is_some_and(|block| block.restrict_public_buckets);
    let policy = settings.policy.as_deref();
    let policy = policy.and_then(|text| Policy::parse(text, bucket).ok());
    !restricted && policy.is_some_and(|policy| policy.is_public())
}

fn unknown() -> Markup {
    html! { span class="unknown" title="You may not see this" { "-" } }
}

fn terminal(visitor: &Visitor, line: &str) -> Markup {
    let endpoint = visitor.received.app.settings.endpoint.as_deref();
    html! {
        @if let Some(endpoint) = endpoint {
            p class="from-terminal help" { "From a terminal:" }
            (command(&format!("aws s3 {line} --endpoint-url {endpoint}")))
        }
    }
}
