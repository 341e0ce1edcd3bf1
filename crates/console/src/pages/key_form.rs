//! The page of an object that needs a key of its owner, with a field for the key. It works without scripts.

use crate::address;
use crate::text::{name, size};
use crate::ui::icon::{Icon, icon};
use crate::ui::layout::{Page, Section, page};
use crate::visitor::Visitor;
use axum::response::Response;
use http::StatusCode;
use maud::html;
use strongroom_engine::VersionName;
use strongroom_engine::object::summary::ObjectSummary;

/// Object that a page is about.
pub(crate) struct Wanted<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
    pub(crate) version: Option<VersionName>,
}

/// Reason why the page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// No key was given.
    Missing,
    /// The key that was given does not open the object.
    Wrong,
    /// The file or text is not a key.
    Unreadable,
}

/// Shows the page: with status 400 if no key was given, as the S3 endpoint answers, and 403 after a wrong one.
pub(crate) fn show(
    visitor: &Visitor,
    wanted: &Wanted<'_>,
    summary: &ObjectSummary,
    asked: Asked,
) -> Response {
    let object = address::of_object(wanted.bucket, "object", wanted.key, wanted.version);
    let status = match asked {
        Asked::Missing | Asked::Unreadable => StatusCode::BAD_REQUEST,
        Asked::Wrong => StatusCode::FORBIDDEN,
    };
    let body = html! {
        div class="heading" { div {
            nav class="crumbs" aria-label="Path" {
                a href="/buckets" { "Buckets" } " / " a href=(address::of_bucket(wanted.bucket, "")) { (wanted.bucket) } " / " a href=(object) { (name(wanted.key)) }
            }
            h1 tabindex="-1" { "This object is protected with its owner's key" }
        } }
        p class="lead" { (name(wanted.key)) " - " (size(summary.length)) }
        p { "The store does not have the key. Give the one that the object was stored with; it is used for this download and forgotten." }
        @if asked != Asked::Missing {
            div class="message bad" role="alert" {
                (icon(Icon::Warning))
                div { @if asked == Asked::Wrong {
                    p class="strong" { "This key does not open the object" }
                    p { "It was stored with another key. Each version may have a key of its own. Without its key nobody can open it, the operator neither." }
                } @else {
                    p class="strong" { "This is not a key" }
                    p { "A key is 32 bytes or characters, 44 characters of base64, or 64 hex digits." }
                } }
            }
        }
        form method="post" action=(address::of_bucket(wanted.bucket, "download")) enctype="multipart/form-data" class="form" data-hard="" data-key-form="" autocomplete="off" {
            input type="hidden" name="key" value=(wanted.key);
            input type="hidden" name="version" value=(wanted.version.map(|version| version.to_string()).unwrap_or_default());
            label for="key-file" { "Key file" }
            input type="file" id="key-file" name="key-file";
            label for="key-field" { "Or the key itself" }
            div class="with-button" {
                input type="text" id="key-field" name="key-text" class="masked" maxlength="200" autocomplete="off" autocapitalize="off"
                    spellcheck="false" translate="no" data-1p-ignore="" data-lpignore="true" data-bwignore="" aria-describedby="key-field-help";
                button type="button" class="js" data-reveal="key-field" aria-pressed="false" { "Show" }
            }
            p class="help" id="key-field-help" { "32 characters, 44 of base64, or 64 hex digits." }
            div class="form-actions" { button class="primary" { (icon(Icon::Download)) "Download" } }
        }
    };
    let title = "Key needed".to_owned();
    page(
        visitor,
        status,
        &Page {
            title,
            section: Section::Buckets,
            body,
        },
    )
}
