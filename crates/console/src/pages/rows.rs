//! The rows of objects in tables, and the query of the page that has them.

use crate::address;
use crate::text::{self, name, size, when};
use crate::ui::badge;
use crate::ui::icon::{Icon, icon};
use crate::ui::path::last_step;
use crate::visitor::Visitor;
use maud::{Markup, html};
use serde::Deserialize;
use strongroom_engine::object::list::{ListedObject, ListedVersion};
use strongroom_engine::object::walk::Scope;
use strongroom_engine::{Mode, VersionName};

/// Query of the page.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct BrowseQuery {
    pub(crate) prefix: String,
    /// Only names that begin with this after the prefix.
    pub(crate) q: String,
    pub(crate) after: String,
    pub(crate) after_version: String,
    /// `versions`: all versions and delete markers.
    pub(crate) show: String,
}

impl BrowseQuery {
    /// Returns the query of the objects under a prefix.
    pub(crate) fn of_prefix(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            ..Self::default()
        }
    }

    pub(crate) fn shows_versions(&self) -> bool {
        self.show == "versions"
    }

    pub(crate) fn scope(&self) -> Scope {
        Scope {
            prefix: [self.prefix.as_str(), &self.q].concat(),
            delimiter: Some("/".to_owned()),
        }
    }

    pub(crate) fn address(&self, bucket: &str) -> String {
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

    pub(crate) fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
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
    pub(crate) object: ListedObject,
    /// `None`: the table shows no versions.
    pub(crate) version: Option<ListedVersion>,
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

pub(crate) fn folder(bucket: &str, query: &BrowseQuery, prefix: &str) -> Markup {
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
