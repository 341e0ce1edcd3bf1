//! The field for a key, and the dialog around it, which scripts fill. A key that is typed here stays in the tab.

use crate::ui::icon::{Icon, icon};
use maud::{Markup, html};

/// Shows the dialog in which a key is added or made. It is on every page, closed.
pub(crate) fn dialog() -> Markup {
    html! {
        dialog id="key-dialog" aria-labelledby="key-title" {
            div class="head" {
                h2 id="key-title" { "Add a key" }
                button type="button" class="quiet icon-only" data-close="" aria-label="Close" title="Close" { (icon(Icon::Cross)) }
            }
            div class="body" {
                div data-step="read" {
                    div class="ways" {
                        label class="button primary file" {
                            (icon(Icon::File)) "Choose file..."
                            input type="file" id="key-files" multiple;
                        }
                        button type="button" data-make="" { (icon(Icon::Plus)) "Make a new key" }
                    }
                    (text_field("key-text", "Or paste or type it"))
                    div id="key-read" class="read" aria-live="polite" {}
                    label for="key-label" { "Label" }
                    input type="text" id="key-label" maxlength="60" autocomplete="off" spellcheck="false";
                    p class="help" { "For your eyes: it stays in this tab, like the key." }
                }
                div data-step="save" hidden {
                    p { "This key was made in this tab and is nowhere else yet." }
                    div id="key-made" class="read" {}
                    p class="strong" { "1. Save it" }
                    div class="ways" {
                        button type="button" class="primary" data-save="raw" { (icon(Icon::Download)) "Download key file" }
                        button type="button" data-save="text" { "Save as text" }
                    }
                    p class="strong" { "2. Prove it" }
                    label class="button file" {
                        (icon(Icon::File)) "Choose the saved file..."
                        input type="file" id="key-proof";
                    }
                    div id="key-proved" aria-live="polite" {}
                    label class="check" {
                        input type="checkbox" id="key-promise";
                        span {
                            "I have stored this key where I will find it. "
                            strong { "If it is lost, nobody can open the objects, not even the operator." }
                        }
                    }
                }
            }
            div class="foot" {
                button type="button" class="primary" id="key-add" disabled { "Add key" }
                button type="button" data-close="" { "Cancel" }
            }
        }
    }
}

/// Shows a text field for a key. It is no password field, because browsers save those, and has no name, so no form sends
/// it.
pub(crate) fn text_field(id: &str, label: &str) -> Markup {
    html! {
        label for=(id) { (label) }
        div class="with-button" {
            input type="text" id=(id) class="masked" maxlength="200" autocomplete="off" autocapitalize="off" autocorrect="off"
                spellcheck="false" translate="no" data-1p-ignore="" data-lpignore="true" data-bwignore=""
                aria-describedby={ (id) "-help" };
            button type="button" class="js" data-reveal=(id) aria-pressed="false" { "Show" }
        }
        p class="help" id={ (id) "-help" } {
            "32 characters, 44 of base64, or 64 hex digits. It stays in this tab; a reload forgets it."
        }
    }
}
