//! Creation of a bucket.

use crate::address;
use crate::failure::Failure;
use crate::operation::{CREATE_BUCKET, PUT_ENCRYPTION, PUT_VERSIONING};
use crate::ui::layout::{Page, Section, heading, page};
use crate::ui::message::failure;
use crate::visitor::{Target, Values, Visitor};
use axum::Form;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::html;
use serde::Deserialize;
use strongroom_engine::BucketOwner;
use strongroom_engine::model::settings::{BlockedEncryption, BucketEncryption, BucketSettings, Versioning};

/// Form of the page.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct NewBucketForm {
    name: String,
    versions: bool,
    block_own_keys: bool,
}

/// Shows the page.
pub(crate) async fn show(visitor: Visitor) -> Response {
    render(&visitor, &NewBucketForm::default(), None)
}

/// Creates the bucket.
pub(crate) async fn submit(visitor: Visitor, Form(form): Form<NewBucketForm>) -> Response {
    match create(&visitor, &form).await {
        Ok(()) => Redirect::to(&address::of_bucket(form.name.trim(), "")).into_response(),
        Err(refused) => render(&visitor, &form, Some(&refused)),
    }
}

async fn create(visitor: &Visitor, form: &NewBucketForm) -> Result<(), Failure> {
    let name = form.name.trim();
    let engine = visitor.permit_without_bucket(&CREATE_BUCKET, Some(name))?;
    let owner = BucketOwner {
        account: visitor.principal.account,
        canonical_id: visitor.principal.canonical_id,
    };
    engine
        .create_bucket_with(name, owner, &BucketSettings::default())
        .await?;
    configure(visitor, form, name).await.map_err(|refused| Failure {
        title: "The bucket was created, but not all of its settings".to_owned(),
        ..refused
    })
}

/// Changes the settings of the new bucket. They take permissions of their own, as on S3, where they are requests of their
/// own.
async fn configure(visitor: &Visitor, form: &NewBucketForm, name: &str) -> Result<(), Failure> {
    if form.versions {
        let engine = visitor
            .permit(&PUT_VERSIONING, Target::bucket(name), Values::new())
            .await?;
        let change = |settings: &mut BucketSettings| Ok(settings.set_versioning(Versioning::Enabled)?);
        engine.change_bucket_settings(name, change).await?;
    }
    if form.block_own_keys {
        let engine = visitor
            .permit(&PUT_ENCRYPTION, Target::bucket(name), Values::new())
            .await?;
        let change = |settings: &mut BucketSettings| {
            let encryption = settings.encryption.get_or_insert_with(BucketEncryption::default);
            encryption.blocked = Some(BlockedEncryption::CustomerKeys);
            Ok(())
        };
        engine.change_bucket_settings(name, change).await?;
    }
    Ok(())
}

fn render(visitor: &Visitor, form: &NewBucketForm, refused: Option<&Failure>) -> Response {
    let body = html! {
        (heading(
            &html! { nav class="crumbs" aria-label="Path" { a href="/buckets" { "Buckets" } " / " } },
            &html! { "Create a bucket" },
            &html! {},
        ))
        @if let Some(refused) = refused { (failure(refused, &visitor.received.id.to_string())) }
        form method="post" action="/buckets/new" class="form" {
            label for="name" { "Name" }
            input id="name" name="name" value=(form.name) required minlength="3" maxlength="63" autocapitalize="off" spellcheck="false"
                autocomplete="off" aria-describedby="name-help";
            p class="help" id="name-help" { "3 to 63 lower-case letters, digits, dots and hyphens. It is part of addresses and cannot be changed." }
            fieldset {
                legend { "Versions" }
                label class="check" {
                    input type="checkbox" name="versions" value="true" checked[form.versions];
                    span { "Keep all versions" span class="help" { "What is replaced or deleted can be brought back. Old versions take space." } }
                }
            }
            fieldset {
                legend { "Protection" }
                p { "Objects are encrypted with the store's key unless their upload says otherwise." }
                label class="check" {
                    input type="checkbox" name="block_own_keys" value="true" checked[form.block_own_keys];
                    span { "Block your own keys " small { "SSE-C" } span class="help" { "Nobody can store an object here that only a key of its owner opens." } }
                }
            }
            div class="form-actions" {
                button class="primary" { "Create bucket" }
                a class="button" href="/buckets" { "Cancel" }
            }
        }
    };
    let status = refused.map_or(StatusCode::OK, |refused| refused.status);
    let title = "Create a bucket".to_owned();
    page(
        visitor,
        status,
        &Page {
            title,
            section: Section::Buckets,
            body,
        },
    )
}
