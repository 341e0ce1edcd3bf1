//! The objects of a bucket, by prefix, page by page.

use crate::address;
use crate::failure::Failure;
use crate::operation::{GET_ENCRYPTION, LIST_OBJECTS, LIST_VERSIONS, PUT_OBJECT};
use crate::text::{self, name, size, when};
use crate::ui::badge;
use crate::ui::icon::{Icon, icon};
use crate::ui::layout::{Page, Section, heading, page};
use crate::ui::message::{command, empty, failure};
use crate::visitor::{Target, Values, Visitor};
use axum::extract::{Path, Query};
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use strongroom_access::policy::key as policy;
use strongroom_engine::model::settings::BucketSettings;
use strongroom_engine::object::list::{ListObjects, ListVersions, ListedObject, ListedVersion};
use strongroom_engine::object::walk::{Entry, Page as Listing, Scope};
use strongroom_engine::{Mode, VersionName};

/// Rows of a page.
const ROWS: usize = 100;

/// Query of the page.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct BrowseQuery {
    prefix: String,
    /// Only names that begin with this after the prefix.
    q: String,
    after: String,
    after_version: String,
    /// `versions`: all versions and delete markers.
    show: String,
}

impl BrowseQuery {
    /// Returns the query of the objects under a prefix.
    pub(crate) fn of_prefix(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            ..Self::default()
        }
    }

    fn shows_versions(&self) -> bool {
        self.show == "versions"
    }

    fn scope(&self) -> Scope {
        Scope {
            prefix: [self.prefix.as_str(), &self.q].concat(),
            delimiter: Some("/".to_owned()),
        }
    }

    fn address(&self, bucket: &str) -> String {
        address::with_query(
            &address::of_bucket(bucket, ""),
            &[
                ("prefix", &self.prefix),
                ("q", &self.q),
                ("show", &self.show),
                ("after", &self.after),
                ("after_version", &self.after_version),
            ],
        )
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = Self {
            after: String::new(),
            after_version: String::new(),
            ..self.clone()
        };
        change(&mut changed);
        changed
    }
}

/// A row of the table.
pub(crate) struct Row {
    object: ListedObject,
    /// `None`: the table shows no versions.
    version: Option<ListedVersion>,
}

impl Row {
    /// Returns the row of an object in a table without versions.
    pub(crate) fn current(object: ListedObject) -> Self {
        Self {
            object,
            version: None,
        }
    }
}

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
        return Ok(rows(listing, |version| Row {
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
    Ok(rows(listing, Row::current))
}

fn rows<T>(listing: Listing<T>, mut row: impl FnMut(T) -> Row) -> Listing<Row> {
    let entries = listing.entries.into_iter().map(|entry| match entry {
        Entry::Item(item) => Entry::Item(row(item)),
        Entry::Prefix(prefix) => Entry::Prefix(prefix),
    });
    Listing {
        entries: entries.collect(),
        truncated: listing.truncated,
    }
}

/// Shows the way to a prefix, each step a link.
pub(crate) fn crumbs(bucket: &str, prefix: &str) -> Markup {
    let steps = prefix.match_indices('/').map(|(at, _)| &prefix[..=at]);
    let steps: Vec<&str> = steps.collect();
    let above = steps.len().saturating_sub(1);
    html! {
        nav class="crumbs" aria-label="Path" {
            a href="/buckets" { "Buckets" } " / "
            @if !prefix.is_empty() { a href=(address::of_bucket(bucket, "")) { (bucket) } " / " }
            @for step in steps.iter().take(above) {
                a href=(address::of_prefix(bucket, step)) { (name(last_step(step))) } " / "
            }
        }
    }
}

fn title(bucket: &str, prefix: &str) -> Markup {
    html! { @if prefix.is_empty() { (bucket) } @else { (name(last_step(prefix))) } }
}

/// Returns the last step of a prefix: `2026/` of `reports/2026/`.
fn last_step(prefix: &str) -> &str {
    let before = prefix.strip_suffix('/').unwrap_or(prefix);
    let start = before.rfind('/').map_or(0, |at| at + 1);
    &prefix[start..]
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
                                Entry::Prefix(prefix) => { (folder(bucket, query, prefix)) }
                                Entry::Item(row) => { (self::row(visitor, bucket, query, row, true)) }
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

fn folder(bucket: &str, query: &BrowseQuery, prefix: &str) -> Markup {
    let into = query.with(|into| {
        prefix.clone_into(&mut into.prefix);
        into.q.clear();
    });
    html! {
        tr class="folder" {
            td class="tick" {}
            th scope="row" { a href=(into.address(bucket)) { (icon(Icon::Folder)) (name(last_step(prefix))) } }
            td class="number unknown" { "-" }
            td class="unknown" { "-" }
            td class="unknown" { "-" }
            td {}
        }
    }
}

/// Shows a row. `is_choice`: it can be selected.
pub(crate) fn row(
    visitor: &Visitor,
    bucket: &str,
    query: &BrowseQuery,
    row: &Row,
    is_choice: bool,
) -> Markup {
    let object = &row.object;
    let version = row.version.as_ref().map(|version| version.version);
    let label = object
        .key
        .strip_prefix(query.prefix.as_str())
        .unwrap_or(&object.key);
    let is_marker = row.version.as_ref().is_some_and(|version| version.is_marker);
    let is_old = row.version.as_ref().is_some_and(|version| !version.is_latest);
    let item = format!(
        "{}:{}",
        version.map(|version| version.to_string()).unwrap_or_default(),
        object.key
    );
    html! {
        tr class=[(is_old || is_marker).then_some("old")] {
            @if is_choice { td class="tick" { input type="checkbox" name="item" value=(item) aria-label={ "Select " (text::plain(label)) }; } }
            th scope="row" {
                a href=(address::of_object(bucket, "object", &object.key, version)) {
                    (icon(if is_marker { Icon::Marker } else { Icon::File })) (name(label))
                }
                @if let Some(version) = &row.version {
                    span class="version" { @if version.is_latest { "newest" } @else { (short(version.version)) } }
                }
            }
            td class="number" data-label="Size" { @if is_marker { span class="unknown" { "-" } } @else { (size(object.length)) } }
            td data-label="Changed" { (when(object.modified, visitor.received.now)) }
            td data-label="Protection" { @if is_marker { (badge::plain("Delete marker")) } @else { (badge::protection(object.mode)) } }
            td class="row-actions" { @if !is_marker { (download(bucket, &object.key, version, object.mode, label)) } }
        }
    }
}

/// Shows the link that downloads an object. Scripts find the key of one that is protected with its owner's.
fn download(bucket: &str, key: &str, version: Option<VersionName>, mode: Mode, label: &str) -> Markup {
    let href = address::of_object(bucket, "download", key, version);
    html! {
        a class="button quiet icon-only" href=(href) data-hard="" data-download=[(mode == Mode::Customer).then_some("own")]
            title="Download" aria-label={ "Download " (text::plain(label)) } { (icon(Icon::Download)) }
    }
}

/// Returns the beginning of a version's name, which tells it from the others on the page.
pub(crate) fn short(version: VersionName) -> String {
    let name = version.to_string();
    name.get(12..20).unwrap_or(&name).to_owned()
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
