//! Changes of objects by forms: delete, delete for good, restore.

use crate::address;
use crate::failure::Failure;
use crate::onto_itself::{self, NewProtection};
use crate::operation::DELETE_OBJECT;
use crate::text::{self, name};
use crate::ui::layout::{Page, Section, heading, page};
use crate::ui::message::{done, failure};
use crate::visitor::{Target, Values, Visitor};
use axum::extract::{Path, Request};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use http_body_util::{BodyExt as _, Limited};
use maud::{Markup, html};
use strongroom_engine::encryption::EncryptionHeaders;
use strongroom_engine::model::condition::DeleteConditions;
use strongroom_engine::object::delete::DeleteObject;
use strongroom_engine::{Engine, VersionName};

/// Objects in one form: those of a page, and some that a script adds.
const MAX_ITEMS: usize = 1000;
/// Maximum size of a form: a key has at most 1 KiB, escaped three times as long.
const MAX_FORM: usize = 4 << 20;
/// Word that confirms what cannot be undone.
const CONFIRMATION: &str = "delete";

/// Form of the page.
#[derive(Default)]
struct ObjectsForm {
    action: String,
    back: String,
    /// True if the person has seen what will happen.
    confirmed: bool,
    /// Word that the person typed.
    word: String,
    items: Vec<Item>,
}

/// An object or a version of one.
struct Item {
    key: String,
    version: Option<VersionName>,
}

impl ObjectsForm {
    async fn read(request: Request) -> Result<Self, Failure> {
        let body = Limited::new(request.into_body(), MAX_FORM).collect().await;
        let body = body
            .map_err(|_| Failure::invalid("The form is too long."))?
            .to_bytes();
        let fields: Vec<(String, String)> =
            serde_urlencoded::from_bytes(&body).map_err(|_| Failure::invalid("The form cannot be read."))?;
        let mut form = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "action" => form.action = value,
                "back" => form.back = value,
                "confirmed" => form.confirmed = true,
                "word" => form.word = value,
                "item" => form.items.push(Item::read(&value)?),
                _ => {}
            }
        }
        if form.items.len() > MAX_ITEMS {
            return Err(Failure::invalid("At most 1,000 objects can be changed at once."));
        }
        Ok(form)
    }
}

impl Item {
    /// Reads `VERSION:KEY`, with nothing for the version of the newest one.
    fn read(text: &str) -> Result<Self, Failure> {
        let invalid = || Failure::invalid("An object of the form has no valid name.");
        let (version, key) = text.split_once(':').ok_or_else(invalid)?;
        let version = match version {
            "" => None,
            version => Some(VersionName::read(version).ok_or_else(invalid)?),
        };
        if key.is_empty() {
            return Err(invalid());
        }
        Ok(Self {
            key: key.to_owned(),
            version,
        })
    }

    fn text(&self) -> String {
        let version = self
            .version
            .map(|version| version.to_string())
            .unwrap_or_default();
        format!("{version}:{}", self.key)
    }
}

/// Carries out the form.
pub(crate) async fn submit(
    visitor: Visitor,
    Path(bucket): Path<String>,
    request: Request,
) -> Result<Response, Failure> {
    let form = ObjectsForm::read(request).await?;
    let back = match address::local(&form.back) {
        "/" => address::of_bucket(&bucket, ""),
        back => back.to_owned(),
    };
    if form.items.is_empty() {
        return Ok(Redirect::to(&back).into_response());
    }
    match form.action.as_str() {
        "delete" => {
            let (_, settings) = visitor.received.app.engine.bucket_access(&bucket).await?;
            let for_good =
                settings.versioning.is_none() || form.items.iter().any(|item| item.version.is_some());
            let is_sure = form.confirmed && (!for_good || form.word.trim() == CONFIRMATION);
            if !is_sure {
                return Ok(ask(&visitor, &bucket, &form, &back, for_good));
            }
            let results = delete(&visitor, &bucket, &form.items).await?;
            Ok(outcome(&visitor, &bucket, &back, for_good, &results))
        }
        "undelete" => {
            let failed = delete(&visitor, &bucket, &form.items)
                .await?
                .into_iter()
                .find_map(|(_, failed)| failed);
            failed.map_or_else(|| Ok(Redirect::to(&back).into_response()), Err)
        }
        "restore" => {
            for item in &form.items {
                let source = Target::object(&bucket, &item.key, item.version);
                let protection = NewProtection::by_default();
                onto_itself::copy(&visitor, source, protection, EncryptionHeaders::default).await?;
            }
            Ok(Redirect::to(&back).into_response())
        }
        _ => Err(Failure::invalid("The form has no such action.")),
    }
}

