//! The keys of the tab. The page has nothing about them: scripts fill it from the memory of the tab.

use crate::ui::icon::{Icon, icon};
use crate::ui::layout::{Page, Section, heading, page};
use crate::ui::message::note;
use crate::visitor::Visitor;
use axum::response::Response;
use http::StatusCode;
use maud::html;

/// Shows the page.
pub(crate) async fn show(visitor: Visitor) -> Response {
    let body = html! {
        (heading(
            &html! {},
            &html! { "Keys in this tab" },
            &html! { button type="button" class="primary js" data-add-key="" { (icon(Icon::Plus)) "Add a key" } },
        ))
        p class="lead" {
            "Your own keys, for objects that only you can open " small { "SSE-C" } ". They are in the memory of this tab and nowhere else: "
            "the server uses one for the request that needs it and forgets it. A reload or a closed tab forgets them all."
        }
        noscript { (note(&html! { p { "Without scripts no key is kept. Give the key in the form of each download." } })) }
        div class="js" data-chest="" aria-live="polite" {}
        section class="card" {
            h2 { "If a key is lost" }
            p {
                "Nobody can recover it, and we cannot either. Look for other versions of the object, which may have other keys, for the file "
                "that was saved when the key was made, and for the person who stored the object. Only then delete it for good."
            }
        }
    };
    let title = "Keys in this tab".to_owned();
    page(
        &visitor,
        StatusCode::OK,
        &Page {
            title,
            section: Section::Keys,
            body,
        },
    )
}
