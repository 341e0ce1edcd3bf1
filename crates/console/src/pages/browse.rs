//! The objects of a bucket, by prefix, page by page.

use crate::address;
use crate::failure::Failure;
use crate::operation::{GET_ENCRYPTION, LIST_OBJECTS, LIST_VERSIONS, PUT_OBJECT};
use crate::pages::rows::{self, BrowseQuery, Row};
use crate::text::{self, name};
use crate::ui::icon::{Icon, icon};
use crate::ui::layout::{Page, Section, heading, page};
use crate::ui::message::{command, empty, failure};
use crate::ui::path::{crumbs, last_step};
use crate::visitor::{Target, Values, Visitor};
use axum::extract::{Path, Query};
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use strongroom_access::policy::key as policy;
use strongroom_engine::VersionName;
use strongroom_engine::model::settings::BucketSettings;
use strongroom_engine::object::list::{ListObjects, ListVersions};
use strongroom_engine::object::walk::{Entry, Page as Listing};

/// Rows of a page.
const ROWS: usize = 100;

/// Shows the page.
pub(crate) async fn show(
    visitor: Visitor,
    Path(bucket): Path<String>,
    Query(query): Query<BrowseQuery>,
) -> Result<Response, Failure> {
    let listed = list(&visitor, &bucket, &query).await;
    // The sheet of an upload says what will be used, to those who may know.
    let settings = if visitor.may(&GET_ENCRYPTION, Target::bucket(&bucket)).await? {
        let found = visitor.received.app.engine.bucket_access(&bucket).await;
        found.ok().map(|(_, settings)| settings)
    } else {
        None
    };
    let (status, content) = match listed {
        Ok(listing) => (
            StatusCode::OK,
            table(&visitor, &bucket, &query, &listing, settings.as_deref()),
        ),
        // Only what may not be seen is shown as a part of the page, which offers other ways in.
        Err(refused) if refused.action.is_some() => {
            let message = failure(&refused, &visitor.received.id.to_string());
            (refused.status, html! { (message) (other_ways(&bucket)) })
        }
        Err(failed) => return Err(failed),
    };
    let may_write = visitor
        .may(&PUT_OBJECT, Target::object(&bucket, &query.prefix, None))
        .await?;
    let body = html! {
        (heading(&crumbs(&bucket, &query.prefix), &title(&bucket, &query.prefix), &actions(&bucket, may_write)))
        (toolbar(&bucket, &query))
        (content)
    };
    let name = text::plain(&[bucket.as_str(), "/", &query.prefix].concat());
    let page_title = name.trim_end_matches('/').to_owned();
    Ok(page(
        &visitor,
        status,
        &Page {
            title: page_title,
            section: Section::Buckets,
            body,
        },
    ))
}

async fn list(visitor: &Visitor, bucket: &str, query: &BrowseQuery) -> Result<Listing<Row>, Failure> {
    let scope = query.scope();
    let values: Values = vec![
        (policy::PREFIX, scope.prefix.clone()),
        (policy::DELIMITER, "/".to_owned()),
        (policy::MAX_KEYS, ROWS.to_string()),
    ];
    let target = Target::bucket(bucket);
    if query.shows_versions() {
        let engine = visitor.permit(&LIST_VERSIONS, target, values).await?;
        let list = ListVersions {
            scope,
            after: query.after.clone(),
            after_version: VersionName::read(&query.after_version),
            limit: ROWS,
        };
        let listing = engine.list_versions(bucket, &list).await?;
        return Ok(as_rows(listing, |version| Row {
            object: version.object.clone(),
            version: Some(version),
        }));
    }
    let engine = visitor.permit(&LIST_OBJECTS, target, values).await?;
    let list = ListObjects {
        scope,
        after: query.after.clone(),
        limit: ROWS,
    };
    let listing = engine.list_objects(bucket, &list).await?;
    Ok(as_rows(listing, Row::current))
}

fn as_rows<T>(listing: Listing<T>, mut row: impl FnMut(T) -> Row) -> Listing<Row> {
    let entries = listing.entries.into_iter().map(|entry| match entry {
        Entry::Item(item) => Entry::Item(row(item)),
        Entry::Prefix(prefix) => Entry::Prefix(prefix),
    });
    Listing {
        entries: entries.collect(),
        truncated: listing.truncated,
    }
}

fn title(bucket: &str, prefix: &str) -> Markup {
    html! { @if prefix.is_empty() { (bucket) } @else { (name(last_step(prefix))) } }
}

fn actions(bucket: &str, may_write: bool) -> Markup {
    html! {
        a class="button" href=(address::of_bucket(bucket, "settings")) { (icon(Icon::Gear)) "Settings" }
        button type="button" class="primary js" id="upload" data-shortcut="u" disabled[!may_write]
            title=[(!may_write).then_some("You may not write here: s3:PutObject")] { (icon(Icon::Upload)) "Upload" }
    }
}

