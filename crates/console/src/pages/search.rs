//! Search for objects whose names contain a text. It looks at each name, so it goes step by step and says how far it is.

use crate::address;
use crate::failure::Failure;
use crate::operation::LIST_OBJECTS;
use crate::pages::rows::{BrowseQuery, Row, row};
use crate::text::{count, grouped, name};
use crate::ui::layout::{Page, Section, heading, page};
use crate::ui::message::empty;
use crate::ui::path::crumbs;
use crate::visitor::{Target, Visitor};
use axum::extract::{Path, Query};
use axum::response::Response;
use http::StatusCode;
use maud::html;
use serde::Deserialize;
use std::time::{Duration, Instant};
use strongroom_access::policy::key as policy;
use strongroom_engine::Engine;
use strongroom_engine::object::list::{ListObjects, ListedObject};
use strongroom_engine::object::walk::{Entry, Scope};

/// Objects that a page shows.
const ROWS: usize = 100;
/// Names that are looked at in one step, and read from the index at a time.
const STEP: u64 = 100_000;
const AT_ONCE: usize = 1000;
/// Longest time of a step.
const LIMIT: Duration = Duration::from_secs(5);

/// Query of the page.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct SearchQuery {
    prefix: String,
    contains: String,
    after: String,
    /// Names that earlier steps looked at.
    searched: u64,
}

/// Outcome of a step.
struct Step {
    found: Vec<ListedObject>,
    searched: u64,
    /// Name to go on after. `None`: all were looked at.
    next: Option<String>,
}

/// Shows the page.
pub(crate) async fn show(
    visitor: Visitor,
    Path(bucket): Path<String>,
    Query(query): Query<SearchQuery>,
) -> Result<Response, Failure> {
    let values = vec![
        (policy::PREFIX, query.prefix.clone()),
        (policy::MAX_KEYS, AT_ONCE.to_string()),
    ];
    let engine = visitor
        .permit(&LIST_OBJECTS, Target::bucket(&bucket), values)
        .await?;
    let step = search(&engine, &bucket, &query).await?;
    let searched = query.searched + step.searched;
    let next = step.next.as_ref().map(|after| {
        address::with_query(
            &address::of_bucket(&bucket, "search"),
            &[
                ("prefix", &query.prefix),
                ("contains", &query.contains),
                ("after", after),
                ("searched", &searched.to_string()),
            ],
        )
    });
    let back = address::of_prefix(&bucket, &query.prefix);
    let browse = BrowseQuery::of_prefix(&query.prefix);
    let body = html! {
        (heading(
            &crumbs(&bucket, &query.prefix),
            &html! { "Names that contain " (name(&query.contains)) },
            &html! { a class="button" href=(back) { "Back to the objects" } },
        ))
        p class="lead" role="status" {
            (grouped(searched)) " names searched so far. "
            @if next.is_none() { "That is all of them." }
        }
        @if step.found.is_empty() {
            (empty("Nothing found", &html! { "No name in this part contains the text." }, &html! {}))
        } @else {
            div class="table" { table {
                caption class="unseen" { "Objects" }
                thead { tr {
                    th scope="col" { "Name" } th scope="col" class="number" { "Size" } th scope="col" { "Changed" } th scope="col" { "Protection" }
                    th scope="col" { span class="unseen" { "Actions" } }
                } }
                tbody { @for object in step.found { (row(&visitor, &bucket, &browse, &Row::current(object), false)) } }
            } }
        }
        div class="pager" {
            span { (count(usize::try_from(searched).unwrap_or(usize::MAX), "name", "names")) }
            span class="grow" {}
            @if let Some(next) = next { a class="button small" href=(next) { "Go on" } }
        }
    };
    let title = "Search".to_owned();
    Ok(page(
        &visitor,
        StatusCode::OK,
        &Page {
            title,
            section: Section::Buckets,
            body,
        },
    ))
}

async fn search(engine: &Engine, bucket: &str, query: &SearchQuery) -> Result<Step, Failure> {
    let began = Instant::now();
    let mut step = Step {
        found: Vec::new(),
        searched: 0,
        next: None,
    };
    let mut after = query.after.clone();
    loop {
        let page = ListObjects {
            scope: Scope {
                prefix: query.prefix.clone(),
                delimiter: None,
            },
            after,
            limit: AT_ONCE,
        };
        let listing = engine.list_objects(bucket, &page).await?;
        let mut last = None;
        for entry in listing.entries {
            let Entry::Item(object) = entry else { continue };
            step.searched += 1;
            last = Some(object.key.clone());
            if object.key.contains(&query.contains) {
                step.found.push(object);
                if step.found.len() == ROWS {
                    step.next = last;
                    return Ok(step);
                }
            }
        }
        let Some(last) = last.filter(|_| listing.truncated) else {
            return Ok(step);
        };
        if step.searched >= STEP || began.elapsed() >= LIMIT {
            step.next = Some(last);
            return Ok(step);
        }
        after = last;
    }
}
