//! Signing in and out.

use crate::address;
use crate::assets;
use crate::cookie;
use crate::failure::Failure;
use crate::sessions::Token;
use crate::signing_in::{Credentials, Outcome, sign_in};
use crate::ui::icon::{Icon, icon};
use crate::ui::layout::bare;
use crate::visitor::{Received, Visitor};
use axum::Form;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::SET_COOKIE;
use http::{HeaderValue, StatusCode};
use maud::{Markup, html};
use serde::Deserialize;
use zeroize::Zeroizing;

/// Query of the page.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct SignInQuery {
    next: String,
    by: String,
}

/// Form of the page. Both ways to sign in have it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct SignInForm {
    by: String,
    next: String,
    id: String,
    secret: Zeroizing<String>,
    account: String,
    user: String,
    password: Zeroizing<String>,
    new: Option<Zeroizing<String>>,
}

/// Shows the page.
pub(crate) async fn show(
    received: Received,
    visitor: Option<Visitor>,
    Query(query): Query<SignInQuery>,
) -> Response {
    if visitor.is_some() {
        return Redirect::to(address::local(&query.next)).into_response();
    }
    let form = SignInForm {
        by: query.by,
        next: query.next,
        ..SignInForm::default()
    };
    page(&received, StatusCode::OK, &form, None)
}

/// Signs in.
pub(crate) async fn submit(
    received: Received,
    Form(mut form): Form<SignInForm>,
) -> Result<Response, Failure> {
    let credentials = if form.by == "password" {
        Credentials::Password {
            account: form.account.trim().to_owned(),
            user: form.user.trim().to_owned(),
            password: std::mem::take(&mut form.password),
            new: form.new.take(),
        }
    } else {
        Credentials::AccessKey {
            id: form.id.trim().to_owned(),
            secret: Zeroizing::new(form.secret.trim().to_owned()),
        }
    };
    let refused = |status, text: &str| Ok(page(&received, status, &form, Some(text)));
    match sign_in(&received, credentials).await? {
        Outcome::Begun(token) => Ok(begun(&token, &form.next)),
        Outcome::Wrong => refused(StatusCode::FORBIDDEN, wrong(&form.by)),
        Outcome::Unfit(why) => Ok(new_password(&received, &form, Some(&why))),
        Outcome::NewPassword => Ok(new_password(&received, &form, None)),
        Outcome::Wait(wait) => {
            let seconds = wait.as_secs() + 1;
            let text = format!("Too many attempts. Wait {seconds} seconds and try again.");
            let mut response = page(&received, StatusCode::TOO_MANY_REQUESTS, &form, Some(&text));
            response
                .headers_mut()
                .insert("retry-after", HeaderValue::from(seconds));
            Ok(response)
        }
    }
}

/// Leads on after a sign-in, if the cookie came back.
pub(crate) async fn arrive(
    received: Received,
    visitor: Option<Visitor>,
    Query(query): Query<SignInQuery>,
) -> Response {
    if visitor.is_some() {
        return Redirect::to(address::local(&query.next)).into_response();
    }
    let form = SignInForm {
        next: query.next,
        ..SignInForm::default()
    };
    let text = "You were signed in, but your browser did not send the session back. Allow cookies for this site, and use \
                its https address.";
    page(&received, StatusCode::UNAUTHORIZED, &form, Some(text))
}

/// Signs out.
pub(crate) async fn sign_out(received: Received, visitor: Option<Visitor>) -> Response {
    if let Some(visitor) = visitor {
        received.app.sessions.end(&[visitor.digest]).await;
    }
    let mut response = Redirect::to("/sign-in").into_response();
    let headers = response.headers_mut();
    headers.append(SET_COOKIE, cookie::end());
    headers.insert("clear-site-data", HeaderValue::from_static("\"storage\""));
    response
}

fn begun(token: &Token, next: &str) -> Response {
    let next = address::with_query("/signed-in", &[("next", address::local(next))]);
    let mut response = Redirect::to(&next).into_response();
    if let Some(cookie) = cookie::begin(token) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

fn wrong(by: &str) -> &'static str {
    if by == "password" {
        "Account, user and password do not belong together, or the user has no password."
    } else {
        "Access key and secret do not belong together, or the key is not active."
    }
}

fn page(received: &Received, status: StatusCode, form: &SignInForm, error: Option<&str>) -> Response {
    let by_password = form.by == "password";
    let body = frame(&html! {
        h1 tabindex="-1" { "Sign in" }
        nav class="tabs" aria-label="Ways to sign in" {
            a href=(way("key", &form.next)) aria-current=[(!by_password).then_some("page")] { "Access key" }
            a href=(way("password", &form.next)) aria-current=[by_password.then_some("page")] { "User and password" }
        }
        (alert(error))
        form method="post" action="/sign-in" data-hard="" {
            input type="hidden" name="next" value=(form.next);
            @if by_password {
                input type="hidden" name="by" value="password";
                label for="account" { "Account" }
                input id="account" name="account" value=(form.account) required autocomplete="organization" autocapitalize="off"
                    spellcheck="false" aria-describedby="account-help";
                p class="help" id="account-help" { "Its number, alias or name." }
                label for="user" { "User" }
                input id="user" name="user" value=(form.user) required autocomplete="username" autocapitalize="off" spellcheck="false";
                label for="password" { "Password" }
                input id="password" name="password" type="password" required autocomplete="current-password";
            } @else {
                label for="id" { "Access key ID" }
                input id="id" name="id" value=(form.id) required autocomplete="username" autocapitalize="off" spellcheck="false";
                label for="secret" { "Secret access key" }
                input id="secret" name="secret" type="password" required autocomplete="current-password";
            }
            div class="form-actions" { button class="primary" { "Sign in" } }
        }
    });
    bare(received.theme, status, "Sign in", &body)
}

fn new_password(received: &Received, form: &SignInForm, error: Option<&str>) -> Response {
    let body = frame(&html! {
        h1 tabindex="-1" { "Set a new password" }
        p { "The password of " strong { (form.user) } " was set by somebody else. Choose one that only you know." }
        (alert(error))
        form method="post" action="/sign-in" data-hard="" {
            input type="hidden" name="next" value=(form.next);
            input type="hidden" name="by" value="password";
            input type="hidden" name="account" value=(form.account);
            input type="hidden" name="user" value=(form.user);
            label for="password" { "Current password" }
            input id="password" name="password" type="password" required autocomplete="current-password";
            label for="new" { "New password" }
            input id="new" name="new" type="password" required minlength="8" maxlength="128" autocomplete="new-password"
                aria-describedby="new-help";
            p class="help" id="new-help" { "At least 8 characters." }
            div class="form-actions" { button class="primary" { "Set and sign in" } }
        }
    });
    let status = if error.is_some() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    bare(received.theme, status, "Set a new password", &body)
}

fn frame(inner: &Markup) -> Markup {
    html! {
        div class="sign-in" {
            p class="brand" { img src=(assets::path("icon.svg")) alt="" width="32" height="32"; span { "Strongroom" } }
            div class="card" { (inner) }
        }
    }
}

fn alert(error: Option<&str>) -> Markup {
    html! {
        @if let Some(error) = error {
            div class="message bad" role="alert" { (icon(Icon::Warning)) div { p { (error) } } }
        }
    }
}

fn way(by: &str, next: &str) -> String {
    address::with_query("/sign-in", &[("by", by), ("next", next)])
}
