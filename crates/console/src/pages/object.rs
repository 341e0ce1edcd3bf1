//! One object: what is known of it, its protection, its versions.

use crate::address;
use crate::failure::Failure;
use crate::operation::{DELETE_OBJECT, HEAD_OBJECT, LIST_VERSIONS, PUT_OBJECT};
use crate::pages::rows::short;
use crate::text::{self, full_text, grouped, name, size, when};
use crate::ui::badge;
use crate::ui::icon::{Icon, icon};
use crate::ui::layout::{Page, Section, heading, page};
use crate::ui::message::command;
use crate::ui::path::crumbs;
use crate::visitor::{Target, Values, Visitor};
use axum::extract::{Path, Query};
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use strongroom_engine::encryption::EncryptionHeaders;
use strongroom_engine::object::get::{ObjectInfo, ReadObject};
use strongroom_engine::object::list::{ListVersions, ListedVersion};
use strongroom_engine::object::summary::ObjectSummary;
use strongroom_engine::object::walk::{Entry, Scope};
use strongroom_engine::{Error, Mode, VersionName};

/// Versions that the page shows.
const VERSIONS: usize = 50;

/// Query of pages about an object.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct ObjectQuery {
    pub(crate) key: String,
    pub(crate) version: String,
}

impl ObjectQuery {
    /// Returns the version that is named. `None`: the newest.
    ///
    /// # Errors
    /// The failure of a name that is none.
    pub(crate) fn version(&self) -> Result<Option<VersionName>, Failure> {
        if self.version.is_empty() {
            return Ok(None);
        }
        let version = VersionName::read(&self.version);
        version
            .map(Some)
            .ok_or_else(|| Failure::invalid("The version is not the name of a version."))
    }
}

/// State of the object that the page is about.
enum Found {
    Object(Box<ObjectSummary>, Option<Box<ObjectInfo>>),
    /// The newest version is a delete marker, or the named one is.
    Deleted,
}