/// Deletes objects and versions. Returns the failure of each that stays.
async fn delete<'a>(
    visitor: &Visitor,
    bucket: &str,
    items: &'a [Item],
) -> Result<Vec<(&'a Item, Option<Failure>)>, Failure> {
    let mut results = Vec::with_capacity(items.len());
    let (mut permitted, mut requests, mut engine) = (Vec::new(), Vec::new(), None::<Engine>);
    for item in items {
        let target = Target::object(bucket, &item.key, item.version);
        match visitor.permit(&DELETE_OBJECT, target, Values::new()).await {
            Ok(with_actor) => {
                engine = Some(with_actor);
                permitted.push(item);
                requests.push(DeleteObject {
                    key: item.key.clone(),
                    version: item.version,
                    conditions: DeleteConditions::default(),
                    bypass_governance: false,
                });
            }
            Err(refused) => results.push((item, Some(refused))),
        }
    }
    if let Some(engine) = engine {
        let outcomes = engine.delete_objects(bucket, &requests).await?;
        let outcomes = outcomes
            .into_iter()
            .map(|outcome| outcome.err().map(Failure::from));
        for (item, failed) in permitted.into_iter().zip(outcomes) {
            if let Some(failed) = &failed {
                visitor.received.record.fail(&item.key, item.version, failed.code);
            }
            results.push((item, failed));
        }
    }
    Ok(results)
}

fn ask(visitor: &Visitor, bucket: &str, form: &ObjectsForm, back: &str, for_good: bool) -> Response {
    let things = text::count(form.items.len(), "object", "objects");
    let title = if for_good {
        format!("Delete {things} for good?")
    } else {
        format!("Delete {things}?")
    };
    let body = html! {
        (heading(&crumbs(bucket), &html! { (title) }, &html! {}))
        @if for_good {
            p class="lead" { strong { "This cannot be undone." } " Nobody can bring back what is deleted here, the operator neither." }
        } @else {
            p class="lead" { "The bucket keeps versions: what you delete now can be brought back under " em { "Versions and deleted" } "." }
        }
        (list(&form.items))
        form method="post" action=(address::of_bucket(bucket, "objects")) class="form" {
            input type="hidden" name="action" value="delete";
            input type="hidden" name="confirmed" value="yes";
            input type="hidden" name="back" value=(back);
            @for item in &form.items { input type="hidden" name="item" value=(item.text()); }
            @if for_good {
                label for="word" { "Type " strong { (CONFIRMATION) } " to confirm" }
                input id="word" name="word" required pattern=(CONFIRMATION) autocomplete="off" autocapitalize="off" spellcheck="false";
                @if form.confirmed { p class="help bad-text" { "Type the word exactly as it is shown." } }
            }
            div class="form-actions" {
                button class="danger solid" { @if for_good { "Delete for good" } @else { "Delete" } }
                a class="button" href=(back) { "Cancel" }
            }
        }
    };
    page(
        visitor,
        StatusCode::OK,
        &Page {
            title: "Delete".to_owned(),
            section: Section::Buckets,
            body,
        },
    )
}

fn outcome(
    visitor: &Visitor,
    bucket: &str,
    back: &str,
    for_good: bool,
    results: &[(&Item, Option<Failure>)],
) -> Response {
    let failed: Vec<_> = results
        .iter()
        .filter_map(|(item, failed)| Some((item, failed.as_ref()?)))
        .collect();
    if failed.is_empty() {
        return Redirect::to(back).into_response();
    }
    let gone = results.len() - failed.len();
    let status = failed.first().map_or(StatusCode::OK, |(_, failed)| failed.status);
    let body = html! {
        (heading(&crumbs(bucket), &html! { (gone) " of " (results.len()) " deleted" }, &html! { a class="button" href=(back) { "Back to the objects" } }))
        @if gone > 0 { (done(if for_good { "The others are deleted for good." } else { "The others are deleted." })) }
        @for (item, refused) in &failed {
            p { (name(&item.key)) }
            (failure(refused, &visitor.received.id.to_string()))
        }
    };
    page(
        visitor,
        status,
        &Page {
            title: "Delete".to_owned(),
            section: Section::Buckets,
            body,
        },
    )
}

fn crumbs(bucket: &str) -> Markup {
    html! { nav class="crumbs" aria-label="Path" { a href="/buckets" { "Buckets" } " / " a href=(address::of_bucket(bucket, "")) { (bucket) } " / " } }
}

fn list(items: &[Item]) -> Markup {
    const SHOWN: usize = 20;
    html! {
        ul class="names" {
            @for item in items.iter().take(SHOWN) {
                li { (name(&item.key)) @if let Some(version) = item.version { " " span class="version" { (version) } } }
            }
            @if items.len() > SHOWN { li { "and " (text::count(items.len() - SHOWN, "more", "more")) } }
        }
    }
}
