//! How the engine's costs grow, or do not, on a local store.
//!
//! `cargo bench -p strongroom-engine` measures all there is in small sizes, in about a minute. Behind `--` may come:
//! which of `listing`, `hidden`, `deleting`, `completing`, `ranges`, `rewrapping`; `full` for the sizes of docs/performance.md, which
//! take a quarter of an hour or more and 8 GB of disk; and a directory on the disk to be measured (`./here`, `/mnt/disk`),
//! else it is the system's temporary one.
//!
//! What is compared is measured in turn, so that a machine with other work to do slows both; what counts are the
//! medians, and the ratios of pairs.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program for the terminal"
)]

mod completing;
mod deleting;
mod figures;
mod hidden;
mod listing;
mod place;
mod ranges;
mod rewrapping;

use std::path::PathBuf;

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let (places, words): (Vec<_>, Vec<_>) = words.into_iter().partition(|word| word.contains('/'));
    let directory = places
        .into_iter()
        .next()
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let full = words.iter().any(|word| word == "full");
    let named = words.iter().any(|word| word != "full");
    let requested = |name: &str| !named || words.iter().any(|word| word == name);
    if requested("listing") {
        listing::measure(&directory, full).await;
    }
    if requested("hidden") {
        hidden::measure(&directory, full).await;
    }
    if requested("deleting") {
        deleting::measure(&directory, full).await;
    }
    if requested("completing") {
        completing::measure(&directory, full).await;
    }
    if requested("ranges") {
        ranges::measure(&directory, full).await;
    }
    if requested("rewrapping") {
        rewrapping::measure(&directory, full).await;
    }
}
