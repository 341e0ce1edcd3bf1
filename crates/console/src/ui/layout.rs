//! The frame of all pages.

use crate::assets;
use crate::ui::icon::{Icon, icon};
use crate::ui::key_dialog;
use crate::visitor::{Theme, Visitor};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use maud::{DOCTYPE, Markup, html};

/// A page that was rendered. [`crate::front`] writes it.
#[derive(Clone)]
pub(crate) struct Rendered(pub(crate) String);

/// Entries of the rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Buckets,
    Keys,
    Account,
}

/// Parts of a page that differ.
pub(crate) struct Page {
    pub(crate) title: String,
    pub(crate) section: Section,
    pub(crate) body: Markup,
}

/// Renders a page for a signed-in person.
pub(crate) fn page(visitor: &Visitor, status: StatusCode, page: &Page) -> Response {
    let inner = html! {
        div class="shell" {
            header class="rail" {
                a class="brand" href="/" { img src=(assets::path("icon.svg")) alt="" width="24" height="24"; span { "Strongroom" } }
                nav class="wide" aria-label="Console" { (entries(page.section)) }
                details class="menu" {
                    summary aria-label="Menu" { (icon(Icon::Menu)) }
                    nav aria-label="Menu" { (entries(page.section)) (foot(visitor)) }
                }
                div class="foot wide" { (foot(visitor)) }
            }
            div class="content" {
                main id="main" tabindex="-1" data-title={ (page.title) " - Strongroom" } data-section=(format!("{:?}", page.section)) {
                    (page.body)
                }
            }
        }
        aside id="transfers" aria-label="Transfers" hidden {}
        (key_dialog::dialog())
        div id="announce" class="unseen" role="status" aria-live="polite" {}
        div id="alarm" class="unseen" role="alert" {}
    };
    respond(status, visitor.received.theme, &page.title, &inner)
}

/// Renders a page for somebody who is not signed in.
pub(crate) fn bare(theme: Theme, status: StatusCode, title: &str, body: &Markup) -> Response {
    let inner = html! {
        main id="main" class="bare" tabindex="-1" { (body) }
        div id="announce" class="unseen" role="status" aria-live="polite" {}
    };
    respond(status, theme, title, &inner)
}

fn respond(status: StatusCode, theme: Theme, title: &str, inner: &Markup) -> Response {
    let theme = match theme {
        Theme::System => None,
        Theme::Light => Some("light"),
        Theme::Dark => Some("dark"),
    };
    let document = html! {
        (DOCTYPE)
        html lang="en" data-theme=[theme] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " - Strongroom" }
                link rel="icon" href=(assets::path("icon.svg"));
                link rel="stylesheet" href=(assets::path("console.css"));
                script type="module" src=(assets::path("console.js")) {}
            }
            body {
                a class="skip" href="#main" { "Skip to content" }
                (inner)
            }
        }
    };
    let mut response = status.into_response();
    response.extensions_mut().insert(Rendered(document.into_string()));
    response
}

fn entries(section: Section) -> Markup {
    let entry = |of: Section, href: &str, shape: Icon, label: &str, more: Markup| {
        html! {
            a href=(href) data-entry=(format!("{of:?}")) aria-current=[(of == section).then_some("page")] {
                (icon(shape)) span { (label) } (more)
            }
        }
    };
    html! {
        (entry(Section::Buckets, "/buckets", Icon::Bucket, "Buckets", html! {}))
        (entry(Section::Keys, "/keys", Icon::Key, "Keys in this tab", html! { span class="count" data-keys="" hidden {} }))
    }
}

fn foot(visitor: &Visitor) -> Markup {
    html! {
        a href="/account" data-entry="Account" class="who" { (icon(Icon::Person)) span { (visitor.name()) } }
        form method="post" action="/theme" data-hard="" class="theme" {
            @let dark = visitor.received.theme == Theme::Dark;
            @let light = visitor.received.theme == Theme::Light;
            button name="theme" value="light" class="quiet small" aria-pressed=(light) { "Light" }
            button name="theme" value="dark" class="quiet small" aria-pressed=(dark) { "Dark" }
            button name="theme" value="system" class="quiet small" aria-pressed=(!dark && !light) { "Auto" }
        }
        form method="post" action="/sign-out" data-hard="" {
            button class="quiet" { (icon(Icon::SignOut)) "Sign out" }
        }
    }
}

/// Shows the heading of a page, with the way to it and its actions.
pub(crate) fn heading(crumbs: &Markup, title: &Markup, actions: &Markup) -> Markup {
    html! {
        div class="heading" {
            div {
                (crumbs)
                h1 tabindex="-1" { (title) }
            }
            div class="actions" { (actions) }
        }
    }
}
