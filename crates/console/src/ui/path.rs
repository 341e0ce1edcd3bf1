//! The way to objects: a bucket, and the steps of a prefix.

use crate::address;
use crate::text::name;
use maud::{Markup, html};

/// Shows the way to a prefix, each step a link.
pub(crate) fn crumbs(bucket: &str, prefix: &str) -> Markup {
    let steps = prefix.match_indices('/').map(|(at, _)| &prefix[..=at]);
    let steps: Vec<&str> = steps.collect();
    let above = steps.len().saturating_sub(1);
    html! {
        nav class="crumbs" aria-label="Path" {
            a href="/buckets" { "Buckets" } " / "
            @if !prefix.is_empty() { a href=(address::of_bucket(bucket, "")) { (bucket) } " / " }
            @for step in steps.iter().take(above) {
                a href=(address::of_prefix(bucket, step)) { (name(last_step(step))) } " / "
            }
        }
    }
}

/// Returns the last step of a prefix: `2026/` of `reports/2026/`.
pub(crate) fn last_step(prefix: &str) -> &str {
    let before = prefix.strip_suffix('/').unwrap_or(prefix);
    let start = before.rfind('/').map_or(0, |at| at + 1);
    &prefix[start..]
}
