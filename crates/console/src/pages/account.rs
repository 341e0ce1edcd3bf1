//! The person's own sessions.

use crate::failure::Failure;
use crate::text::{full_text, plain, when};
use crate::ui::layout::{Page, Section, heading, page};
use crate::visitor::Visitor;
use axum::Form;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use strongroom_identity::console_sessions::TokenDigest;
use strongroom_identity::model::console_session::Proof;
use strongroom_identity::principal::PrincipalKind;

/// Digits of a session's digest that name it on the page.
const NAME: usize = 16;

/// Form of the buttons.
#[derive(Deserialize)]
pub(crate) struct EndForm {
    /// Beginning of the digest of a session, or `others`.
    session: String,
}

/// Shows the page.
pub(crate) async fn show(visitor: Visitor) -> Response {
    let now = visitor.received.now;
    let sessions = visitor.received.app.sessions.of_caller(&visitor.session, now);
    let way = match &visitor.session.proof {
        Proof::AccessKey(id) => html! { "access key " code { (id) } },
        Proof::Password { .. } => html! { "password" },
    };
    let kind = match &visitor.principal.kind {
        PrincipalKind::Root => "root user",
        PrincipalKind::User(_) => "user",
        PrincipalKind::Role(_) => "role",
    };
    let body = html! {
        (heading(&html! {}, &html! { "Your account" }, &html! {}))
        section class="card" {
            h2 { "You" }
            dl {
                div { dt { "Name" } dd { (visitor.name()) " (" (kind) ")" } }
                div { dt { "Account" } dd { (visitor.principal.account_name) " " code { (visitor.principal.account) } } }
                div { dt { "ARN" } dd { code { (visitor.arn()) } } }
                div { dt { "Signed in by" } dd { (way) ", " (full_text(visitor.session.began)) } }
            }
        }
        section class="card" aria-labelledby="sessions" {
            h2 id="sessions" { "Sessions" }
            div class="table flat" { table {
                caption class="unseen" { "Your sessions" }
                thead { tr { th scope="col" { "Program" } th scope="col" { "Address" } th scope="col" { "Begun" } th scope="col" { "Last used" } th scope="col" { span class="unseen" { "Actions" } } } }
                tbody { @for (digest, live) in &sessions { tr {
                    th scope="row" { (plain(&program(&live.session.agent))) @if *digest == visitor.digest { span class="version" { "this one" } } }
                    td data-label="Address" { (live.session.address) }
                    td data-label="Begun" { (when(live.session.began, now)) }
                    td data-label="Last used" { (when(live.used, now)) }
                    td class="row-actions" { @if *digest != visitor.digest { (end(&name_of(digest), "Sign out")) } }
                } } }
            } }
            @if sessions.len() > 1 { div class="form-actions" { (end("others", "Sign out everywhere else")) } }
        }
    };
    let title = "Your account".to_owned();
    page(
        &visitor,
        StatusCode::OK,
        &Page {
            title,
            section: Section::Account,
            body,
        },
    )
}

/// Ends other sessions of the person.
pub(crate) async fn end_sessions(visitor: Visitor, Form(form): Form<EndForm>) -> Result<Response, Failure> {
    let sessions = visitor
        .received
        .app
        .sessions
        .of_caller(&visitor.session, visitor.received.now);
    let others = sessions
        .iter()
        .map(|(digest, _)| *digest)
        .filter(|digest| *digest != visitor.digest);
    let ended: Vec<TokenDigest> = others
        .filter(|digest| form.session == "others" || form.session == name_of(digest))
        .collect();
    visitor.received.app.sessions.end(&ended).await;
    Ok(Redirect::to("/account").into_response())
}

fn end(session: &str, label: &str) -> Markup {
    html! {
        form method="post" action="/account/sessions" class="inline" {
            input type="hidden" name="session" value=(session);
            button class="small" { (label) }
        }
    }
}

fn name_of(digest: &TokenDigest) -> String {
    let mut name = hex::encode(digest);
    name.truncate(NAME);
    name
}

/// Returns the name of a program, and its system, of what it says about itself.
fn program(agent: &str) -> String {
    let known = ["Edg/", "OPR/", "Firefox/", "Chrome/", "Safari/", "curl/"];
    let program = known
        .into_iter()
        .find(|name| agent.contains(name))
        .map(|name| match name {
            "Edg/" => "Edge",
            "OPR/" => "Opera",
            name => name.trim_end_matches('/'),
        });
    let systems = ["Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"];
    let system = systems.into_iter().find(|name| agent.contains(name));
    match (program, system) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(program), None) => program.to_owned(),
        (None, _) if agent.is_empty() => "Unknown".to_owned(),
        (None, _) => agent.chars().take(40).collect(),
    }
}
