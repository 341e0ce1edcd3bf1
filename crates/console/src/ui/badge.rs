//! Badges: a shape and a word, so that no colour says anything alone.

use crate::ui::icon::{Icon, icon};
use maud::{Markup, html};
use strongroom_engine::Mode;

/// Shows the protection of an object: in words for people, with the term of S3 as the tooltip.
pub(crate) fn protection(mode: Mode) -> Markup {
    let (class, shape, words, term) = match mode {
        Mode::Customer => ("badge own", Icon::Key, "Your own key", "SSE-C"),
        Mode::Kms => ("badge named", Icon::Square, "Named key", "SSE-KMS"),
        _ => ("badge store", Icon::Ring, "Store's key", "SSE-S3"),
    };
    html! { span class=(class) title=(term) { (icon(shape)) (words) } }
}

/// Shows a state that needs attention.
pub(crate) fn warning(words: &str) -> Markup {
    html! { span class="badge warn" { (icon(Icon::Warning)) (words) } }
}

/// Shows a state.
pub(crate) fn plain(words: &str) -> Markup {
    html! { span class="badge" { (words) } }
}
