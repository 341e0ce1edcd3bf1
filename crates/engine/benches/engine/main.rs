//! Costs of the engine on a local store, as data grows.
//!
//! `cargo bench -p strongroom-engine` runs all measurements in small sizes, in about a minute. Arguments after `--`: any of
//! `listing`, `hidden`, `deleting`, `completing`, `ranges`, `rewrapping`; `full` for the sizes of docs/performance.md, which
//! take a quarter of an hour or more and 8 GB of disk; and a directory on the disk to measure (`./here`, `/mnt/disk`; default:
//! the system's temporary directory).
//!
//! Compared operations are measured in turn, so that other load on the machine slows both. Only the medians and the ratios
//! of pairs are meaningful.
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
    let selected = |name: &str| !named || words.iter().any(|word| word == name);
    if selected("listing") {
        listing::measure(&directory, full).await;
    }
    if selected("hidden") {
        hidden::measure(&directory, full).await;
    }
    if selected("deleting") {
        deleting::measure(&directory, full).await;
    }
    if selected("completing") {
        Box::pin(completing::measure(&directory, full)).await;
    }
    if selected("ranges") {
        ranges::measure(&directory, full).await;
    }
    if selected("rewrapping") {
        Box::pin(rewrapping::measure(&directory, full)).await;
    }
}
