//! Messages on pages: the states that are no result. They look different from each other.

use crate::failure::Failure;
use crate::ui::icon::{Icon, icon};
use maud::{Markup, html};

/// Shows that a request failed: what failed, what it means, and the id to report.
pub(crate) fn failure(failure: &Failure, request: &str) -> Markup {
    let refused = failure.action.is_some();
    html! {
        div class=(if refused { "message warn" } else { "message bad" }) role="alert" {
            (icon(Icon::Warning))
            div {
                p class="strong" { (failure.title) }
                p { (failure.text) }
                p class="help" {
                    @if let Some(action) = failure.action { "Action: " code { (action) } " - " }
                    "Request " code { (request) }
                }
            }
        }
    }
}

/// Shows a remark about what the page shows.
pub(crate) fn note(text: &Markup) -> Markup {
    html! { div class="message note" { (icon(Icon::Note)) div { (text) } } }
}

/// Shows that something was done.
pub(crate) fn done(text: &str) -> Markup {
    html! { div class="message good" role="status" { (icon(Icon::Check)) div { p { (text) } } } }
}

/// Shows a place in which nothing is yet: a heading, a sentence, a button, and a line for a terminal.
pub(crate) fn empty(heading: &str, text: &Markup, more: &Markup) -> Markup {
    html! {
        div class="empty" {
            h2 { (heading) }
            p { (text) }
            (more)
        }
    }
}

/// Shows a line to copy into a terminal.
pub(crate) fn command(line: &str) -> Markup {
    html! {
        div class="command" {
            code { (line) }
            button type="button" class="quiet small js" data-copy=(line) { (icon(Icon::Copy)) "Copy" }
        }
    }
}