/// Shows the page.
pub(crate) async fn show(
    visitor: Visitor,
    Path(bucket): Path<String>,
    Query(query): Query<ObjectQuery>,
) -> Result<Response, Failure> {
    let version = query.version()?;
    let key = query.key.as_str();
    let target = Target::object(&bucket, key, version);
    let engine = visitor.permit(&HEAD_OBJECT, target, Values::new()).await?;
    let found = match engine.object_summary(&bucket, key, version).await {
        Ok(summary) => {
            let mut info = None;
            if summary.encrypted.mode != Mode::Customer {
                let read = ReadObject {
                    bucket: bucket.clone(),
                    key: key.to_owned(),
                    version,
                    ..ReadObject::default()
                };
                let (known, _) = engine.head_object(&read, EncryptionHeaders::default()).await?;
                info = Some(Box::new(known));
            }
            Found::Object(Box::new(summary), info)
        }
        Err(Error::Deleted(..) | Error::IsDeleteMarker(..)) => Found::Deleted,
        Err(error) => return Err(visitor.hide_missing(target, error).await),
    };
    let versions = versions_of(&visitor, &bucket, key).await?;
    let may_delete = visitor.may(&DELETE_OBJECT, target).await?;
    let may_write = visitor
        .may(&PUT_OBJECT, Target::object(&bucket, key, None))
        .await?;
    let prefix = key.rfind('/').map_or("", |at| &key[..=at]);
    let label = key
        .get(prefix.len()..)
        .filter(|label| !label.is_empty())
        .unwrap_or(key);
    let way = html! {
        (crumbs(&bucket, prefix))
        @if !prefix.is_empty() { nav class="crumbs last" aria-label="Folder" { a href=(address::of_prefix(&bucket, prefix)) { (name(prefix)) } } }
    };
    let body = match &found {
        Found::Object(summary, info) => html! {
            (heading(&way, &name(label), &actions(&bucket, key, version, summary, may_delete)))
            div class="columns" {
                div {
                    div data-previewed="" aria-live="polite" {}
                    section class="card" { h2 { "Details" } (details(&visitor, key, summary, info.as_deref())) }
                    @if let Some(versions) = &versions { (versions_card(&visitor, &bucket, key, versions, may_write)) }
                }
                div {
                    (protection(&bucket, key, version, summary, may_write))
                    (terminal(&visitor, &bucket, key, version, summary))
                }
            }
        },
        Found::Deleted => html! {
            (heading(&way, &name(label), &html! {}))
            div class="message note" { (icon(Icon::Note)) div { p class="strong" { "This object is deleted" } p { "Its newest version is a delete marker. Delete the marker to bring the object back." } } }
            @if let Some(versions) = &versions { (versions_card(&visitor, &bucket, key, versions, may_write)) }
        },
    };
    let title = text::plain(label);
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

/// Returns the versions of a key, newest first. `None`: the person may not list versions, or there is one only.
async fn versions_of(
    visitor: &Visitor,
    bucket: &str,
    key: &str,
) -> Result<Option<Vec<ListedVersion>>, Failure> {
    let target = Target::bucket(bucket);
    let values = vec![(strongroom_access::policy::key::PREFIX, key.to_owned())];
    let Ok(engine) = visitor.permit(&LIST_VERSIONS, target, values).await else {
        return Ok(None);
    };
    let list = ListVersions {
        scope: Scope {
            prefix: key.to_owned(),
            delimiter: None,
        },
        limit: VERSIONS,
        ..ListVersions::default()
    };
    let listing = engine.list_versions(bucket, &list).await?;
    let versions = listing.entries.into_iter().filter_map(|entry| match entry {
        Entry::Item(version) if version.object.key == key => Some(version),
        _ => None,
    });
    let versions: Vec<_> = versions.collect();
    let is_plain = versions.len() == 1
        && versions
            .iter()
            .all(|version| version.version == VersionName::Null);
    Ok((!versions.is_empty() && !is_plain).then_some(versions))
}

fn actions(
    bucket: &str,
    key: &str,
    version: Option<VersionName>,
    summary: &ObjectSummary,
    may_delete: bool,
) -> Markup {
    let item = format!(
        "{}:{key}",
        version.map(|version| version.to_string()).unwrap_or_default()
    );
    let own = summary.encrypted.mode == Mode::Customer;
    html! {
        a class="button primary" data-hard="" data-download=[own.then_some("own")] href=(address::of_object(bucket, "download", key, version)) { (icon(Icon::Download)) "Download" }
        @if !own {
            button type="button" class="js" data-preview="" data-bucket=(bucket) data-key=(key)
                data-version=(version.map(|version| version.to_string()).unwrap_or_default()) { (icon(Icon::Eye)) "Preview" }
        }
        a class="button" href=(address::of_object(bucket, "share", key, version)) { "Share..." }
        form method="post" action=(address::of_bucket(bucket, "objects")) class="inline" {
            input type="hidden" name="back" value=(address::of_bucket(bucket, ""));
            input type="hidden" name="item" value=(item);
            button name="action" value="delete" class="danger" disabled[!may_delete] title=[(!may_delete).then_some("You may not delete this: s3:DeleteObject")] { (icon(Icon::Trash)) "Delete..." }
        }
    }
}

fn details(visitor: &Visitor, key: &str, summary: &ObjectSummary, info: Option<&ObjectInfo>) -> Markup {
    let row = |term: &str, value: Markup| html! { div { dt { (term) } dd { (value) } } };
    html! {
        dl {
            (row("Key", html! { (name(key)) " " button type="button" class="quiet small js" data-copy=(key) { (icon(Icon::Copy)) "Copy exact key" } }))
            (row("Size", html! { (size(summary.length)) " " span class="help" { (grouped(summary.length)) " bytes" } }))
            (row("Changed", html! { (when(summary.modified, visitor.received.now)) " " span class="help" { (full_text(summary.modified)) } }))
            @if let Some(version) = summary.version { (row("Version", html! { code { (version) } })) }
            (row("ETag", html! { code { (summary.etag) } }))
            @if summary.tags > 0 { (row("Tags", html! { (summary.tags) })) }
            @if let Some(retention) = summary.lock.retention { (row("Kept until", html! { (full_text(retention.until)) " (" (retention.mode.name()) ")" })) }
            @if summary.lock.legal_hold == Some(true) { (row("Legal hold", html! { "On" })) }
            @match info {
                Some(info) => {
                    @for (header, value) in &info.headers { (row(header, html! { (name(value)) })) }
                    @for (header, value) in &info.metadata { (row(&["x-amz-meta-", header].concat(), html! { (name(value)) })) }
                    @if let Some(parts) = info.parts { (row("Parts", html! { (parts) })) }
                }
                None => { (row("Type, metadata", html! { span class="help" { "Sealed with the object: its key is needed to read them." } })) }
            }
        }
    }
}

fn protection(
    bucket: &str,
    key: &str,
    version: Option<VersionName>,
    summary: &ObjectSummary,
    may_write: bool,
) -> Markup {
    html! {
        section class="card" aria-labelledby="protection" {
            h2 id="protection" { "Protection" }
            p { (badge::protection(summary.encrypted.mode)) }
            @match summary.encrypted.mode {
                Mode::Customer => {
                    p { "Only the key that it was stored with opens this object. The store does not have it." }
                    div class="js" data-object-key="" data-bucket=(bucket) data-key=(key) data-version=(version.map(|version| version.to_string()).unwrap_or_default()) {
                        div class="ways" {
                            button type="button" data-find-key="" { (icon(Icon::Key)) "Find its key in this tab" }
                            button type="button" class="quiet" data-add-key="" { (icon(Icon::Plus)) "Add a key..." }
                        }
                        div data-found="" aria-live="polite" {}
                    }
                    p class="help" { a href=(address::of_object(bucket, "download", key, version)) data-hard="" { "Give the key in a form" } ", without scripts." }
                }
                Mode::Kms => {
                    p { "A key of the key management service protects it." }
                    @if let Some(kms) = &summary.encrypted.kms { p { code { (name(&kms.key_id)) } } }
                }
                _ => { p { "The store's own keys protect it. Who may read the object needs nothing else." } }
            }
            @let own = summary.encrypted.mode == Mode::Customer;
            div class="ways js" {
                button type="button" data-protect=(if own { "own" } else { "store" }) data-bucket=(bucket) data-key=(key)
                    data-version=(version.map(|version| version.to_string()).unwrap_or_default())
                    data-versions=(summary.version.is_some()) disabled[!may_write]
                    title=[(!may_write).then_some("You may not write here: s3:PutObject")] { "Change protection..." }
            }
        }
    }
}

fn versions_card(
    visitor: &Visitor,
    bucket: &str,
    key: &str,
    versions: &[ListedVersion],
    may_write: bool,
) -> Markup {
    html! {
        section class="card" aria-labelledby="versions" {
            h2 id="versions" { "Versions" }
            div class="table flat" { table {
                caption class="unseen" { "Versions of this object" }
                thead { tr { th scope="col" { "Version" } th scope="col" class="number" { "Size" } th scope="col" { "Changed" } th scope="col" { "Protection" } th scope="col" { span class="unseen" { "Actions" } } } }
                tbody { @for version in versions {
                    @let item = format!("{}:{key}", version.version);
                    tr class=[(!version.is_latest).then_some("old")] {
                        th scope="row" { a href=(address::of_object(bucket, "object", key, Some(version.version))) { (short(version.version)) } @if version.is_latest { span class="version" { "newest" } } }
                        td class="number" data-label="Size" { @if version.is_marker { span class="unknown" { "-" } } @else { (size(version.object.length)) } }
                        td data-label="Changed" { (when(version.object.modified, visitor.received.now)) }
                        td data-label="Protection" { @if version.is_marker { (badge::plain("Delete marker")) } @else { (badge::protection(version.object.mode)) } }
                        td class="row-actions" {
                            form method="post" action=(address::of_bucket(bucket, "objects")) class="inline" {
                                input type="hidden" name="back" value=(address::of_object(bucket, "object", key, None));
                                input type="hidden" name="item" value=(item);
                                @if !version.is_latest && !version.is_marker && version.object.mode != Mode::Customer {
                                    button name="action" value="restore" class="quiet small" disabled[!may_write] { (icon(Icon::Back)) "Restore" }
                                }
                                @if version.is_marker && version.is_latest {
                                    button name="action" value="undelete" class="quiet small" { (icon(Icon::Back)) "Bring back" }
                                } @else {
                                    button name="action" value="delete" class="quiet icon-only" title="Delete for good..." aria-label="Delete for good..." { (icon(Icon::Trash)) }
                                }
                            }
                        }
                    }
                } }
            } }
            @if versions.len() == VERSIONS { p class="help" { "The newest " (VERSIONS) " versions." } }
        }
    }
}

/// Shows the lines that read the object from a terminal. A key is named as a file, never as a value.
fn terminal(
    visitor: &Visitor,
    bucket: &str,
    key: &str,
    version: Option<VersionName>,
    summary: &ObjectSummary,
) -> Markup {
    let Some(endpoint) = visitor.received.app.settings.endpoint.as_deref() else {
        return html! {};
    };
    let quoted = format!("'{}'", key.replace('\'', "'\\''"));
    let version = version
        .map(|version| format!(" --version-id {version}"))
        .unwrap_or_default();
    let with_key = if summary.encrypted.mode == Mode::Customer {
        " --sse-customer-algorithm AES256 --sse-customer-key fileb://customer.key"
    } else {
        ""
    };
    let line = format!(
        "aws s3api get-object --endpoint-url {endpoint} --bucket {bucket} --key {quoted}{version}{with_key} FILE"
    );
    // A line with control characters would not be what it seems.
    let shown = text::plain(&line) == line;
    html! { @if shown { section class="card" { h2 { "From a terminal" } (command(&line)) } } }
}