fn toolbar(bucket: &str, query: &BrowseQuery) -> Markup {
    let versions = query.with(|query| {
        query.show = if query.shows_versions() {
            String::new()
        } else {
            "versions".to_owned()
        };
    });
    html! {
        div class="toolbar" {
            form method="get" action=(address::of_bucket(bucket, "")) class="search" role="search" {
                (icon(Icon::Search))
                input type="hidden" name="prefix" value=(query.prefix);
                @if query.shows_versions() { input type="hidden" name="show" value="versions"; }
                input type="search" name="q" value=(query.q) placeholder="Starts with" aria-label="Names that start with" data-shortcut="/";
            }
            details class="more" {
                summary class="button quiet" { "More" }
                form method="get" action=(address::of_bucket(bucket, "search")) class="inline" {
                    input type="hidden" name="prefix" value=(query.prefix);
                    input type="search" name="contains" required placeholder="Contains" aria-label="Names that contain";
                    button { (icon(Icon::Search)) "Search" }
                }
                form method="get" action=(address::of_bucket(bucket, "")) class="inline" {
                    input name="prefix" value=(query.prefix) placeholder="Path" aria-label="Path" autocapitalize="off" spellcheck="false";
                    button { (icon(Icon::Pencil)) "Go" }
                }
                a class="button" href=(address::of_bucket(bucket, "uploads")) { "Unfinished uploads" }
            }
            span class="grow" {}
            a class="switch" role="switch" aria-checked=(query.shows_versions()) href=(versions.address(bucket)) { "Versions and deleted" }
        }
    }
}

fn table(
    visitor: &Visitor,
    bucket: &str,
    query: &BrowseQuery,
    listing: &Listing<Row>,
    settings: Option<&BucketSettings>,
) -> Markup {
    if listing.entries.is_empty() {
        return nothing(visitor, bucket, query, settings);
    }
    let next = listing.entries.last().filter(|_| listing.truncated).map(|last| {
        query.with(|next| match last {
            Entry::Prefix(prefix) => next.after.clone_from(prefix),
            Entry::Item(row) => {
                next.after.clone_from(&row.object.key);
                let version = row.version.as_ref();
                next.after_version = version
                    .map(|version| version.version.to_string())
                    .unwrap_or_default();
            }
        })
    });
    html! {
        form method="post" action=(address::of_bucket(bucket, "objects")) class="objects" {
            input type="hidden" name="back" value=(query.address(bucket));
            div class="selection" data-selection="" {
                span class="js" data-selected="" { "0 selected" }
                button name="action" value="delete" class="danger quiet" { (icon(Icon::Trash)) "Delete selected..." }
            }
            div class="table" {
                table data-table="" {
                    caption class="unseen" { "Objects" }
                    thead { tr {
                        th scope="col" class="tick" { input type="checkbox" class="js" data-all="" aria-label="Select all"; }
                        th scope="col" { "Name" }
                        th scope="col" class="number" { "Size" }
                        th scope="col" { "Changed" }
                        th scope="col" { "Protection" }
                        th scope="col" { span class="unseen" { "Actions" } }
                    } }
                    tbody {
                        @for entry in &listing.entries {
                            @match entry {
                                Entry::Prefix(prefix) => { (rows::folder(bucket, query, prefix)) }
                                Entry::Item(row) => { (rows::row(visitor, bucket, query, row, true)) }
                            }
                        }
                    }
                }
            }
        }
        div class="pager" {
            span { (text::count(listing.entries.len(), "row", "rows")) @if !query.after.is_empty() { " after " (name(&query.after)) } }
            span class="grow" {}
            @if !query.after.is_empty() { a class="button small" href=(query.with(|_| ()).address(bucket)) { "First page" } }
            @if let Some(next) = next { a class="button small" href=(next.address(bucket)) { "Next " (ROWS) } }
        }
        (drop_target(bucket, &query.prefix, settings))
    }
}

fn nothing(
    visitor: &Visitor,
    bucket: &str,
    query: &BrowseQuery,
    settings: Option<&BucketSettings>,
) -> Markup {
    let drop = drop_target(bucket, &query.prefix, settings);
    if !query.q.is_empty() || !query.after.is_empty() {
        let clear = query.with(|query| query.q.clear()).address(bucket);
        let text = html! { "No name starts with " (name(&query.q)) " here." };
        return html! { (empty("Nothing found", &text, &html! { a class="button" href=(clear) { "Show all" } })) (drop) };
    }
    let endpoint = visitor
        .received
        .app
        .settings
        .endpoint
        .as_deref()
        .unwrap_or("https://HOST:9443");
    let to = format!(
        "s3://{bucket}/{}",
        if text::plain(&query.prefix) == query.prefix {
            &query.prefix
        } else {
            ""
        }
    );
    let more = command(&format!("aws s3 cp FILE {to} --endpoint-url {endpoint}"));
    let text = html! { "Drop files here, or use the button " strong { "Upload" } ". From a terminal:" };
    html! { (empty("Nothing here yet", &text, &more)) (drop) }
}

/// Tells scripts where files go that are dropped on the page.
fn drop_target(bucket: &str, prefix: &str, settings: Option<&BucketSettings>) -> Markup {
    let kms = |settings: &BucketSettings| {
        settings
            .encryption
            .as_ref()
            .is_some_and(|encryption| encryption.kms.is_some())
    };
    let by_default = settings.map(|settings| if kms(settings) { "Named key" } else { "Store's key" });
    let is_blocked = settings.is_some_and(|settings| !settings.takes_customer_keys());
    html! { div class="drop" data-drop=(bucket) data-prefix=(prefix) data-default=[by_default] data-blocked[is_blocked] hidden { p { "Drop files to upload them here" } } }
}

fn other_ways(bucket: &str) -> Markup {
    html! {
        form method="get" action=(address::of_bucket(bucket, "")) class="form" {
            label for="other-prefix" { "Open a prefix" }
            div class="with-button" { input id="other-prefix" name="prefix" autocapitalize="off" spellcheck="false"; button { "Open" } }
        }
        form method="get" action=(address::of_bucket(bucket, "object")) class="form" {
            label for="other-key" { "Open an object by its key" }
            div class="with-button" { input id="other-key" name="key" autocapitalize="off" spellcheck="false"; button { "Open" } }
        }
    }
}
