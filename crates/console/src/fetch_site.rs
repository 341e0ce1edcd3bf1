//! Cross-site requests: what another page may make a browser ask of the console.
//!
//! A cookie does not know ports, so the cookie of a session is also sent with requests that pages of the S3 endpoint cause:
//! these have another origin on the same site. `Sec-Fetch-Site` tells them apart. (Fetch Metadata Request Headers, W3C.)

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, Method};

#[cfg(test)]
mod tests;

/// Treatment of a request, by where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// A page of the console, or the person at the browser, made the request.
    Admitted,
    /// A link of another site leads to a page. The browser may have kept the cookie back, so it has to ask again by
    /// itself.
    AskAgain,
    /// Another page caused the request.
    Refused,
}

/// Decides about a request. `reveals`: its response is read by a script.
pub(crate) fn admit(method: &Method, headers: &HeaderMap, reveals: bool) -> Admission {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let reads = *method == Method::GET || *method == Method::HEAD;
    let admitted = match text("sec-fetch-site") {
        Some("same-origin") => true,
        // Typed, from a bookmark, or a download that goes on: nobody else can cause it.
        Some("none") => reads && !reveals,
        Some(_) if reads && !reveals && is_navigation(&text) => return Admission::AskAgain,
        Some(_) => false,
        // Browsers before 2023, and programs. They do not send the header, but browsers send `Origin` with everything that
        // is not a read.
        None => match text(ORIGIN.as_str()) {
            Some(origin) => Some(origin) == own_origin(headers).as_deref(),
            None => reads && !reveals,
        },
    };
    if admitted {
        Admission::Admitted
    } else {
        Admission::Refused
    }
}

/// Returns whether the response becomes the page of a tab, not a part of another page.
fn is_navigation<'a>(text: &impl Fn(&str) -> Option<&'a str>) -> bool {
    text("sec-fetch-mode") == Some("navigate") && text("sec-fetch-dest") == Some("document")
}

fn own_origin(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(HOST)?.to_str().ok()?;
    Some(format!("https://{host}"))
}
