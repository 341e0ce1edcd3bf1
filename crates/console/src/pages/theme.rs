//! The theme of the pages.

use crate::cookie;
use crate::visitor::Theme;
use axum::Form;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::SET_COOKIE;
use serde::Deserialize;

/// Form of the buttons in the rail.
#[derive(Deserialize)]
pub(crate) struct ThemeForm {
    theme: String,
}

/// Sets the theme.
pub(crate) async fn set(Form(form): Form<ThemeForm>) -> Response {
    let theme = match form.theme.as_str() {
        "light" => Theme::Light,
        "dark" => Theme::Dark,
        _ => Theme::System,
    };
    let mut response = Redirect::to("/").into_response();
    if let Some(cookie) = cookie::with_theme(theme) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
